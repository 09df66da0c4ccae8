"""Kills one command of the workflow again and again, at random moments, and runs it again: what came of it, counted.

    PYTHONPATH=tests python -m support.kill_trials FOLDER COMMAND KILLS SEED

FOLDER holds a finished run of the tiny experiment, and in `commands.jsonl` the arguments of the commands that made it.
The command is started in a process of its own, forked from this one, which has imported what takes long and computed
nothing. Its process group is killed, up to three times in a row; then comes what `make resume` does first, and the
command is run to its end. The counts are printed as JSON; what is not as it should be is described on standard error.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from support.workspace import WRITTEN, Workspace

RATE = "0.01"  # of the rate whose two runs are trained again in each trial; the other's must stay
FILES = {"train": 4, "aggregate": 4, "analyse": 11, "figures": 31}  # written by a command; of others, one
IN_A_ROW = 3
IMPORTED = {
    "dataset": ["lrbench.data.manifest"],
    "train": ["keras", "tensorflow", "lrbench.learning.training", "lrbench.learning.store"],
    "backpropagate": ["keras", "tensorflow", "lrbench.probes.backpropagation.measurement"],
    "aggregate": ["lrbench.learning.aggregation", "lrbench.tables.experiment"],
    "analyse": ["lrbench.analysis.pipeline", "lrbench.findings.conclusions", "lrbench.tables.experiment"],
    "figures": ["lrbench.reporting.figures", "lrbench.reporting.inputs", "lrbench.tables.experiment"],
    "report": ["lrbench.reporting.page", "lrbench.reporting.inputs", "lrbench.tables.experiment"],
}
COUNTED = ("tried", "met something running", "met a write", "trained twice", "bytes that differ", "tracebacks")


class Trials:
    """One command, killed and run again."""

    def __init__(self, folder: Path, command: str, seed: int) -> None:
        self.command, self.workspace = command, Workspace(folder)
        self.random = random.Random(seed)  # noqa: S311 - moments, no secrets
        self.arguments = self._recorded()
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
        self.log = folder / "trials.log"
        made_by_snakemake = self.content()
        self.duration = max(self._timed() for _ in range(2))
        self.reference = self.content()
        changed = [name for name, content in made_by_snakemake.items() if self.reference.get(name) != content]
        added = [name for name in self.reference.keys() - made_by_snakemake.keys() if "/.folders/" not in name]
        if changed or added:  # but that this folder, a copy, uses its store
            sys.exit(f"{command} alone gives other files than snakemake: {changed + added}")

    def _recorded(self) -> list[str]:
        lines = (self.workspace.folder / "commands.jsonl").read_text().splitlines()
        found = [words for words in map(json.loads, lines) if words[0] == self.command]
        return next(words for words in found if self.command != "train" or RATE in words)

    def content(self) -> dict[str, bytes]:
        """The bytes of all that the workflow keeps, save when and where a run was trained."""
        places = [self.workspace.folder / name for name in ("results", "reports")]
        files = [path for place in places for path in place.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.workspace.folder)): path.read_bytes()
            for path in sorted(files)
            if path.name != "execution.json"
        }

    def undo(self) -> None:
        """Remove what the command wrote, and no more."""
        if self.command == "train":
            for run in self.workspace.read("results/tiny/tables.json")["runs"]:
                if run["learning_rate"] == float(RATE):
                    shutil.rmtree(self.workspace.folder / "results/runs" / run["run_key"])
        written = [f"results/tiny/training/lr-{RATE}"] if self.command == "train" else WRITTEN[self.command].split()
        for path in (self.workspace.folder / name for name in written):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def start(self, *arguments: str) -> int:
        """Start lrbench in a process group of its own; its number."""
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            status = 70
            try:
                os.setpgid(0, 0)
                log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(log, 1)
                os.dup2(log, 2)
                from lrbench.cli import main

                status = main(arguments)
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                with suppress(BaseException):
                    sys.stdout.flush()
                    sys.stderr.flush()
                os._exit(status)
        with suppress(OSError):  # whoever is first
            os.setpgid(process, process)
        return process

    def run(self, *arguments: str) -> None:
        """Run lrbench to its end, which must be a good one."""
        _, status = os.waitpid(self.start(*arguments), 0)
        if status:
            sys.exit(f"{' '.join(arguments)[:200]}: status {status}\n{self.log.read_text()[-3000:]}")

    def _timed(self) -> float:
        self.undo()
        begun = time.monotonic()
        self.run(*self.arguments)
        return time.monotonic() - begun

    def unfinished(self) -> set[str]:
        """Files and folders that have no name yet."""
        return {entry.path for place in self._places() for entry in _entries(place) if entry.name.endswith(".tmp")}

    def _places(self) -> Iterator[Path]:
        for name in ("results/runs", "results/runs/.folders", "results/tiny", "results/tiny/dataset"):
            yield self.workspace.folder / name
        for name in (f"results/tiny/training/lr-{RATE}", "reports", "reports/tiny", "reports/tiny/figures"):
            yield self.workspace.folder / name

    def wait(self, process: int, in_a_write: bool, before: set[str]) -> None:
        """Wait for the moment of a kill, drawn at random, or for the process to end.

        Every other moment is one within the time that the command takes; the rest come up to 5 ms after one of the
        files that it writes was begun.
        """
        moment = time.monotonic() + self.random.uniform(0, 1.05 * self.duration)
        number, delay = self.random.randint(1, FILES.get(self.command, 1)), self.random.uniform(0, 0.005)
        seen: set[str] = set()
        while os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if in_a_write:
                seen |= self.unfinished() - before
                if len(seen) >= number:
                    time.sleep(delay)
                    return
            elif time.monotonic() >= moment:
                return
            else:
                time.sleep(0.0005)

    def trial(self, kills: int) -> None:
        """Kill the command until it ends first, at most so often; then run it to its end and compare."""
        self.undo()
        self.log.write_text("")
        stored = self.workspace.trained()
        for _ in range(kills):
            met = self.kill(in_a_write=self.counts["tried"] % 2 == 1)
            stored = self.workspace.trained() | stored  # each as it was when first seen
            if not met:
                break
        self.run("ready")
        self.run(*self.arguments)
        self.compare("run again", whole=True)
        self.counts["trained twice"] += len(stored.items() - self.workspace.trained().items())
        self.counts["tracebacks"] += "Traceback" in self.log.read_text()

    def kill(self, in_a_write: bool) -> bool:
        """Start the command and kill it; whether it was running then."""
        before = self.unfinished()
        process = self.start(*self.arguments)
        self.wait(process, in_a_write, before)
        os.killpg(process, signal.SIGKILL)  # it was not waited for, so its number is still its own
        _, status = os.waitpid(process, 0)
        self.counts["tried"] += 1
        self.counts["met something running"] += os.WIFSIGNALED(status)
        self.counts["met a write"] += bool(self.unfinished() - before)
        self.compare("killed", whole=False)
        return os.WIFSIGNALED(status)

    def compare(self, when: str, whole: bool) -> None:
        """Count files that are not as in the undisturbed run; missing and unfinished ones too, where all is whole."""
        found = self.content()
        if not whole:
            found = {name: content for name, content in found.items() if ".tmp" not in name}
        wrong = [name for name, content in found.items() if self.reference.get(name) != content]
        if whole:
            wrong += self.reference.keys() - found.keys()
        self.counts["bytes that differ"] += len(wrong)
        if wrong:
            print(f"trial {self.counts['tried']}, {when}: {', '.join(wrong)[:300]}", file=sys.stderr)


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(place))
    except OSError:
        return []


def import_what_takes_long(command: str) -> None:
    """Import the libraries of a command, and compute nothing with them: TensorFlow starts its threads when it does."""
    if command in ("train", "backpropagate"):
        from lrbench.learning.environment import set_environment

        set_environment(os.environ, onednn=False)
    for module in IMPORTED[command]:
        importlib.import_module(module)


def main() -> None:
    """Try as many kills as are asked for and print what was counted."""
    folder, command, kills, seed = sys.argv[1:]
    os.chdir(folder)
    import_what_takes_long(command)
    trials = Trials(Path(folder), command, int(seed))
    print(f"{command}: {trials.duration:.2f} s undisturbed", file=sys.stderr)
    while trials.counts["tried"] < int(kills):
        trials.trial(min(IN_A_ROW, int(kills) - trials.counts["tried"]))
    print(json.dumps(trials.counts))


if __name__ == "__main__":
    main()
