"""The subcommands that the workflow's rules call: one a stage.

Each takes the digest of its code before it imports that code, and again before it writes (see `lrbench.stages`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrbench.errors import WorkError
from lrbench.identity.code import Code
from lrbench.registry import PROBES, by_probe, measure, probe_figures, probe_files, section_templates, sections
from lrbench.stages import STAGES, with_probes
from lrbench.tables.names import ANALYSIS, ANALYSIS_INDEX, TABLES, TABLES_INDEX

Json = Mapping[str, Any]


def dataset(data: str, split: Json, output: Path, code: Json | None) -> None:
    """Check a data set and record its digest."""
    own = STAGES["dataset"].begin(code)
    from lrbench.data.manifest import dataset_manifest
    from lrbench.identity.provenance import write_sealed
    from lrbench.sentences import printable

    manifest = dataset_manifest(data, split)
    own.check()
    write_sealed(output, manifest)
    parts = ", ".join(f"{part['examples']} {name}" for name, part in manifest["parts"].items())
    print(printable(f"{data}: {parts} examples"))


def train(
    settings: Json,
    expect: Json,
    learning_rate: float,
    seeds: Sequence[int],
    dataset: Path,
    data: str,
    store: Path,
    output: Path,
    model: str | None,
) -> None:
    """Train one block of seeds at one learning rate."""
    from lrbench.identity.provenance import write_sealed
    from lrbench.learning.jobs import train_block
    from lrbench.learning.store import RunStore
    from lrbench.workspace.surroundings import check_address_space

    check_address_space()
    expected = _with_data(expect, dataset)
    store.mkdir(parents=True, exist_ok=True)  # rather now than after training
    _register(store)
    runs = train_block(settings, learning_rate, seeds, data, expected, RunStore(store), model)
    write_sealed(output, {"learning_rate": learning_rate, "runs": runs})


def probe(name: str, settings: Json, plan: Json, dataset: Path, data: str, output: Path, code: Json | None) -> None:
    """Measure what a probe measures."""
    own = STAGES[PROBES[name].command].begin(code)
    from lrbench.identity.provenance import read_sealed
    from lrbench.workspace.surroundings import check_address_space

    check_address_space()  # measuring loads TensorFlow
    _measure(name, settings, plan, (), read_sealed(dataset, {"digest": str})["digest"], data, output, own)


def probe_that_trains(
    name: str,
    settings: Json,
    plan: Json,
    options: Json,
    model: str | None,
    dataset: Path,
    data: str,
    output: Path,
    code: Json | None,
) -> None:
    """Measure what a probe measures of trainings of its own."""
    own = STAGES[PROBES[name].command].begin(code)
    from lrbench.identity.provenance import read_sealed
    from lrbench.tables.probes import Training
    from lrbench.workspace.surroundings import check_address_space

    check_address_space()
    digest = read_sealed(dataset, {"digest": str})["digest"]
    _measure(name, settings, plan, (Training(options, model),), digest, data, output, own)


def probe_of_results(
    name: str,
    settings: Json,
    plan: Json,
    tables: Path,
    analysis: Json,
    analysed: Path,
    store: Path,
    dataset: Path,
    data: str,
    output: Path,
    code: Json | None,
) -> None:
    """Measure what a probe measures of the runs that analysis recommends."""
    own = STAGES[PROBES[name].command].begin(code)
    from lrbench.identity.provenance import read_json
    from lrbench.tables.conclusions import RECOMMENDATION, files_of_analysis
    from lrbench.tables.experiment import read_manifest, read_tables
    from lrbench.tables.probes import Results

    read = read_tables(tables, settings, plan)
    files = files_of_analysis(analysed, ("recommendation",), analysis, read.digest)
    results = Results(read_json(files["recommendation"], RECOMMENDATION)["chosen"], read.origin["runs"], store)
    _measure(name, settings, plan, (results,), read_manifest(dataset, read)["digest"], data, output, own)


def _measure(
    name: str, settings: Json, plan: Json, more: Sequence[Any], digest: str, data: str, output: Path, own: Code
) -> None:
    """Have a probe measure a data set of this digest, and write what it measured.

    more : what the probe is given beside: of analysis where it follows that, of training where it trains
    own : the code of the stage
    """
    from lrbench.data.sources import data_digest, read_dataset

    parts = read_dataset(data, settings.get("data_options"))
    if data_digest(parts) != digest:
        raise WorkError(f"{data}: has changed since its manifest was written; run snakemake again.")
    content = measure(name, settings, plan, parts, *more)
    own.check()
    probe_files({name: output})[name].write(content, digest, plan, settings)
    print(f"{output}: {output.stat().st_size / 1000:.0f} kB")


def aggregate(
    settings: Json,
    plan: Json,
    expect: Json,
    dataset: Path,
    store: Path,
    blocks: Path,
    seeds_per_job: int,
    output: Path,
    code: Json | None,
) -> None:
    """Put the runs of an experiment into tables."""
    own = STAGES["aggregate"].begin(code)
    from lrbench.learning.aggregation import aggregate
    from lrbench.learning.store import RunStore
    from lrbench.settings.experiment import block_files
    from lrbench.tables.experiment import write_tables

    files = block_files(blocks, plan, seeds_per_job)
    tables, origin = aggregate(settings, plan, _with_data(expect, dataset), files, RunStore(store))
    own.check()
    write_tables(tables, {name: output / file for name, file in TABLES.items()}, origin, output / TABLES_INDEX)
    print(f"{len(origin['runs'])} runs")


def analyse(
    settings: Json, plan: Json, analysis: Json, tables: Path, dataset: Path, output: Path, code: Json | None
) -> None:
    """Measure and compare runs and rates, and recommend one."""
    own = STAGES["analyse"].begin(code)
    from lrbench.analysis.pipeline import analyse
    from lrbench.findings.conclusions import write_analysis
    from lrbench.tables.experiment import read_manifest, read_tables

    read = read_tables(tables, settings, plan)
    found = analyse(read, read_manifest(dataset, read), analysis)
    own.check()
    files = {name: output / file for name, file in ANALYSIS.items()}
    print(write_analysis(found, analysis, read.digest, files, output / ANALYSIS_INDEX))


def contrast(
    settings: Json,
    plan: Json,
    analysis: Json,
    tables: Path,
    dataset: Path,
    fresh: Path,
    name: str,
    output: Path,
    code: Json | None,
) -> None:
    """Set an experiment whose weights are carried over against the same one with fresh weights."""
    own = STAGES["contrast"].begin(code)
    from lrbench.findings.contrast import contrast_of
    from lrbench.tables.contrast import write_contrast

    found = contrast_of(tables, fresh, settings, plan, dataset, analysis, name)
    own.check()
    write_contrast(output, found)
    print(" ".join(found["statements"]))


def figures(
    settings: Json,
    plan: Json,
    analysis: Json,
    tables: Path,
    dataset: Path,
    analysed: Path,
    probes: Sequence[Path],
    output: Path,
    code: Json | None,
) -> None:
    """Draw the figures of a report."""
    named = by_probe(probes)
    own = with_probes("figures", named).begin(code)
    from lrbench.reporting import figures as report_figures
    from lrbench.reporting.figure_files import draw_figures

    measured = _measured(settings, plan, analysis, tables, dataset, analysed, named)
    draw_figures(measured, [*report_figures.figures(), *probe_figures(named)], output, own.check)


def report(
    settings: Json,
    plan: Json,
    analysis: Json,
    tables: Path,
    dataset: Path,
    analysed: Path,
    probes: Sequence[Path],
    experiment: Json,
    fit: Sequence[Path],
    contrast: Sequence[Path],
    search: Sequence[Path],
    figures: Path,
    templates: Path,
    output: Path,
    code: Json | None,
) -> None:
    """Write the report."""
    named = by_probe(probes)
    own = with_probes("report", named).begin(code)
    from lrbench.identity.provenance import write_text
    from lrbench.reporting.inputs import read_conclusions
    from lrbench.reporting.page import render
    from lrbench.reporting.templates import read_templates
    from lrbench.tables.contrast import read_contrast
    from lrbench.tables.fit import read_fit
    from lrbench.tables.search import read_round

    pages = read_templates(templates, section_templates(named), None if code is None else code.get("templates"))
    measured = _measured(settings, plan, analysis, tables, dataset, analysed, named)
    checked = read_fit(fit[0], measured.tables.origin["runs"]) if fit else None
    against = read_contrast(contrast[0], measured.tables.digest, analysis) if contrast else None
    conclusions = read_conclusions(analysed)
    rounds = [read_round(path, settings, analysis) for path in search]
    page = render(measured, conclusions, sections(measured), experiment, figures, pages, checked, against, rounds)
    own.check()
    write_text(output, page)
    print(f"{output}: {len(page.encode()) / 1000:.0f} kB")


def _with_data(expect: Json, dataset: Path) -> dict[str, Any]:
    """What runs are to come from: code, versions, and the digest of the data in a data set's manifest."""
    from lrbench.identity.provenance import read_sealed

    return {**expect, "data": read_sealed(dataset, {"digest": str})["digest"]}


def _measured(
    settings: Json,
    plan: Json,
    analysis: Json,
    tables: Path,
    dataset: Path,
    analysed: Path,
    probes: Mapping[str, Path],
) -> Any:
    from lrbench.reporting.inputs import read_measured
    from lrbench.tables.experiment import read_manifest, read_tables

    read = read_tables(tables, settings, plan)
    return read_measured(read, analysed, analysis, read_manifest(dataset, read), probe_files(probes))


def _register(store: Path) -> None:
    """Record in a store that this folder uses it. A store that cannot be written may hold all runs that are needed."""
    from lrbench.workspace.sharing import register

    try:
        register(store, ".")
    except OSError as error:
        print(
            f"{store}: cannot record that this folder uses it ({error.strerror}), so who prunes it cannot know.",
            flush=True,
        )
