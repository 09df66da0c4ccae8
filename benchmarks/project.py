"""A copy of the project in which snakemake runs, with an empty store; its templates may be edited."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.processes import Usage, run
from benchmarks.scale import CORES, PROJECT

SOURCES = ("Snakefile", "config", "lrbench", "profiles", "templates", "workflow")
SNAKEMAKE = Path(sys.prefix) / "bin" / "snakemake"


@dataclass(frozen=True)
class Copy:
    """The copy; `name` is the experiment's."""

    folder: Path
    name: str

    @classmethod
    def of(cls, folder: Path, asked: dict[str, Any]) -> Copy:
        """A fresh copy for a config."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in SOURCES:
            if (PROJECT / name).is_dir():
                shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(PROJECT / name, folder / name)
        (folder / "asked.yaml").write_text(yaml.safe_dump(asked, sort_keys=False), encoding="utf-8")
        return cls(folder, asked["experiment"])

    def snakemake(self, *arguments: str) -> Usage:
        """Run the workflow as the README says."""
        command = [SNAKEMAKE, "--cores", str(CORES), "--configfile", "asked.yaml", *arguments]
        return run(command, folder=self.folder, environment={"PYTHONPATH": str(self.folder)}).checked()

    @property
    def report(self) -> Path:
        """The report."""
        return self.folder / "reports" / f"{self.name}.html"

    def jobs(self) -> list[dict[str, Any]]:
        """Every job that ran: its rule, and when it began and ended, in seconds since 1970."""
        found = {}
        for path in (self.folder / ".snakemake" / "metadata").iterdir():
            kept = json.loads(path.read_text(encoding="utf-8"))
            job = {"rule": kept["rule"], "begun": kept["starttime"], "ended": kept["endtime"]}
            found.setdefault((kept["rule"], tuple(kept["log"])), job)
            for key, choose in (("begun", min), ("ended", max)):
                found[kept["rule"], tuple(kept["log"])][key] = choose(
                    found[kept["rule"], tuple(kept["log"])][key], job[key]
                )
        return sorted(found.values(), key=lambda job: job["begun"])

    def run_seconds(self) -> list[float]:
        """How long each stored run trained."""
        paths = (self.folder / "results" / "runs").glob("*/execution.json")
        return [json.loads(path.read_text(encoding="utf-8"))["seconds"] for path in paths]

    def val_accuracies(self) -> dict[str, list[float]]:
        """Final validation accuracy of every run, by rate."""
        import pandas as pd

        epochs = pd.read_csv(self.folder / "results" / self.name / "epochs.csv")
        last = epochs[epochs["epoch"] == epochs["epoch"].max()]
        return {f"{rate:g}": list(own["val_accuracy"]) for rate, own in last.groupby("learning_rate")}
