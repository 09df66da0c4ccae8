"""The subcommands that the workflow's rules call: one a stage.

Each takes the digest of its code before it imports that code, and again before it writes (see `lrbench.stages`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from lrbench.errors import WorkError
from lrbench.stages import FIGURES, SECTIONS, STAGES
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
    runs = train_block(settings, learning_rate, seeds, data, expected, RunStore(store))
    write_sealed(output, {"learning_rate": learning_rate, "runs": runs})


def backpropagate(settings: Json, plan: Json, dataset: Path, data: str, output: Path, code: Json | None) -> None:
    """Work one step of training through."""
    own = STAGES["backpropagate"].begin(code)
    from lrbench.data.sources import data_digest, read_dataset
    from lrbench.identity.provenance import read_sealed, write_sealed
    from lrbench.probes.backpropagation.measurement import work_through
    from lrbench.workspace.surroundings import check_address_space

    check_address_space()
    digest = read_sealed(dataset, {"digest": str})["digest"]
    parts = read_dataset(data, settings.get("data_options"))
    if data_digest(parts) != digest:
        raise WorkError(f"{data}: has changed since its manifest was written; run snakemake again.")
    worked = work_through(settings, plan, parts, digest)
    own.check()
    write_sealed(output, worked)
    print(f"loss {worked['loss']:.6g}, length of the gradient {worked['gradient_norm']:.6g}")


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


def figures(
    settings: Json,
    plan: Json,
    analysis: Json,
    tables: Path,
    dataset: Path,
    analysed: Path,
    backpropagation: Path,
    output: Path,
    code: Json | None,
) -> None:
    """Draw the figures of a report."""
    own = STAGES["figures"].begin(code)
    from lrbench.reporting.figure_files import draw_figures

    measured = _measured(settings, plan, analysis, tables, dataset, analysed, backpropagation)
    figures = [figure for package in FIGURES for figure in import_module(package).figures()]
    draw_figures(measured, figures, output, own.check)


def report(
    settings: Json,
    plan: Json,
    analysis: Json,
    tables: Path,
    dataset: Path,
    analysed: Path,
    backpropagation: Path,
    experiment: Json,
    figures: Path,
    templates: Path,
    output: Path,
    code: Json | None,
) -> None:
    """Write the report."""
    own = STAGES["report"].begin(code)
    from lrbench.identity.provenance import write_text
    from lrbench.reporting.inputs import read_conclusions
    from lrbench.reporting.page import render
    from lrbench.reporting.templates import read_templates

    pages = read_templates(templates, None if code is None else code.get("templates"))
    measured = _measured(settings, plan, analysis, tables, dataset, analysed, backpropagation)
    sections = [import_module(name).section(measured) for name in SECTIONS]
    page = render(measured, read_conclusions(analysed), sections, experiment, figures, pages)
    own.check()
    write_text(output, page)
    print(f"{output}: {len(page.encode()) / 1000:.0f} kB")


def _with_data(expect: Json, dataset: Path) -> dict[str, Any]:
    """What runs are to come from: code, versions, and the digest of the data in a data set's manifest."""
    from lrbench.identity.provenance import read_sealed

    return {**expect, "data": read_sealed(dataset, {"digest": str})["digest"]}


def _measured(
    settings: Json, plan: Json, analysis: Json, tables: Path, dataset: Path, analysed: Path, backpropagation: Path
) -> Any:
    from lrbench.reporting.inputs import read_measured
    from lrbench.tables.experiment import read_manifest, read_tables

    read = read_tables(tables, settings, plan)
    return read_measured(read, analysed, analysis, read_manifest(dataset, read), backpropagation)


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
