"""The page as it is printed, by a real browser: as wide and high as the paper, light, with nothing hidden or cut."""

from __future__ import annotations

import io

import pytest
from support.browser import open_all

from lrbench.probes.mistakes.counts import HARDEST
from lrbench.reporting.figures import figures as report_figures
from lrbench.stages import figure_ids


def test_nothing_is_wider_than_a_printed_page(opened):
    page = opened(width=680)
    page.emulate_media(media="print")
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 680


@pytest.mark.parametrize("spacer", [0, 150, 400])
@pytest.mark.parametrize(
    ("paper", "size"),
    [({"prefer_css_page_size": True}, (595, 842)), ({"width": "8.5in", "height": "11in"}, (612, 792))],
    ids=["A4", "Letter"],
)
def test_the_print_has_the_size_of_the_paper_and_cuts_no_figure(opened, paper, size, spacer):
    pypdf = pytest.importorskip("pypdf")
    page = opened(color_scheme="dark")
    page.add_style_tag(content=f".figures>section::before{{content:'';display:block;height:{spacer}px}}")
    printed = page.pdf(tagged=True, print_background=True, **paper)
    reader = pypdf.PdfReader(io.BytesIO(printed))
    assert [float(side) for side in reader.pages[0].mediabox[2:]] == pytest.approx(size, abs=1)
    figures = figure_pages(reader)
    expected = len(figure_ids()) + 2 + HARDEST  # and the example's picture, the path, and the examples most often wrong
    assert [len(pages) for pages in figures] == [1] * expected


def figure_pages(reader):
    """For each figure of a tagged PDF, the pages that hold some of it."""
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}
    found = []

    def pages(node, inherited=None):
        node = node.get_object()
        if isinstance(node, int):
            return {inherited}
        if isinstance(node, list):
            return set().union(*(pages(part, inherited) for part in node))
        own = numbers[node.raw_get("/Pg").idnum] if "/Pg" in node else inherited
        return pages(node["/K"], own) if "/K" in node else {own} if node.get("/Type") == "/MCR" else set()

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for part in node:
                walk(part)
        elif not isinstance(node, int):
            kind = node.get("/S")
            if kind == "/Figure" and isinstance(node.get("/K"), list | int | dict):
                found.append(pages(node) - {None})
                return
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return [pages for pages in found if pages]


def test_the_print_is_light_and_shows_what_is_open(opened):
    page = opened(color_scheme="dark", java_script_enabled=False)
    page.locator("#accuracy summary").click()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("#accuracy details table").is_visible()
    assert not page.locator("#loss details").is_visible()
    assert not page.get_by_text("Open a card").is_visible()
    assert page.locator("details.group > summary").first.is_visible()  # how many observations there are behind it
    assert page.locator("h1").evaluate("part => getComputedStyle(part).color") == "rgb(28, 36, 48)"


def test_everything_is_printed_on_request(opened):
    page = opened()
    page.locator("#print-whole").check()
    page.emulate_media(media="print")
    assert page.locator("#loss details table").is_visible()
    assert page.locator("details:visible").count() == page.locator("details").count()


@pytest.mark.parametrize("name", ["three", "eight"])
def test_the_short_print_has_answer_verdicts_figures_and_claims_on_six_pages_at_most(opened, name):
    pypdf = pytest.importorskip("pypdf")
    page = opened(name)
    open_all(page)
    page.locator("#print-short").check()
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    page.emulate_media(media="print")
    shown = page.locator("main > :is(section, div):visible").evaluate_all("parts => parts.map(part => part.id)")
    assert shown == ["answer", "figures", "verdicts", "more-figures", "claims"]
    assert page.locator("main > div > section:visible").count() == len(report_figures())
    assert len(printed.pages) <= 6
