"""What each subcommand of `lrbench` does with its arguments: read, have a wing work, write.

Nothing is decided here. Each imports what it needs when it runs.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrbench.errors import InputError
from lrbench.settings.arguments import SCHEMA

PROJECT = Path(__file__).parent.parent
DEFAULT_CORES = "3"  # as in the Makefile


def check(options: Namespace) -> None:
    """Check config files and their data's headers, and say what they ask for."""
    from lrbench.sentences import printable
    from lrbench.settings.experiment import read_experiments
    from lrbench.workspace.launch import refuse_other_configs
    from lrbench.workspace.making import located
    from lrbench.workspace.surroundings import check_surroundings

    if not options.report:
        check_surroundings(".")
    files = [located(file) for file in options.config]
    experiments = read_experiments(files, SCHEMA, folders=(".", PROJECT))
    if options.report:
        for name in experiments:
            print(printable(str(Path("reports").absolute() / f"{name}.html")))
        return
    refuse_other_configs(".", {name: experiment.config_path for name, experiment in experiments.items()})
    from lrbench.learning.outline import check_outline

    for experiment in experiments.values():
        check_outline(experiment.dataset_path, experiment.split_settings)
    for name, experiment in experiments.items():
        rates, seeds = len(experiment.learning_rates), len(experiment.seeds)
        print(
            f"{name}: {rates} learning rates x {seeds} seeds x {experiment.epochs} epochs on "
            f"{printable(experiment.dataset_name)}"
        )


def make(options: Namespace) -> int:
    """Check config files, run snakemake on them, and say where their reports are; snakemake's exit status."""
    from lrbench.workspace.making import config_files, located, run, snakemake_command

    named = [*options.config, *(config_files(options.configs) if options.configs is not None else [])]
    if not named:
        raise InputError("no config file is given; name one, such as config/config.yaml.")
    files = [located(file) for file in named]
    check(Namespace(config=files, report=False))
    flags = {
        "--cores": options.cores or (None if options.workflow_profile else DEFAULT_CORES),
        "--workflow-profile": options.workflow_profile,
        "--slurm-status-command": options.slurm_status_command,
    }
    given = [f"{flag}={value}" for flag, value in flags.items() if value is not None]
    status = 0
    if options.unlock:
        status = run(snakemake_command(files, [*given, "--unlock", "--quiet=all"]))
    status = status or run(snakemake_command(files, given))
    if status == 0:
        print("The report: " if len(files) == 1 else "The reports: ", end="")
        check(Namespace(config=files, report=True))
    return status


def dataset(options: Namespace) -> None:
    """Check a data set and record its digest."""
    from lrbench.data.manifest import dataset_manifest
    from lrbench.identity.provenance import write_sealed
    from lrbench.sentences import printable

    manifest = dataset_manifest(options.data, options.split)
    write_sealed(options.output, manifest)
    parts = ", ".join(f"{part['examples']} {name}" for name, part in manifest["parts"].items())
    print(printable(f"{options.data}: {parts} examples"))


def train(options: Namespace) -> None:
    """Train one block of seeds at one learning rate."""
    from lrbench.identity.provenance import write_sealed
    from lrbench.learning.jobs import train_block
    from lrbench.learning.store import RunStore
    from lrbench.workspace.surroundings import check_address_space

    check_address_space()
    expected = _expected(options)
    options.store.mkdir(parents=True, exist_ok=True)  # rather now than after training
    _register(options.store)
    runs = train_block(
        options.settings,
        options.learning_rate,
        options.seeds,
        options.data,
        expected,
        RunStore(options.store),
    )
    write_sealed(options.output, {"learning_rate": options.learning_rate, "runs": runs})


def backpropagate(options: Namespace) -> None:
    """Work one step of training through."""
    from lrbench.identity.provenance import read_sealed, write_sealed
    from lrbench.probes.backpropagation.measurement import work_through
    from lrbench.workspace.surroundings import check_address_space

    check_address_space()
    digest = read_sealed(options.dataset, {"digest": str})["digest"]
    worked = work_through(options.settings, options.plan, options.data, digest)
    write_sealed(options.output, worked)
    print(f"loss {worked['loss']:.6g}, length of the gradient {worked['gradient_norm']:.6g}")


def aggregate(options: Namespace) -> None:
    """Put the runs of an experiment into tables."""
    from lrbench.learning.aggregation import aggregate
    from lrbench.learning.store import RunStore
    from lrbench.settings.experiment import block_files
    from lrbench.tables.experiment import write_tables

    blocks = block_files(options.blocks, options.plan, options.seeds_per_job)
    tables, origin = aggregate(options.settings, options.plan, _expected(options), blocks, RunStore(options.store))
    files = {name: getattr(options, name) for name in ("epochs", "evaluations", "steps")}
    write_tables(tables, files, origin, options.tables)
    print(f"{len(origin['runs'])} runs")


