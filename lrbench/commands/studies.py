"""The subcommands of rules about several experiments: comparing a study's variants, its page, the index page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrbench.stages import STAGES
from lrbench.tables.names import STUDY, STUDY_INDEX

Json = Mapping[str, Any]


def compare(study: Json, tables: Sequence[Path], analysed: Sequence[Path], output: Path, code: Json | None) -> None:
    """Compare the variants of a study."""
    own = STAGES["compare"].begin(code)
    from lrbench.studies.comparison import compare_variants
    from lrbench.studies.conclusions import write_study
    from lrbench.studies.variants import analyses_of, read_variants

    compared = compare_variants(read_variants(study, tables, analysed), study["axis"])
    own.check()
    files = {name: output / file for name, file in STUDY.items()}
    made = {"analyses": analyses_of(analysed), "study": study}
    print(write_study(compared, made, files, output / STUDY_INDEX))


def study(
    study: Json, compared: Path, config: str, figures: Path, templates: Path, output: Path, code: Json | None
) -> None:
    """Draw the figures of a study and write its page."""
    own = STAGES["study"].begin(code)
    from lrbench.identity.provenance import write_text
    from lrbench.reporting.figure_files import draw_figures
    from lrbench.reporting.study.figures import figures as study_figures
    from lrbench.reporting.study.inputs import read_comparison
    from lrbench.reporting.study.page import render_study
    from lrbench.reporting.templates import read_templates

    pages = read_templates(templates, {}, None if code is None else code.get("templates"))
    read = read_comparison(compared, study)
    draw_figures(read, study_figures(), figures, own.check)
    page = render_study(read, config, figures, pages)
    own.check()
    write_text(output, page)
    print(f"{output}: {len(page.encode()) / 1000:.0f} kB")


def index(names: Sequence[str], results: Path, reports: Path, templates: Path, output: Path, code: Json | None) -> None:
    """Write the index page of a working directory."""
    own = STAGES["index"].begin(code)
    from lrbench.identity.provenance import write_text
    from lrbench.reporting.index.lines import read_lines
    from lrbench.reporting.index.page import render_index
    from lrbench.reporting.templates import read_templates

    pages = read_templates(templates, {}, None if code is None else code.get("templates"))
    lines = read_lines(results, reports, names)
    page = render_index(lines, pages)
    own.check()
    write_text(output, page)
    print(f"{output}: {len(lines)} lines")
