"""lrbench's subcommands as the workflow calls them, for an experiment of any size in a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.scale import BATCH_SIZE, DATA, HIDDEN_UNITS, LEARNING_RATE, PROJECT, SEED, TUTORIAL_RATES, Scale
from lrbench.identity.provenance import canonical_json
from lrbench.settings.experiment import Experiment, block_files, read_experiments
from lrbench.stages import STAGES
from lrbench.wording import rate_label

LRBENCH = (sys.executable, "-m", "lrbench")


def config(**changes: Any) -> dict[str, Any]:
    """The tutorial's config, some of its keys changed."""
    return {
        "experiment": "measured",
        "dataset": {"name": "MNIST", "path": str(DATA)},
        "model": {"hidden_units": list(HIDDEN_UNITS)},
        "learning_rates": [LEARNING_RATE],
        "seeds": [SEED],
        "batch_size": BATCH_SIZE,
        "epochs": 1,
        "targets": [0.95, 0.97],
        **changes,
    }


def dataset(examples: int | None) -> dict[str, Any]:
    """The data set of a config, cut to a number of training examples."""
    return config()["dataset"] | ({} if examples is None else {"train_examples": examples})


def main_job(scale: Scale) -> dict[str, Any]:
    """The config of the whole main job."""
    return config(
        learning_rates=list(TUTORIAL_RATES),
        seeds=list(scale.seeds),
        epochs=scale.epochs,
        dataset=dataset(scale.examples),
    )


@dataclass(frozen=True)
class Commands:
    """The subcommands for one experiment; every file is in `folder`."""

    folder: Path
    experiment: Experiment

    @classmethod
    def of(cls, folder: Path, asked: dict[str, Any]) -> Commands:
        """The commands for a config, which is written into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "config.yaml"
        file.write_text(yaml.safe_dump(asked, sort_keys=False), encoding="utf-8")
        return cls(folder, read_experiments([file], folders=(PROJECT,))[asked["experiment"]])

    @property
    def data(self) -> str:
        """Where the data are."""
        return str(DATA)

    @property
    def store(self) -> Path:
        """The run store."""
        return self.folder / "runs"

    @property
    def origin(self) -> dict[str, Any]:
        """Code and versions that runs come from."""
        return STAGES["train" if self.experiment.model_path is None else "train-own-model"].origin()

    def dataset(self) -> list[str]:
        """Check the data and write their manifest."""
        split = canonical_json(self.experiment.split_settings)
        return [*LRBENCH, "dataset", "--data", self.data, "--split", split, "--output", str(self._manifest)]

    def train(self, learning_rate: float, seeds: Sequence[int]) -> list[str]:
        """Train one block."""
        model = self.experiment.model_path
        return [
            *LRBENCH,
            "train",
            *self._training,
            *("--learning-rate", rate_label(learning_rate), "--seeds", canonical_json(list(seeds))),
            *(
                "--data",
                self.data,
                "--output",
                block_files(self._blocks, {"learning_rates": [learning_rate], "seeds": [0]}, 1)[0],
            ),
            *([] if model is None else ["--model", model]),
        ]

    def backpropagate(self) -> list[str]:
        """Work one step through."""
        given = ["--settings", self._settings, "--plan", self._plan, "--dataset", str(self._manifest)]
        return [*LRBENCH, "backpropagate", *given, "--data", self.data, "--output", str(self.worked)]

    def aggregate(self) -> list[str]:
        """Put the runs of every block into tables."""
        one_block = str(max(self.experiment.seeds) + 1)
        return [
            *LRBENCH,
            "aggregate",
            *self._training,
            "--plan",
            self._plan,
            "--blocks",
            self._blocks,
            "--seeds-per-job",
            one_block,
            "--output",
            str(self.folder),
        ]

    def analyse(self) -> list[str]:
        """Measure, compare and conclude."""
        given = ["--dataset", str(self._manifest), "--output", str(self.folder)]
        return [*LRBENCH, "analyse", *self._tables, *self._analysis, *given]

    def figures(self) -> list[str]:
        """Draw the figures."""
        return [*LRBENCH, "figures", *self._tables, *self._analysed, "--output", str(self.folder / "figures")]

    def report(self) -> list[str]:
        """Write the page."""
        experiment = self.experiment
        heading = {
            "config": "config.yaml",
            "dataset_name": experiment.dataset_name,
            "name": experiment.name,
            "title": experiment.title,
        }
        return [
            *(*LRBENCH, "report", *self._tables, *self._analysed, "--experiment", canonical_json(heading)),
            *("--figures", str(self.folder / "figures"), "--output", str(self.page)),
        ]

    @property
    def page(self) -> Path:
        """The report."""
        return self.folder / "report.html"

    @property
    def worked(self) -> Path:
        """The step that was worked through."""
        return self.folder / "backpropagation.json"

    @property
    def _blocks(self) -> str:
        return str(self.folder / "blocks")

    @property
    def _manifest(self) -> Path:
        return self.folder / "manifest.json"

    @property
    def _settings(self) -> str:
        return canonical_json(self.experiment.training_settings)

    @property
    def _plan(self) -> str:
        return canonical_json(self.experiment.plan)

    @property
    def _training(self) -> list[str]:
        given = ["--settings", self._settings, "--expect", canonical_json(self.origin)]
        return [*given, "--dataset", str(self._manifest), "--store", str(self.store)]

    @property
    def _tables(self) -> list[str]:
        return ["--tables", str(self.folder / "tables.json"), "--settings", self._settings, "--plan", self._plan]

    @property
    def _analysed(self) -> list[str]:
        given = ["--dataset", str(self._manifest), "--analysed", str(self.folder / "analysis.json")]
        return [*self._analysis, *given, "--probes", str(self.worked)]

    @property
    def _analysis(self) -> list[str]:
        return ["--analysis", canonical_json(self.experiment.analysis_settings)]
