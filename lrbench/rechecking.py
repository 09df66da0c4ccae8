"""All that an experiment's page rests on, computed again from the stored runs and compared with what is on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lrbench.errors import InputError, WorkError
from lrbench.tables.names import ANALYSIS, STUDY, TABLES
from lrbench.training_words import carried_over


def recheck(asked: Mapping[str, Any], tables: Path, store: Path, templates: Path) -> str:
    """Compute an experiment's tables, conclusions and page again; a sentence that says they are the same.

    Nothing on disk is changed: what is computed goes to a temporary folder, which is removed.

    Parameters
    ----------
    asked : settings and paths of the experiment, as `lrbench.settings.arguments.Page` has them
    tables : tables.json; the tables stand beside it
    store : folder of the run store
    templates : folder of the page's templates

    Raises
    ------
    InputError
        Where a file is missing, damaged or changed since its index or its seal was written.
    WorkError
        Where a file is what its index says, but is not what comes out now; names all such files of a stage.
    """
    with tempfile.TemporaryDirectory(prefix="lrbench-verify-") as folder:
        again = Path(folder)
        _compare(_aggregated(asked, tables, store, again), "the stored runs")
        _compare(_analysed(asked, tables, again), "the tables")
        _compare(_contrasted(asked, tables, again), "the tables of both experiments")
        _compare(_searched(asked, tables, store, again), "the stored runs")
    _compare_page(asked, tables, templates)
    name = asked["experiment"]["name"]
    return (
        f"what the page of {name} rests on came out the same: tables, conclusions and page byte for byte, and its "
        "figures are as they were drawn."
    )


def _aggregated(asked: Mapping[str, Any], tables: Path, store: Path, again: Path) -> dict[Path, Path]:
    """The tables put together again: where the new file is, by the one on disk."""
    from lrbench.learning.aggregation import aggregate
    from lrbench.learning.store import RunStore
    from lrbench.settings.experiment import block_files
    from lrbench.tables.experiment import read_tables, write_tables

    expected = read_tables(tables, asked["settings"], asked["plan"]).origin["expected"]
    blocks = block_files(asked["blocks"], asked["plan"], asked["seeds_per_job"])
    made, origin = aggregate(asked["settings"], asked["plan"], expected, blocks, RunStore(store))
    write_tables(made, {name: again / file for name, file in TABLES.items()}, origin, again / tables.name)
    return {tables.with_name(file): again / file for file in (*TABLES.values(), tables.name)}


def _analysed(asked: Mapping[str, Any], tables: Path, again: Path) -> dict[Path, Path]:
    """What analysis concludes from the tables now: where the new file is, by the one on disk."""
    from lrbench.analysis.pipeline import analyse
    from lrbench.findings.conclusions import write_analysis
    from lrbench.tables.experiment import read_manifest, read_tables

    found = read_tables(tables, asked["settings"], asked["plan"])
    analysis = analyse(found, read_manifest(Path(asked["dataset"]), found), asked["analysis"])
    index = Path(asked["analysed"])
    files = {name: again / file for name, file in ANALYSIS.items()}
    write_analysis(analysis, asked["analysis"], found.digest, files, again / index.name)
    return {index.with_name(file): again / file for file in (*ANALYSIS.values(), index.name)}


def _contrasted(asked: Mapping[str, Any], tables: Path, again: Path) -> dict[Path, Path]:
    """What sets carried-over weights against fresh ones now; nothing where weights are fresh."""
    from lrbench.findings.contrast import contrast_of
    from lrbench.settings.carried_over import COMPANION
    from lrbench.tables.contrast import contrast_file, write_contrast

    if not carried_over(asked["settings"]):
        return {}
    name = asked["experiment"]["name"] + COMPANION
    fresh = tables.parent.with_name(name) / tables.name
    settings, plan, analysis = (asked[key] for key in ("settings", "plan", "analysis"))
    made = again / contrast_file(tables).name
    write_contrast(made, contrast_of(tables, fresh, settings, plan, Path(asked["dataset"]), analysis, name))
    return {contrast_file(tables): made}


def _rounds(asked: Mapping[str, Any], tables: Path) -> list[dict[str, Any]]:
    """What was decided after each round of a search; nothing where rates are listed."""
    from lrbench.tables.search import read_rounds

    settings, analysis = asked["settings"], asked["analysis"]
    return read_rounds(tables.parent, settings, analysis) if "search" in analysis else []


def _searched(asked: Mapping[str, Any], tables: Path, store: Path, again: Path) -> dict[Path, Path]:
    """What is decided after each round of a search now: where the new file is, by the one on disk."""
    from lrbench.deciding import decided_round
    from lrbench.tables.experiment import read_manifest, read_tables
    from lrbench.tables.search import round_file, write_round

    made = {}
    for found in _rounds(asked, tables):
        read = read_tables(tables, asked["settings"], asked["plan"])
        number, before = found["round"], Path(round_file(tables.parent, found["round"] - 1))
        content = decided_round(
            asked["settings"],
            asked["analysis"],
            read.origin["expected"],
            number,
            before if number > 1 else None,
            read_manifest(Path(asked["dataset"]), read),
            store,
            Path(asked["blocks"]),
            asked["seeds_per_job"],
        )
        made[Path(round_file(tables.parent, number))] = again / f"round-{number}.json"
        write_round(again / f"round-{number}.json", content)
    return made


def _compare(files: Mapping[Path, Path], origin: str) -> None:
    """Raise WorkError where files on disk have other bytes than those computed from an origin now."""
    from lrbench.identity.provenance import file_digest

    def found(path: Path) -> str | None:
        try:
            return file_digest(path)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); run snakemake again.") from error

    _refuse((path for path, again in files.items() if found(path) != file_digest(again)), origin)


def _compare_page(asked: Mapping[str, Any], tables: Path, templates: Path) -> None:
    """Raise WorkError where the page is not what its figures, tables and conclusions give now."""
    from lrbench.registry import by_probe, probe_files, section_templates, sections
    from lrbench.reporting.inputs import read_conclusions, read_measured
    from lrbench.reporting.page import render
    from lrbench.reporting.templates import read_templates
    from lrbench.tables.contrast import contrast_file, read_contrast
    from lrbench.tables.experiment import read_manifest, read_tables
    from lrbench.tables.fit import fit_file, read_fit

    found = read_tables(tables, asked["settings"], asked["plan"])
    manifest = read_manifest(Path(asked["dataset"]), found)
    analysed, probes = Path(asked["analysed"]), by_probe(map(Path, asked["probes"]))
    measured = read_measured(found, analysed, asked["analysis"], manifest, probe_files(probes))
    conclusions, pages = read_conclusions(analysed), read_templates(templates, section_templates(probes))
    fit = fit_file(tables)
    checked = read_fit(fit, found.origin["runs"]) if fit.exists() else None
    figures = Path(asked["figures"])
    against = None
    if carried_over(asked["settings"]):
        against = read_contrast(contrast_file(tables), found.digest, asked["analysis"])
    rounds = _rounds(asked, tables)
    page = render(
        measured, conclusions, sections(measured), asked["experiment"], figures, pages, checked, against, rounds
    )
    _compare_text(Path(asked["page"]), page)


def recheck_study(asked: Mapping[str, Any], templates: Path) -> str:
    """Compare a study's variants again and write its page again; a sentence that says they are the same.

    asked : as `lrbench.settings.arguments.StudyPage` has it; raises as `recheck` does
    """
    from lrbench.reporting.study.inputs import read_comparison
    from lrbench.reporting.study.page import render_study
    from lrbench.reporting.templates import read_templates
    from lrbench.studies.comparison import compare_variants
    from lrbench.studies.conclusions import write_study
    from lrbench.studies.variants import analyses_of, read_variants

    study, index = asked["study"], Path(asked["compared"])
    tables, analysed = (list(map(Path, asked[name])) for name in ("tables", "analysed"))
    with tempfile.TemporaryDirectory(prefix="lrbench-verify-") as folder:
        again = Path(folder)
        compared = compare_variants(read_variants(study, tables, analysed), study["axis"])
        made = {"analyses": analyses_of(analysed), "study": study}
        write_study(compared, made, {name: again / file for name, file in STUDY.items()}, again / index.name)
        files = {index.with_name(file): again / file for file in (*STUDY.values(), index.name)}
        _compare(files, "the analyses of the variants")
    page = render_study(
        read_comparison(index, study), asked["config"], Path(asked["figures"]), read_templates(templates, {})
    )
    _compare_text(Path(asked["page"]), page)
    return f"the page of the study {study['name']} and what it rests on came out the same, byte for byte."


def _compare_text(path: Path, page: str) -> None:
    """Raise WorkError where a page on disk is another."""
    try:
        same = path.read_bytes() == page.encode()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); make it with snakemake.") from error
    _refuse([] if same else [path], "the figures, tables and conclusions")


def _refuse(paths: Iterable[Path], origin: str) -> None:
    named = [str(path) for path in paths]
    if named:
        one = len(named) == 1
        raise WorkError(
            f"{', '.join(named)}: {'differs' if one else 'differ'} from what comes out of {origin} now; "
            f"delete {'it' if one else 'them'} and run snakemake again."
        )
