"""The figure of the accuracy: on training and validation data, after each epoch."""

from __future__ import annotations

from lrbench.reporting.drawing.epoch_curves import epochs_figure
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.inputs import Measured

NAME = "Accuracy"
PLACE = 20


def draw(measured: Measured, rates: Rates) -> Drawing:
    """Training and validation accuracy after each epoch."""
    return epochs_figure(measured, rates, "accuracy", "Accuracy", measured.accuracy)
