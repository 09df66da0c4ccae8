"""The built-in network, ready to train with the fused engine."""

from __future__ import annotations

from lrbench.learning.engine import Engine
from lrbench.learning.model import build_model, build_optimizer
from lrbench.learning.settings import RunSettings
from lrbench.learning.training import Learner, TensorData


def learner(settings: RunSettings, data: TensorData) -> Learner:
    """A fresh built-in network and its engine."""
    model = build_model(data.input_shape, data.classes, settings)
    optimizer = build_optimizer(settings.optimizer, settings.learning_rate)
    return Learner(model, Engine(model, optimizer, settings.batch_size))
