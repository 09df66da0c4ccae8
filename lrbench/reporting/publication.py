"""A folder for a static host: the finished pages of a working directory, what they link to, previews and checksums.

Only finished pages are taken, made from the results that are there. A page goes as it is, but for its links: those to
results lead into the folder, those to pages that are not in it become plain text, and its head names a picture. The
same results give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest
from lrbench.identity.regular_files import refuse_special
from lrbench.reporting.index.lines import A_STUDY, Line, read_lines
from lrbench.reporting.index.page import render_index
from lrbench.tables.names import ANALYSIS_INDEX, STUDY_INDEX

INDEX = "index.html"
PREVIEWS = "previews"
PREVIEW_SIZE = (1200, 630)  # pixels, what sites that preview links ask for
PREVIEW_MARGIN = 30
LINK = re.compile(r'<a\b([^>]*?)\bhref="(?!#|data:)([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
FIGURE = re.compile(r'<section id="([^"]*)"[^>]*>\s*<figure')
OWN_FILE = r"(?:\.\./results/{name}|{name}/figures)/[\w.-]+"  # what a page links to beside other pages
MADE_FROM = re.compile(r'<meta name="lrbench:made-from" content="([0-9a-f]{64})">')


@dataclass(frozen=True)
class Publication:
    """What goes into the folder.

    contents : bytes by path in the folder
    files : files to copy, by path in the folder
    pages : names of the experiments and studies
    left_out : by name, why it is not there
    """

    contents: Mapping[str, bytes]
    files: Mapping[str, Path]
    pages: Sequence[str]
    left_out: Mapping[str, str]


def publication(
    results: Path, reports: Path, names: Sequence[str], templates: Mapping[str, str], address: str | None
) -> Publication:
    """What is published of the experiments and studies of these names.

    Parameters
    ----------
    results, reports : folders of the working directory
    templates : as for `lrbench.reporting.page.render`
    address : where the folder will be, which makes links of previews whole; None where that is not known

    Raises
    ------
    InputError
        Where nothing is finished, or a file that a page links to is missing.
    """
    lines = read_lines(results, reports, names)
    left_out = {line.name: problem for line in lines if (problem := _problem(line, results, reports))}
    taken = [line for line in lines if line.name not in left_out]
    if not taken:
        told = "; ".join(f"{name}: {problem}" for name, problem in left_out.items()) or "there are no results here"
        raise InputError(f"nothing is finished that could be published ({told.rstrip('.')}); run lrbench run first.")
    base = None if address is None else address.rstrip("/")
    contents = {INDEX: _with_previews(render_index(taken, templates), INDEX, "", base).encode()}
    files: dict[str, Path] = {}
    for line in taken:
        text = (reports / line.page).read_text(encoding="utf-8")
        page, linked = _relinked(text, line.name, {one.page for one in taken})
        sealed = f"../results/{line.name}/{_index_of(line)}"  # whose digest the page is cited by
        files |= {link.removeprefix("../"): reports / link for link in (*linked, sealed)}
        preview = ""
        if shown := FIGURE.search(text):
            preview = f"{PREVIEWS}/{line.name}.png"
            contents[preview] = _preview(reports / line.name / "figures" / f"{shown[1]}.png")
        contents[line.page] = _with_previews(page, line.page, preview, base).encode()
    for file in files.values():
        refuse_special(file)
        if not file.is_file():
            raise InputError(f"{file}: is not there, but a page links to it; run snakemake again.")
    return Publication(contents, files, [line.name for line in taken], left_out)


def _index_of(line: Line) -> str:
    """The file that seals what a page shows."""
    return STUDY_INDEX if line.kind == A_STUDY else ANALYSIS_INDEX


def _problem(line: Line, results: Path, reports: Path) -> str:
    """Why a page is not published; empty where it is finished, and made from the results that are there."""
    if line.problem:
        return line.problem
    text = (reports / line.page).read_text(encoding="utf-8", errors="replace")
    made_from = MADE_FROM.search(text)
    if made_from is None or made_from[1] != file_digest(results / line.name / _index_of(line)):
        return "Its page was not made from the results that are there; run snakemake on its config."
    return ""


def _relinked(page: str, name: str, pages: Collection[str]) -> tuple[str, list[str]]:
    """A page with its links as they are in the folder, and those that lead to files, as they were.

    A link to a page that is not among `pages` becomes plain text.
    """
    own = re.compile(OWN_FILE.format(name=re.escape(name)))
    linked = dict[str, None]()

    def link(found: re.Match[str]) -> str:
        before, target, after, text = found.groups()
        if own.fullmatch(target):
            linked[target] = None
        elif target not in pages:
            return f"<span>{text}</span>"
        return f'<a{before}href="{target.removeprefix("../")}"{after}>{text}</a>'

    return LINK.sub(link, page), list(linked)


def _with_previews(page: str, name: str, picture: str, base: str | None) -> str:
    """A page whose head says where it is, if that is known, and which picture shows it; `picture` is empty for none."""
    lines = []
    if base is not None:
        place = escape(f"{base}/{'' if name == INDEX else name}")
        lines += [f'<link rel="canonical" href="{place}">', f'<meta property="og:url" content="{place}">']
    if picture:
        width, height = PREVIEW_SIZE
        lines += [
            f'<meta property="og:image" content="{escape(picture if base is None else f"{base}/{picture}")}">',
            f'<meta property="og:image:width" content="{width}">',
            f'<meta property="og:image:height" content="{height}">',
        ]
    return page.replace("</title>\n", "\n".join(["</title>", *lines, ""]), 1)


def _preview(figure: Path) -> bytes:
    """A figure as a picture of the size that previews have: as large as fits, on white."""
    from PIL import Image

    refuse_special(figure)
    try:
        with Image.open(figure) as opened:
            shown = opened.convert("RGB")
    except OSError as error:
        raise InputError(f"{figure}: cannot be read as a picture; run snakemake again.") from error
    width, height = (size - 2 * PREVIEW_MARGIN for size in PREVIEW_SIZE)
    factor = min(width / shown.width, height / shown.height)
    shown = shown.resize((round(shown.width * factor), round(shown.height * factor)), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", PREVIEW_SIZE, "white")
    canvas.paste(shown, ((PREVIEW_SIZE[0] - shown.width) // 2, (PREVIEW_SIZE[1] - shown.height) // 2))
    written = io.BytesIO()
    canvas.save(written, format="PNG", optimize=True)
    return written.getvalue()