def analyse(options: Namespace) -> None:
    """Measure and compare runs and rates, and recommend one."""
    from lrbench.findings.pipeline import analyse
    from lrbench.findings.writing import write_analysis
    from lrbench.tables.experiment import read_manifest, read_tables
    from lrbench.tables.names import ANALYSIS_TABLES, CONCLUSIONS

    tables = read_tables(options.tables, options.settings, options.plan)
    analysis = analyse(tables, read_manifest(options.dataset, tables), options.analysis)
    files = {name: getattr(options, name) for name in (*ANALYSIS_TABLES, *CONCLUSIONS)}
    write_analysis(analysis, options.analysis, tables.digest, files, options.analysed)
    print(analysis.recommendation["statement"])


def figures(options: Namespace) -> None:
    """Draw the figures of a report."""
    from lrbench.reporting.figures import draw_figures

    draw_figures(_measured(options), options.output)


def report(options: Namespace) -> None:
    """Write the report."""
    from lrbench.identity.provenance import write_text
    from lrbench.reporting.inputs import read_conclusions
    from lrbench.reporting.page import render

    measured, conclusions = _measured(options), read_conclusions(options.analysed)
    page = render(measured, conclusions, options.experiment, options.figures, options.templates)
    write_text(options.output, page)
    print(f"{options.output}: {len(page.encode()) / 1000:.0f} kB")


def verify(options: Namespace) -> None:
    """Compute what pages rest on again, train a stored run anew, and compare."""
    from lrbench.learning.store import RunStore
    from lrbench.learning.verification import choose_run, verify
    from lrbench.rechecking import recheck
    from lrbench.tables.experiment import check_tables
    from lrbench.workspace.surroundings import check_address_space

    check_address_space()
    if len(options.tables) != len(options.data):
        raise InputError(f"--data names {len(options.data)} for {len(options.tables)} of --tables; name one for each.")
    if options.pages is not None and len(options.pages) != len(options.tables):
        raise InputError(
            f"--pages describes {len(options.pages)} for {len(options.tables)} of --tables; describe one for each."
        )
    store = RunStore(options.store)
    run, dataset = choose_run(options.tables, options.data, options.run, options.draw)
    for path in options.tables:
        check_tables(path)
    for path, page in zip(options.tables, options.pages or (), strict=False):
        print(f"lrbench: {recheck(page, path, options.store, options.templates)}", flush=True)
    print(f"lrbench: {verify(run, dataset, store)}")


def ready(options: Namespace) -> None:
    """Wait for what a killed snakemake left running here, or cancel what it left in Slurm's queue."""
    from lrbench.workspace.cluster import cancel_leftovers
    from lrbench.workspace.processes import refuse_while_working, wait_for_leftovers, wait_for_snakemake
    from lrbench.workspace.upkeep import broken_off, remove

    def log(line: str) -> None:
        print(f"lrbench: {line}", flush=True)

    if options.wait:
        wait_for_snakemake(".", log, jobs=not options.slurm)
    if options.slurm:
        refuse_while_working(".", jobs=False)  # that one's jobs are no leftovers
        cancel_leftovers(".", log)
    wait_for_leftovers(".", log, jobs=not options.slurm)  # of a cancelled job, processes may outlast its entry
    remove(".", broken_off("."))


def clean(options: Namespace) -> None:
    """Remove the results, reports and logs of one experiment, or of all, after asking."""
    from lrbench.workspace.upkeep import cleanable

    experiment = None if options.all else options.experiment
    _remove(options, lambda: cleanable(".", experiment, options.sole_user))


def prune(options: Namespace) -> None:
    """Remove stored runs that no experiment uses, and what broken-off writing left, after asking."""
    from lrbench.workspace.upkeep import prunable

    _remove(options, lambda: prunable(".", options.sole_user))


def _expected(options: Namespace) -> dict[str, Any]:
    from lrbench.identity.provenance import read_sealed

    return {**options.expect, "data": read_sealed(options.dataset, {"digest": str})["digest"]}


def _measured(options: Namespace) -> Any:
    from lrbench.reporting.inputs import read_measured
    from lrbench.tables.experiment import read_manifest, read_tables

    tables = read_tables(options.tables, options.settings, options.plan)
    manifest = read_manifest(options.dataset, tables)
    return read_measured(tables, options.analysed, options.analysis, manifest, options.backpropagation)


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


def _remove(options: Namespace, removable: Callable[[], list[str]]) -> None:
    """Say what would be removed, ask, and remove what is still removable after the answer."""
    from lrbench.sentences import printable
    from lrbench.workspace.upkeep import remove

    paths = removable()
    if not paths:
        print("nothing to remove")
        return
    if not options.yes:
        for path in paths:
            print(f"would remove {printable(path)}")
        if options.dry_run or not _agreed(len(paths)):
            return
        still = set(removable())  # somebody may have begun to work here meanwhile
        paths = [path for path in paths if path in still]
    for path in remove(".", paths):
        print(f"removed {printable(path)}")


def _agreed(number: int) -> bool:
    """Ask whether to remove so many paths. Raises InputError where nobody can be asked."""
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise InputError(
            "nothing was removed, because nobody can be asked here (standard input is no terminal); "
            "give --yes (make clean YES=1) to remove what is listed, or --dry-run to list it only."
        )
    what = "this path" if number == 1 else f"these {number} paths"
    print(f"Remove {what}? [y/N] ", end="", file=sys.stderr, flush=True)
    agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not agreed:
        print("nothing was removed")
    return agreed
