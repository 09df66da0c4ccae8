"""The command `lrbench`: one subcommand for each rule of the workflow, and a few for people.

A subcommand takes arguments and files and writes files; it decides nothing. Each imports what it needs
when it runs, so that `lrbench --help` is quick and TensorFlow is loaded by those alone that train.
"""

from __future__ import annotations

import argparse
import errno
import importlib.metadata
import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lrbench.arguments import (
    SCHEMA,
    analysis_shape,
    heading_shape,
    json_argument,
    origin_shape,
    plan_shape,
    seeds_shape,
    settings_shape,
    split_shape,
)
from lrbench.errors import InputError, WorkError

DISTRIBUTION = "learning-rate-bench"
PROJECT = Path(__file__).parent.parent
TEMPLATES = PROJECT / "templates"
MANIFEST_SHAPE = {
    "classes": int,
    "digest": str,
    "files": dict,
    "image_shape": [int],
    "parts": {name: {"class_counts": [int], "examples": int} for name in ("train", "validation")},
}
UNUSABLE_PLACE = (
    errno.EACCES,
    errno.EEXIST,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOTDIR,
    errno.ENOTEMPTY,
    errno.EPERM,
    errno.EROFS,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand. Returns 0, or 1 for failed work, or 2 for bad input, with a sentence on standard error."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text of this terminal
    try:
        options = _parser().parse_args(arguments)
        options.handler(options)
    except InputError as error:
        return _complain(str(error), 2)
    except WorkError as error:
        return _complain(str(error), 1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        if error.errno in UNUSABLE_PLACE:
            return _complain(f"{where}cannot be written ({error.strerror}); give a place that can, then run again.", 2)
        return _complain(f"{where}{error.strerror or error}; make it writable or free some space, then run again.", 1)
    except UnicodeEncodeError as error:
        return _complain(f"{error.object[:200]!r} cannot be written as UTF-8; rename the file that is called so.", 2)
    except KeyboardInterrupt:
        return _complain("interrupted; what was finished is kept, and running again goes on from there.", 130)
    return 0


def _complain(sentence: str, status: int) -> int:
    sys.stdout.flush()
    print(f"lrbench: {' '.join(sentence.split())}", file=sys.stderr, flush=True)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lrbench", description="Which learning rate, and why?")
    version = importlib.metadata.version(DISTRIBUTION)
    parser.add_argument("--version", action="version", version=f"lrbench {version}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, handler: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        added.set_defaults(handler=handler)
        return added

    add = command("check", _check, "Check config files and say what they ask for.")
    add.add_argument("config", nargs="+", type=Path, help="config files")
    add.add_argument("--report", action="store_true", help="only say where their reports are written")

    add = command("dataset", _dataset, "Check a data set and record its digest.")
    _take(add, "--data", "data set: a folder of IDX files or an .npz", str)
    _take_json(add, "--split", "JSON: train_examples and validation", split_shape)
    _take(add, "--output", "manifest to write", _file)

    add = command("train", _train, "Train one block of seeds at one learning rate.")
    _take_training(add)
    _take(add, "--learning-rate", "learning rate", _learning_rate)
    _take_json(add, "--seeds", "JSON: list of seeds", seeds_shape)
    _take(add, "--data", "data set", str)
    _take(add, "--output", "block file to write: the keys of its runs", _file)

    add = command("backpropagate", _backpropagate, "Work one step of training through: forward, backward, update.")
    _take_json(add, "--settings", "JSON: training settings", settings_shape)
    _take_json(add, "--plan", "JSON: learning_rates and seeds", plan_shape)
    _take(add, "--dataset", "manifest of the data set", Path)
    _take(add, "--data", "data set", str)
    _take(add, "--output", "JSON file to write", _file)

    add = command("aggregate", _aggregate, "Put the runs of an experiment into tables.")
    _take_training(add)
    _take_json(add, "--plan", "JSON: learning_rates and seeds", plan_shape)
    _take(add, "--blocks", "folder of the block files of the training jobs", Path)
    _take(add, "--seeds-per-job", "how many seeds a block holds", _count)
    for name in ("epochs", "evaluations", "steps", "tables"):
        _take(add, f"--{name}", f"{name} file to write", _file)

    add = command("analyse", _analyse, "Measure and compare runs and rates, and recommend one.")
    _take_tables(add)
    _take_json(add, "--analysis", "JSON: targets and thresholds", analysis_shape)
    _take(add, "--dataset", "manifest of the data set", Path)
    for name in ("runs", "targets", "reach", "rates", "comparisons"):
        _take(add, f"--{name}", f"table of {name} to write, CSV", _file)
    for name in ("across", "recommendation", "observations", "claims"):
        _take(add, f"--{name}", f"{name} to write, JSON", _file)

    add = command("figures", _figures, "Draw the figures of a report.")
    _take_tables(add)
    _take_analysis(add)
    _take(add, "--output", "folder to write figures into", Path)

    add = command("report", _report, "Write the report.")
    _take_tables(add)
    _take_analysis(add)
    _take_json(add, "--experiment", "JSON: what the report says of the experiment", heading_shape)
    _take(add, "--figures", "folder of figures", Path)
    add.add_argument("--templates", type=Path, default=TEMPLATES, help="folder of templates, if not the project's")
    _take(add, "--output", "HTML file to write", _file)

    add = command("verify", _verify, "Train a stored run anew and compare every weight and every row.")
    add.add_argument("--tables", nargs="+", required=True, type=Path, help="tables.json of experiments")
    add.add_argument("--data", nargs="+", required=True, help="data set of each")
    _take(add, "--store", "folder of the run store", Path)
    add.add_argument("--run", help="first characters of a run's key; without it a run is drawn")
    add.add_argument("--draw", type=int, help="seed of the draw; without it another run each time")

    add = command("ready", _ready, "Wait for what a killed snakemake left running here; refuse while one works here.")
    add.add_argument("--slurm", action="store_true", help="first cancel what it left in Slurm's queue")

    add = command("clean", _clean, "Remove the results, reports and logs of one experiment, or of all.")
    chosen = add.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--experiment", help="name of the experiment")
    chosen.add_argument("--all", action="store_true", help="every experiment, and every stored run")

    command("prune", _prune, "Remove stored runs that no experiment uses, and what broken-off writing left.")
    return parser


def _take(parser: argparse.ArgumentParser, flag: str, text: str, kind: Callable[[str], Any]) -> None:
    parser.add_argument(flag, required=True, type=kind, help=text)


def _take_json(parser: argparse.ArgumentParser, flag: str, text: str, shape: Callable[[], Mapping[str, Any]]) -> None:
    _take(parser, flag, text, json_argument(flag, shape))


def _take_training(parser: argparse.ArgumentParser) -> None:
    _take_json(parser, "--settings", "JSON: training settings", settings_shape)
    _take_json(parser, "--expect", "JSON: code digest and library versions that runs come from", origin_shape)
    _take(parser, "--dataset", "manifest of the data set", Path)
    _take(parser, "--store", "folder of the run store", Path)


def _take_tables(parser: argparse.ArgumentParser) -> None:
    _take(parser, "--tables", "tables.json of the experiment; its tables stand beside it", _file)
    _take_json(parser, "--settings", "JSON: training settings", settings_shape)
    _take_json(parser, "--plan", "JSON: learning_rates and seeds", plan_shape)


def _learning_rate(text: str) -> float:
    rate = float(text)
    if not (math.isfinite(rate) and rate > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number greater than 0")
    return rate


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return number


def _file(text: str) -> Path:
    path = Path(text)
    if not path.name:
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a file")
    return path


def _take_analysis(parser: argparse.ArgumentParser) -> None:
    _take(parser, "--dataset", "manifest of the data set", Path)
    _take(parser, "--analysis", "folder of what analysis wrote: its tables and its conclusions", Path)
    _take(parser, "--backpropagation", "the step of training that was worked through, JSON", Path)


def _check(options: argparse.Namespace) -> None:
    from lrbench.experiment import read_experiments

    for name, experiment in read_experiments(options.config, SCHEMA, folders=(".", PROJECT)).items():
        if options.report:
            print(Path("reports").absolute() / f"{name}.html")
            continue
        rates, seeds = len(experiment.learning_rates), len(experiment.seeds)
        print(
            f"{name}: {rates} learning rates x {seeds} seeds x {experiment.epochs} epochs on {experiment.dataset_name}"
        )


def _dataset(options: argparse.Namespace) -> None:
    from lrbench.experiment import dataset_files
    from lrbench.learning.dataset import split
    from lrbench.learning.sources import data_digest, describe, read_dataset
    from lrbench.provenance import file_digest, write_json

    train, test = read_dataset(options.data)
    parts = split(train, test, options.split)
    named = {"train": parts.train, "validation": parts.validation}
    if parts.test is not None:
        named["test"] = parts.test
    manifest = {
        "classes": parts.classes,
        "digest": data_digest(train, test),
        "files": {os.path.basename(file): file_digest(file) for file in dataset_files(options.data)},
        "image_shape": list(train.images.shape[1:]),
        "parts": {name: describe(examples, parts.classes) for name, examples in named.items()},
    }
    write_json(options.output, manifest)
    print(f"{options.data}: " + ", ".join(f"{len(examples)} {name}" for name, examples in named.items()) + " examples")


def _expected(options: argparse.Namespace) -> dict[str, Any]:
    from lrbench.provenance import read_json

    return {**options.expect, "data": read_json(options.dataset, {"digest": str})["digest"]}


def _train(options: argparse.Namespace) -> None:
    from lrbench.learning.jobs import train_block
    from lrbench.learning.store import RunStore
    from lrbench.provenance import write_json

    options.store.mkdir(parents=True, exist_ok=True)  # rather now than after training
    runs = train_block(
        options.settings,
        options.learning_rate,
        options.seeds,
        options.data,
        _expected(options),
        RunStore(options.store),
    )
    write_json(options.output, {"learning_rate": options.learning_rate, "runs": runs})


def _backpropagate(options: argparse.Namespace) -> None:
    from lrbench.learning.backpropagation import work_through
    from lrbench.provenance import read_json, write_json

    digest = read_json(options.dataset, {"digest": str})["digest"]
    worked = work_through(options.settings, options.plan, options.data, digest)
    write_json(options.output, worked)
    print(f"loss {worked['loss']:.6g}, length of the gradient {worked['gradient_norm']:.6g}")


def _aggregate(options: argparse.Namespace) -> None:
    from lrbench.experiment import block_files
    from lrbench.learning.aggregation import aggregate
    from lrbench.learning.store import RunStore
    from lrbench.tables.experiment import write_tables

    blocks = block_files(options.blocks, options.plan, options.seeds_per_job)
    tables, origin = aggregate(options.settings, options.plan, _expected(options), blocks, RunStore(options.store))
    files = {name: getattr(options, name) for name in ("epochs", "evaluations", "steps")}
    write_tables(tables, files, origin, options.tables)
    print(f"{len(origin['runs'])} runs")


def _analyse(options: argparse.Namespace) -> None:
    from lrbench.analysis.claims import check_claims
    from lrbench.analysis.observations import observe
    from lrbench.analysis.pipeline import analyse
    from lrbench.provenance import canonical_json, read_json, write_json
    from lrbench.tables.analysis import ANALYSIS_TABLES
    from lrbench.tables.experiment import read_tables
    from lrbench.tables.format import write_csv

    tables = read_tables(options.tables, options.settings, options.plan)
    analysis = analyse(tables, read_json(options.dataset, MANIFEST_SHAPE), options.analysis)
    values = {
        "across": analysis.across,
        "claims": {"claims": check_claims(analysis)},
        "observations": {"observations": observe(analysis)},
        "recommendation": analysis.recommendation,
    }
    for name, table in ANALYSIS_TABLES.items():
        table.check(getattr(analysis, name), getattr(options, name))
    for value in values.values():
        canonical_json(value)  # whatever cannot be written fails here, before the first file is
    for name, table in ANALYSIS_TABLES.items():
        write_csv(getattr(analysis, name), table, getattr(options, name))
    for name, value in values.items():
        write_json(getattr(options, name), value)
    print(analysis.recommendation["statement"])


def _figures(options: argparse.Namespace) -> None:
    from lrbench.reporting.figures import draw_figures

    draw_figures(_measured(options), options.output)


def _measured(options: argparse.Namespace) -> Any:
    from lrbench.provenance import read_json
    from lrbench.reporting.inputs import read_measured
    from lrbench.tables.experiment import read_tables

    tables = read_tables(options.tables, options.settings, options.plan)
    manifest = read_json(options.dataset, MANIFEST_SHAPE)
    return read_measured(tables, options.analysis, manifest, options.backpropagation)


def _report(options: argparse.Namespace) -> None:
    from lrbench.provenance import write_text
    from lrbench.reporting.inputs import read_conclusions
    from lrbench.reporting.page import render

    measured, conclusions = _measured(options), read_conclusions(options.analysis)
    page = render(measured, conclusions, options.experiment, options.figures, options.templates)
    write_text(options.output, page)
    print(f"{options.output}: {len(page.encode()) / 1000:.0f} kB")


def _verify(options: argparse.Namespace) -> None:
    from lrbench.learning.store import RunStore
    from lrbench.learning.verification import choose_run, verify

    if len(options.tables) != len(options.data):
        raise InputError(f"--data names {len(options.data)} for {len(options.tables)} of --tables; name one for each.")
    store = RunStore(options.store)
    run, dataset = choose_run(options.tables, options.data, options.run, options.draw)
    print(f"lrbench: {verify(run, dataset, store)}")


def _ready(options: argparse.Namespace) -> None:
    from lrbench.cluster import cancel_leftovers
    from lrbench.upkeep import refuse_while_working, wait_for_leftovers

    def log(line: str) -> None:
        print(f"lrbench: {line}", flush=True)

    if options.slurm:
        refuse_while_working(".", jobs=False)  # that one's jobs are no leftovers
        cancel_leftovers(".", log)
    wait_for_leftovers(".", log)


def _clean(options: argparse.Namespace) -> None:
    from lrbench.upkeep import clean

    _say_removed(clean(".", None if options.all else options.experiment))


def _prune(_: argparse.Namespace) -> None:
    from lrbench.upkeep import prune

    _say_removed(prune("."))


def _say_removed(paths: Sequence[str]) -> None:
    for path in paths:
        print(f"removed {path}")
    if not paths:
        print("nothing to remove")
