"""The command `lrbench`: one subcommand for each rule of the workflow, and a few for people.

Arguments come in and errors go out here; what a subcommand does is in `commands`. Nothing that takes long is imported
for `lrbench --help`, and TensorFlow by those alone that train.
"""

from __future__ import annotations

import argparse
import errno
import importlib.metadata
import math
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from lrbench import commands
from lrbench.errors import InputError, WorkError
from lrbench.sentences import INTERRUPTED, sentence
from lrbench.settings.arguments import (
    analysis_shape,
    heading_shape,
    json_argument,
    origin_shape,
    page_shape,
    plan_shape,
    seeds_shape,
    settings_shape,
    split_shape,
)

DISTRIBUTION = "learning-rate-bench"
TEMPLATES = commands.PROJECT / "templates"
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
    """Run one subcommand; return its exit status, with a sentence on standard error where that is not 0.

    The status is 1 for failed work, 2 for bad input, 130 after Ctrl-C, and that of snakemake for `make`.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text of this terminal
    with _noticed_interrupts() as interrupts:
        try:
            options = _parser().parse_args(arguments)
            return options.handler(options) or 0
        except KeyboardInterrupt:
            return _complain_of_interrupt()
        except Exception as error:
            if interrupts:  # a KeyboardInterrupt within TensorFlow may come out as a SystemError
                return _complain_of_interrupt()
            complaint = _complaint(error)
            if complaint is None:
                raise
            return _complain(*complaint)


@contextmanager
def _noticed_interrupts() -> Iterator[list[int]]:
    """A list that has an item for each SIGINT since, whatever becomes of the KeyboardInterrupt that it raises.

    Where SIGINT is ignored, as for what runs in the background, it stays so.
    """
    interrupts: list[int] = []

    def interrupt(number: int, _: Any) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is not signal.default_int_handler:
        yield interrupts
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


def _complaint(error: Exception) -> tuple[str, int] | None:
    """The sentence and the exit status for an error; None for one that is a fault of lrbench."""
    if isinstance(error, InputError):
        return str(error), 2
    if isinstance(error, WorkError):
        return str(error), 1
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        if error.errno in UNUSABLE_PLACE:
            return f"{where}cannot be written ({error.strerror}); give a place that can, then run again.", 2
        return f"{where}{error.strerror or error}; make it writable or free some space, then run again.", 1
    if isinstance(error, UnicodeEncodeError):
        return f"{error.object[:200]!r} cannot be written as UTF-8; rename the file that is called so.", 2
    return None


def _complain_of_interrupt() -> int:
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # one press more is no reason for a traceback
    return _complain(INTERRUPTED, 130)


def _complain(text: str, status: int) -> int:
    sys.stdout.flush()
    print(f"lrbench: {sentence(text)}", file=sys.stderr, flush=True)
    return status


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are of bounded length and printable, whatever the arguments are."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the complaint, and exit with status 2."""
        super().error(sentence(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lrbench", description="Which learning rate, and why?")
    version = importlib.metadata.version(DISTRIBUTION)
    parser.add_argument("--version", action="version", version=f"lrbench {version}")
    subcommands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, handler: Callable[[argparse.Namespace], int | None], text: str) -> argparse.ArgumentParser:
        added = subcommands.add_parser(name, help=text, description=text, allow_abbrev=False)
        added.set_defaults(handler=handler)
        return added

    add = command("check", commands.check, "Check config files and say what they ask for.")
    add.add_argument("config", nargs="+", help="config files; each is looked for here, then in the project")
    add.add_argument("--report", action="store_true", help="only say where their reports are written")

    add = command("make", commands.make, "Check config files, run snakemake on them, and say where their reports are.")
    add.add_argument("config", nargs="*", default=[], help="config files; each is looked for here, then in the project")
    add.add_argument(
        "--configs",
        metavar="FILES",
        help="one config file, or several separated by blanks; a name that has blanks stands in quotes",
    )
    add.add_argument("--cores", metavar="N", help="jobs that snakemake runs side by side; 3 if nothing else says")
    add.add_argument("--workflow-profile", metavar="FOLDER", help="snakemake's profile, if not profiles/default")
    add.add_argument("--slurm-status-command", metavar="NAME", help="how the profile for Slurm asks for jobs")
    add.add_argument("--unlock", action="store_true", help="first remove the lock that a killed snakemake left")

    add = command("dataset", commands.dataset, "Check a data set and record its digest.")
    _take(add, "--data", "data set: a folder of IDX files or an .npz", str)
    _take_json(add, "--split", "JSON: train_examples and validation", split_shape)
    _take(add, "--output", "manifest to write", _file)

    add = command("train", commands.train, "Train one block of seeds at one learning rate.")
    _take_training(add)
    _take(add, "--learning-rate", "learning rate", _learning_rate)
    _take_json(add, "--seeds", "JSON: list of seeds", seeds_shape)
    _take(add, "--data", "data set", str)
    _take(add, "--output", "block file to write: the keys of its runs", _file)

    add = command(
        "backpropagate", commands.backpropagate, "Work one step of training through: forward, backward, update."
    )
    _take_json(add, "--settings", "JSON: training settings", settings_shape)
    _take_json(add, "--plan", "JSON: learning_rates and seeds", plan_shape)
    _take(add, "--dataset", "manifest of the data set", Path)
    _take(add, "--data", "data set", str)
    _take(add, "--output", "JSON file to write", _file)

    add = command("aggregate", commands.aggregate, "Put the runs of an experiment into tables.")
    _take_training(add)
    _take_json(add, "--plan", "JSON: learning_rates and seeds", plan_shape)
    _take(add, "--blocks", "folder of the block files of the training jobs", Path)
    _take(add, "--seeds-per-job", "how many seeds a block holds", _count)
    for name in ("epochs", "evaluations", "steps", "tables"):
        _take(add, f"--{name}", f"{name} file to write", _file)

    add = command("analyse", commands.analyse, "Measure and compare runs and rates, and recommend one.")
    _take_tables(add)
    _take_json(add, "--analysis", "JSON: targets and thresholds", analysis_shape)
    _take(add, "--dataset", "manifest of the data set", Path)
    for name in ("runs", "targets", "reach", "rates", "comparisons"):
        _take(add, f"--{name}", f"table of {name} to write, CSV", _file)
    for name in ("across", "recommendation", "observations", "claims"):
        _take(add, f"--{name}", f"{name} to write, JSON", _file)
    _take(add, "--analysed", "index of these files to write, JSON", _file)

    add = command("figures", commands.figures, "Draw the figures of a report.")
    _take_tables(add)
    _take_analysis(add)
    _take(add, "--output", "folder to write figures into", Path)

    add = command("report", commands.report, "Write the report.")
    _take_tables(add)
    _take_analysis(add)
    _take_json(add, "--experiment", "JSON: what the report says of the experiment", heading_shape)
    _take(add, "--figures", "folder of figures", Path)
    add.add_argument("--templates", type=Path, default=TEMPLATES, help="folder of templates, if not the project's")
    _take(add, "--output", "HTML file to write", _file)

    add = command("verify", commands.verify, "Train a stored run anew, compute what pages rest on again, and compare.")
    add.add_argument("--tables", nargs="+", required=True, type=Path, help="tables.json of experiments")
    add.add_argument("--data", nargs="+", required=True, help="data set of each")
    _take(add, "--store", "folder of the run store", Path)
    add.add_argument(
        "--pages",
        nargs="+",
        type=json_argument("--pages", page_shape),
        metavar="JSON",
        help="settings of each experiment and where its page and its parts lie; without it, only a run is checked",
    )
    add.add_argument("--templates", type=Path, default=TEMPLATES, help="folder of templates, if not the project's")
    add.add_argument("--run", help="first characters of a run's key; without it a run is drawn")
    add.add_argument("--draw", type=int, help="seed of the draw; without it another run each time")

    add = command(
        "ready", commands.ready, "Wait for what a killed snakemake left running here; refuse while one works here."
    )
    add.add_argument("--slurm", action="store_true", help="first cancel what it left in Slurm's queue")
    add.add_argument("--wait", action="store_true", help="wait for a snakemake that works here, instead of refusing")

    add = command("clean", commands.clean, "Remove the results, reports and logs of one experiment, or of all.")
    chosen = add.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--experiment", help="name of the experiment")
    chosen.add_argument("--all", action="store_true", help="every experiment, and every stored run")
    _take_removal(add)

    add = command(
        "prune", commands.prune, "Remove stored runs that no experiment uses, and what broken-off writing left."
    )
    _take_removal(add)
    return parser


def _take(parser: argparse.ArgumentParser, flag: str, text: str, kind: Callable[[str], Any]) -> None:
    parser.add_argument(flag, required=True, type=kind, help=text)


def _take_json(parser: argparse.ArgumentParser, flag: str, text: str, shape: Callable[[], Mapping[str, Any]]) -> None:
    _take(parser, flag, text, json_argument(flag, shape))


def _take_removal(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--yes", action="store_true", help="remove without asking")
    asked.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    text = "go on where results, the store, reports or logs is a link or a mount: no other folder uses what it holds"
    parser.add_argument("--sole-user", action="store_true", help=text)


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
    from lrbench.settings.experiment import SMALLEST_FLOAT32

    if rate < SMALLEST_FLOAT32:
        raise argparse.ArgumentTypeError(
            f"{text!r} is less than {SMALLEST_FLOAT32!r}, the least that float32 holds in full"
        )
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
    _take_json(parser, "--analysis", "JSON: targets and thresholds", analysis_shape)
    _take(parser, "--dataset", "manifest of the data set", Path)
    _take(parser, "--analysed", "analysis.json of the experiment; what analysis wrote stands beside it", _file)
    _take(parser, "--backpropagation", "the step of training that was worked through, JSON", Path)
