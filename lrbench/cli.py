"""The command `lrbench`: one subcommand for each rule of the workflow, and a few for people.

A subcommand takes arguments and files and writes files; it decides nothing. Each imports what it needs
when it runs, so that `lrbench --help` is quick and TensorFlow is loaded by those alone that train.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lrbench.errors import InputError, WorkError

DISTRIBUTION = "learning-rate-bench"
SCHEMA = Path(__file__).parent.parent / "workflow" / "schemas" / "config.schema.yaml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand. Returns 0, or 1 for failed work, or 2 for bad input, with a sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        options.handler(options)
    except InputError as error:
        return _complain(str(error), 2)
    except WorkError as error:
        return _complain(str(error), 1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}; make it writable or free some space, then run again.", 1)
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

    add = command("dataset", _dataset, "Check a data set and record its digest.")
    _take(add, "--data", "data set: a folder of IDX files or an .npz", str)
    _take(add, "--split", "JSON: train_examples and validation", _json)
    _take(add, "--output", "manifest to write", Path)

    add = command("train", _train, "Train one block of seeds at one learning rate.")
    _take_training(add)
    _take(add, "--learning-rate", "learning rate", float)
    _take(add, "--seeds", "JSON: list of seeds", _json)
    _take(add, "--data", "data set", str)
    _take(add, "--output", "block file to write: the keys of its runs", Path)

    add = command("aggregate", _aggregate, "Put the runs of an experiment into tables.")
    _take_training(add)
    _take(add, "--plan", "JSON: learning_rates and seeds", _json)
    add.add_argument("--blocks", nargs="+", required=True, type=Path, help="block files of the training jobs")
    for name in ("epochs", "evaluations", "steps", "tables"):
        _take(add, f"--{name}", f"{name} file to write", Path)

    add = command("figures", _figures, "Draw the figures of a report.")
    _take_tables(add)
    _take_analysis(add)
    _take(add, "--output", "folder to write figures into", Path)

    add = command("report", _report, "Write the report.")
    _take_tables(add)
    _take_analysis(add)
    _take(add, "--experiment", "JSON: what the report says of the experiment", _json)
    _take(add, "--figures", "folder of figures", Path)
    _take(add, "--templates", "folder of templates", Path)
    _take(add, "--output", "HTML file to write", Path)
    return parser


def _take(parser: argparse.ArgumentParser, flag: str, text: str, kind: Callable[[str], Any]) -> None:
    parser.add_argument(flag, required=True, type=kind, help=text)


def _take_training(parser: argparse.ArgumentParser) -> None:
    _take(parser, "--settings", "JSON: training settings", _json)
    _take(parser, "--expect", "JSON: code digest and library versions that runs come from", _json)
    _take(parser, "--dataset", "manifest of the data set", Path)
    _take(parser, "--store", "folder of the run store", Path)


def _take_tables(parser: argparse.ArgumentParser) -> None:
    _take(parser, "--tables", "tables.json of the experiment; its tables stand beside it", Path)
    _take(parser, "--settings", "JSON: training settings", _json)
    _take(parser, "--plan", "JSON: learning_rates and seeds", _json)


def _take_analysis(parser: argparse.ArgumentParser) -> None:
    _take(parser, "--dataset", "manifest of the data set", Path)
    _take(parser, "--analysis", "folder of what analysis wrote: its tables and its conclusions", Path)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not JSON") from error


def _check(options: argparse.Namespace) -> None:
    from lrbench.experiment import read_experiments

    project = SCHEMA.parent.parent.parent
    for name, experiment in read_experiments(options.config, SCHEMA, folders=(".", project)).items():
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

    return {**options.expect, "data": read_json(options.dataset, ("digest",))["digest"]}


def _train(options: argparse.Namespace) -> None:
    from lrbench.learning.jobs import train_block
    from lrbench.learning.store import RunStore
    from lrbench.provenance import write_json

    runs = train_block(
        options.settings,
        options.learning_rate,
        options.seeds,
        options.data,
        _expected(options),
        RunStore(options.store),
    )
    write_json(options.output, {"learning_rate": options.learning_rate, "runs": runs})


def _aggregate(options: argparse.Namespace) -> None:
    from lrbench.learning.aggregation import aggregate
    from lrbench.learning.store import RunStore
    from lrbench.tables.experiment import write_tables

    tables, origin = aggregate(
        options.settings, options.plan, _expected(options), options.blocks, RunStore(options.store)
    )
    files = {name: getattr(options, name) for name in ("epochs", "evaluations", "steps")}
    write_tables(tables, files, origin, options.tables)
    print(f"{len(origin['runs'])} runs, {sum(map(len, tables.values()))} rows")


def _figures(options: argparse.Namespace) -> None:
    from lrbench.reporting.figures import draw_figures

    draw_figures(_measured(options), options.output)


def _measured(options: argparse.Namespace) -> Any:
    from lrbench.provenance import read_json
    from lrbench.reporting.inputs import read_measured
    from lrbench.tables.experiment import read_tables

    tables = read_tables(options.tables, options.settings, options.plan)
    dataset = read_json(options.dataset, ("classes", "digest", "files", "image_shape", "parts"))
    return read_measured(tables, options.analysis, dataset)


def _report(options: argparse.Namespace) -> None:
    from lrbench.provenance import write_text
    from lrbench.reporting.inputs import read_conclusions
    from lrbench.reporting.page import render

    conclusions = read_conclusions(options.analysis)
    page = render(_measured(options), conclusions, options.experiment, options.figures, options.templates)
    write_text(options.output, page)
    print(f"{options.output}: {len(page.encode()) / 1000:.0f} kB")
