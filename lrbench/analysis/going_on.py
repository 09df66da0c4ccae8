"""What training on to the end cost the runs of one rate, measured without the luck of the best epoch.

The least of many noisy losses is lower than the loss was expected to be there, so an end that is no worse would look
like a loss. Each run's epoch is therefore taken from the other runs.
"""

from __future__ import annotations

import math

import numpy as np

from lrbench.analysis.convergence import least_of_others, score_epochs


def cost_of_going_on(val_loss: np.ndarray) -> np.ndarray:
    """Log of each run's last validation loss over that at the epoch where the other runs' mean is least.

    val_loss : shape (runs, epochs); returns shape (runs,), NaN where a loss is not a finite positive number.
    """
    runs, epochs = val_loss.shape
    if runs == 0 or epochs == 0 or not (np.isfinite(val_loss).all() and (val_loss > 0).all()):
        return np.full(runs, math.nan)
    return np.log(val_loss[:, -1] / val_loss[np.arange(runs), least_of_others(val_loss)])


def drop_from_peak(val_accuracy: np.ndarray) -> np.ndarray:
    """Each run's validation accuracy at the epoch where the other runs' mean is highest, less its score.

    val_accuracy : shape (runs, epochs); returns shape (runs,), NaN where an accuracy is not finite.
    """
    runs, epochs = val_accuracy.shape
    if runs == 0 or epochs == 0 or not np.isfinite(val_accuracy).all():
        return np.full(runs, math.nan)
    scores = val_accuracy[:, -score_epochs(epochs) :].mean(axis=1)
    return val_accuracy[np.arange(runs), least_of_others(-val_accuracy)] - scores
