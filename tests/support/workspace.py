"""Real snakemake on a tiny experiment."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import yaml
from support.forked import dry_run

PROJECT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
LOGGER = "snakemake_logger_plugin_lrbench"
SOURCES = ("CITATION.cff", "Makefile", "Snakefile", "config", "lrbench", "profiles", LOGGER, "templates", "workflow")
CONFIG = {
    "experiment": "tiny",
    "dataset": {"name": "Three blobs", "path": "blobs.npz"},
    "model": {"hidden_units": [8]},
    "learning_rates": [0.1, 0.01],
    "seeds": [0, 1],
    "epochs": 2,
    "targets": [0.6],
    "seeds_per_job": 2,
}

WRITTEN = {  # by command, in the order in which they run
    "dataset": "results/tiny/dataset",
    "backpropagate": "results/tiny/backpropagation.json",
    "train": "results/tiny/training",
    "aggregate": "results/tiny/epochs.csv results/tiny/evaluations.csv results/tiny/steps.parquet "
    "results/tiny/tables.json",
    "analyse": "results/tiny/runs.csv results/tiny/targets.csv results/tiny/reach.csv results/tiny/rates.csv "
    "results/tiny/comparisons.csv results/tiny/across.json results/tiny/recommendation.json "
    "results/tiny/observations.json results/tiny/claims.json results/tiny/next.json results/tiny/analysis.json",
    "examine": "results/tiny/mistakes.json",
    "figures": "reports/tiny",
    "report": "reports/tiny.html",
    "index": "reports/index.html",
}


def daily(*case, when):
    """A case for every day where `when`, else one for the long tests."""
    return pytest.param(*case, marks=() if when else pytest.mark.long)


def write_blobs(path: Path, seed: int = 0) -> None:
    """A data set of three classes that a small network learns in a moment."""
    generator = np.random.default_rng(seed)
    arrays = {}
    for part, number in (("train", 240), ("test", 90)):
        labels = np.arange(number) % 3
        images = generator.integers(0, 130, (number, 6, 6), dtype=np.uint8)
        images[np.arange(number), labels] += 120
        arrays |= {f"x_{part}": images, f"y_{part}": labels}
    np.savez(path, **arrays)


@dataclass
class Workspace:
    """A working directory in which snakemake runs the project."""

    folder: Path
    project: Path = PROJECT
    search: list[str] = field(default_factory=list)  # where Python looks first
    kept: dict[str, tuple[int, int]] = field(default_factory=dict)  # runs that must not be trained again
    set_up: ClassVar = ("requirements.lock", "pyproject.toml", ".venv/.run")  # what make compares, oldest first

    def take_project(self) -> Path:
        """A copy of the project of its own, in this folder, which it runs from now on."""
        for name in SOURCES:
            if (PROJECT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(PROJECT / name, self.folder / name, dirs_exist_ok=True, ignore=ignored)
            else:
                shutil.copy2(PROJECT / name, self.folder / name)
        self.project = self.folder
        self.search.append(str(self.folder))
        return self.folder

    def copied(self, parent: Path) -> Workspace:
        """A copy of this folder, times of files included, as `copy` in another one."""
        return Workspace(shutil.copytree(self.folder, parent / "copy"))

    def customise(self, code: str) -> None:
        """Have every Python process run this code first."""
        (self.folder / "site").mkdir(exist_ok=True)
        (self.folder / "site/sitecustomize.py").write_text(code)
        self.search.insert(0, str(self.folder / "site"))

    def configure(self, **changes) -> None:
        """Write the config, with some keys changed."""
        (self.folder / "config.yaml").write_text(yaml.safe_dump(CONFIG | changes, sort_keys=False))

    def command(self, *arguments: str) -> list[str]:
        """The command line of snakemake, here."""
        config = ("--configfile", str(self.folder / "config.yaml"))
        workflow = ("--snakefile", str(self.project / "Snakefile"), "--directory", str(self.folder))
        return [str(BIN / "snakemake"), "--cores", "2", *workflow, *config, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """An environment in which .venv is not activated."""
        path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != BIN)
        search = os.pathsep.join([*self.search, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]).strip(os.pathsep)
        return os.environ | {"PATH": path} | ({"PYTHONPATH": search} if search else {})

    def snakemake(self, *arguments: str, status: int = 0) -> str:
        """Run snakemake and return what it printed."""
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, env=self.environment, cwd=self.folder, check=False
        )
        output = done.stdout + done.stderr
        assert done.returncode == status, output
        return output

    def up_to(self, *targets: str, status: int = 0) -> str:
        """Run snakemake for these files alone, and return what it printed."""
        return self.snakemake("--cores", "2", *targets, status=status)  # --configfile takes all up to the next option

    def lrbench(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a subcommand here."""
        command = [sys.executable, str(BIN / "lrbench"), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=self.environment, cwd=self.folder, check=False
        )

    def start(self, *arguments: str, **options) -> subprocess.Popen:
        """Start snakemake and do not wait."""
        with (self.folder / "snakemake.log").open("w") as log:
            before = signal.signal(
                signal.SIGINT, signal.default_int_handler
            )  # ignored where tests run in the background
            try:
                return subprocess.Popen(
                    self.command(*arguments), env=self.environment, cwd=self.folder, stdout=log, stderr=log, **options
                )
            finally:
                signal.signal(signal.SIGINT, before)

    def make(self, *arguments: str, status: int = 0, config: str = "config.yaml") -> str:
        """Run make in a copy of the project and return what it printed."""
        if self.project != self.folder:
            self.take_project()
        environment = (self.folder / self.set_up[-1]).parent
        if not environment.exists():
            (environment / "bin").mkdir(parents=True)
            for name in ("bin/lrbench", "bin/snakemake", "lib", "pyvenv.cfg"):
                (environment / name).symlink_to(BIN.parent / name)
            (environment / "bin/python").symlink_to((BIN / "python").resolve())
            for name in self.set_up:
                (self.folder / name).touch()
        done = subprocess.run(
            ["make", *arguments, f"CONFIG={config}", "CORES=2"],
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.folder,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def jobs(self, *arguments: str) -> dict[str, int]:
        """What a call would run: how many jobs of each rule. `index`, which follows whatever runs, is not told."""
        status, output = dry_run(self.command("--dry-run", *arguments), self.folder, self.environment)
        assert status == 0, output
        if "Nothing to be done" in output:
            return {}
        counts = re.search(r"^job +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL | re.MULTILINE)
        assert counts, output
        rows = (line.split() for line in counts[1].splitlines())
        jobs = {rule: int(number) for rule, number in rows if rule not in ("all", "total")}
        assert jobs.pop("index", 0) == 1 or not jobs or arguments, output
        return jobs or {"index": 1}

    def trained(self) -> dict[str, tuple[int, int]]:
        """The runs in the store, with inode and time of each: a run trained again would have others."""
        stats = {path.parent.name: path.stat() for path in self.folder.glob("results/runs/[0-9a-f]*/manifest.json")}
        return {run: (stat.st_ino, stat.st_mtime_ns) for run, stat in stats.items()}

    def keep(self) -> None:
        """Remember the runs in the store, each as it was when first seen."""
        self.kept = self.trained() | self.kept

    def undo(self, command: str) -> None:
        """Remove what a command and all later ones wrote, and the logs; of training, one rate's runs as well."""
        if command == "train":
            for run in self.read("results/tiny/tables.json")["runs"]:
                if run["learning_rate"] == 0.01:
                    shutil.rmtree(self.folder / "results/runs" / run["run_key"])
        shutil.rmtree(self.folder / "logs")
        for name in list(WRITTEN)[list(WRITTEN).index(command) :]:
            for path in (self.folder / name for name in WRITTEN[name].split()):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if command == "dataset":
            (self.folder / "results/tiny").rmdir()

    def tables(self) -> dict[str, bytes]:
        """The bytes of every product of the experiment."""
        found = [*self.folder.glob("results/tiny/*.*"), *self.folder.glob("reports/**/*.*")]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in sorted(found)}

    def read(self, path: str) -> dict:
        """A JSON file here."""
        return json.loads((self.folder / path).read_text())
