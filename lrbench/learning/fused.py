"""The built-in network, ready to train with the fused engine."""

from __future__ import annotations

from lrbench.learning.engine import Engine
from lrbench.learning.model import build_model, run_optimizer, set_up_tensorflow
from lrbench.learning.schedules import SETTING
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import Learner, TensorData


def set_up(threads: int) -> dict[str, str]:
    """Load TensorFlow for this engine: `set_up_tensorflow` with its own kernels, whose order of additions is known."""
    return set_up_tensorflow(threads)


def learner(settings: RunSettings, data: TensorData) -> Learner:
    """A fresh built-in network and its engine."""
    model = build_model(data.input_shape, data.classes, settings)
    optimizer = run_optimizer(settings, data.steps_per_epoch(settings.batch_size))
    return Learner(model, Engine(model, optimizer, settings.batch_size, scheduled=SETTING in settings.shared))
