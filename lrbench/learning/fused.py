"""The built-in network, ready to train with the fused engine."""

from __future__ import annotations

from lrbench.learning.engine import Engine
from lrbench.learning.model import build_model, run_optimizer
from lrbench.learning.schedules import SETTING
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import Learner, TensorData


def learner(settings: RunSettings, data: TensorData) -> Learner:
    """A fresh built-in network and its engine."""
    model = build_model(data.input_shape, data.classes, settings)
    optimizer = run_optimizer(settings, data.steps_per_epoch(settings.batch_size))
    return Learner(model, Engine(model, optimizer, settings.batch_size, scheduled=SETTING in settings.shared))
