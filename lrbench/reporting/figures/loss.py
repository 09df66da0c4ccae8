"""The figure of the loss: on training and validation data, after each epoch."""

from __future__ import annotations

from lrbench.reporting.drawing.epoch_curves import epochs_figure
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.inputs import Measured
from lrbench.wording import rounded

NAME = "Loss"
PLACE = 10


def draw(measured: Measured, rates: Rates) -> Drawing:
    """Training and validation loss after each epoch."""
    return epochs_figure(measured, rates, "loss", "Loss (nats)", rounded)
