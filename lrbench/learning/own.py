"""A person's own model, ready to train with the exact engine."""

from __future__ import annotations

from collections.abc import Sequence

from lrbench.learning.exact import ExactEngine
from lrbench.learning.model import run_optimizer, set_up_tensorflow
from lrbench.learning.model_file import ModelFile
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import FEW, MANY, Learner, TensorData, evaluation_steps


def set_up(threads: int) -> dict[str, str]:
    """Load TensorFlow for this engine: `set_up_tensorflow` with oneDNN's kernels, which convolve in less time."""
    return set_up_tensorflow(threads, onednn=True)


def learner(settings: RunSettings, data: TensorData, file: ModelFile) -> Learner:
    """A fresh model of a file and its engine. Raises InputError where the model cannot be trained."""
    model = file.build(data.input_shape, data.classes, settings.seed)
    optimizer = run_optimizer(settings, data.steps_per_epoch(settings.batch_size))
    return Learner(model, ExactEngine(model, optimizer, settings.batch_size), _measured_at(settings, data))


def _measured_at(settings: RunSettings, data: TensorData) -> Sequence[int]:
    """Fewer steps where the usual ones would have the model classify more validation examples than it trains on.

    For a model that takes long, such as a convolutional one, measuring would else be a large part of a run.
    """
    first_epoch = evaluation_steps(data.steps_per_epoch(settings.batch_size), 1)[:-1]
    validated = len(first_epoch) * len(data.validation[1])
    return FEW if validated > settings.epochs * data.train_examples else MANY
