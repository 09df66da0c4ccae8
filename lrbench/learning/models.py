"""Which engine trains a model, and which code that is: the built-in network has one of its own, all others another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrbench.errors import InputError
from lrbench.learning.settings import RunSettings

if TYPE_CHECKING:
    from lrbench.learning.training import Learner, TensorData

FUSED, EXACT = "fused", "exact"
MODULES = {FUSED: "lrbench.learning.fused", EXACT: "lrbench.learning.own"}  # with all that they import, what trains


def engine_of(settings: Mapping[str, Any]) -> str:
    """The engine of an experiment's runs. settings : as `RunSettings.shared`, or those of one run."""
    return FUSED if "hidden_units" in settings["model"] else EXACT


def set_up(settings: Mapping[str, Any]) -> dict[str, str]:
    """Load TensorFlow as the engine of such runs needs it, and return the versions that compute.

    settings : as `RunSettings.shared`, or those of one run
    """
    if engine_of(settings) == FUSED:
        from lrbench.learning import fused as engine
    else:
        from lrbench.learning import own as engine  # type: ignore[no-redef]
    return engine.set_up(settings["threads"])


class Learners:
    """Fresh learners for the runs of an experiment.

    settings : of one of the runs; path : the file of its own model; None for the built-in network
    check : holds the model's source against the one that was planned; called with what is not done where it is another
    model : makes a fresh model, not compiled, of input shape, classes and a run's settings
    """

    def __init__(self, settings: Mapping[str, Any], path: Path | str | None) -> None:
        self.engine = engine_of(settings)
        self._repeats = False
        self.model: Callable[[tuple[int, ...], int, RunSettings], Any]
        self._make: Callable[[RunSettings, TensorData], Learner]
        if self.engine == FUSED:
            from lrbench.learning.fused import learner
            from lrbench.learning.model import build_model

            self.model = build_model
            self.check: Callable[[str], None] = lambda _: None
            self._make = learner
            return
        if path is None:
            raise InputError("the settings ask for a model of a file, and --model names none; run snakemake again.")
        from lrbench.learning.model_file import ModelFile
        from lrbench.learning.own import learner as own

        model = settings["model"]
        self._file = ModelFile(path, model["build"], model["source"])
        self.check = self._file.check
        self.model = lambda shape, classes, run: self._file.build(shape, classes, run.seed)
        self._make = lambda run, data: own(run, data, self._file)

    def __call__(self, settings: RunSettings, data: TensorData) -> Learner:
        """A fresh model for a run, and its engine; the first time, it is seen whether a seed gives the same weights."""
        if self.engine == EXACT and not self._repeats:
            self._file.check_repeats(data.input_shape, data.classes, settings.seed)
            self._repeats = True
        return self._make(settings, data)
