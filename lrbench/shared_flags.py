"""Flags that several subcommands take alike."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrbench.argument_types import count, file
from lrbench.places import TEMPLATES
from lrbench.settings.json_arguments import json_argument


def take(parser: argparse.ArgumentParser, flag: str, text: str, kind: Callable[[str], Any]) -> None:
    """A flag that must be given; `kind` makes its value of the text."""
    parser.add_argument(flag, required=True, type=kind, help=text)


def take_json(parser: argparse.ArgumentParser, flag: str, text: str, shape: str) -> None:
    """A flag whose text is JSON of a shape."""
    take(parser, flag, text, json_argument(flag, shape))


def take_code(parser: argparse.ArgumentParser) -> None:
    """What the code of a stage is expected to be."""
    parser.add_argument(
        "--code",
        type=json_argument("--code", "Code"),
        metavar="JSON",
        help="code digest and library versions that this stage is expected to have; without it, as they are",
    )


def take_templates(parser: argparse.ArgumentParser) -> None:
    """Where the templates are."""
    parser.add_argument("--templates", type=Path, default=TEMPLATES, help="folder of templates, if not the project's")


def take_removal(parser: argparse.ArgumentParser) -> None:
    """What a command that removes files asks and is told."""
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--yes", action="store_true", help="remove without asking")
    asked.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    text = "go on where results, the store, reports or logs is a link or a mount: no other folder uses what it holds"
    parser.add_argument("--sole-user", action="store_true", help=text)


def take_runs(parser: argparse.ArgumentParser) -> None:
    """What runs are trained with, and where they are stored."""
    take_json(parser, "--settings", "JSON: training settings", "Settings")
    take_json(parser, "--expect", "JSON: code digest and library versions that runs come from", "Origin")
    take(parser, "--dataset", "manifest of the data set", Path)
    take(parser, "--store", "folder of the run store", Path)


def take_blocks(parser: argparse.ArgumentParser) -> None:
    """The blocks of runs that training jobs wrote."""
    take(parser, "--blocks", "folder of the block files of the training jobs", Path)
    take(parser, "--seeds-per-job", "how many seeds a block holds", count)


def take_model(parser: argparse.ArgumentParser) -> None:
    """The file of a person's own model."""
    parser.add_argument("--model", metavar="FILE", help="Python file of the experiment's own model, if it has one")


def take_plan(parser: argparse.ArgumentParser) -> None:
    """The settings and the plan of an experiment."""
    take_json(parser, "--settings", "JSON: training settings", "Settings")
    take_json(parser, "--plan", "JSON: learning_rates and seeds", "Plan")


def take_tables(parser: argparse.ArgumentParser) -> None:
    """The tables of an experiment, with its plan."""
    take(parser, "--tables", "tables.json of the experiment; its tables stand beside it", file)
    take_plan(parser)


def take_conclusions(parser: argparse.ArgumentParser) -> None:
    """What analysis wrote, and what it was told."""
    take_json(parser, "--analysis", "JSON: targets and thresholds", "Analysis")
    take(parser, "--analysed", "analysis.json of the experiment; what analysis wrote stands beside it", file)


def take_analysis(parser: argparse.ArgumentParser) -> None:
    """All that figures and report read."""
    take_conclusions(parser)
    take(parser, "--dataset", "manifest of the data set", Path)
    text = "the files that the experiment's probes wrote, each named after its probe; none without probes"
    parser.add_argument("--probes", nargs="*", required=True, type=Path, metavar="JSON", help=text)
