"""Features standardized: mean 0 and deviation 1 in the examples that train."""

from __future__ import annotations

import numpy as np

from lrbench.errors import InputError

ROWS = 4096  # examples whose deviations are summed at a time, in double precision


def standardized(train: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
    """Every part less the mean of each feature in training, divided by its population deviation there; float32.

    A feature that is constant in training becomes 0 in every part.

    Parameters
    ----------
    train, others : examples (n, …), all of one shape beside n

    Raises InputError where a value in another part lies so far from training that float32 does not hold the result.
    """
    mean = train.mean(axis=0, dtype=np.float64)
    squares = sum(np.square(train[row : row + ROWS] - mean).sum(axis=0) for row in range(0, len(train), ROWS))
    varying = train.min(axis=0) != train.max(axis=0)
    deviation = np.where(varying, np.sqrt(squares / len(train)), 1.0)
    varying &= deviation > 0
    deviation[~varying] = 1.0
    return tuple(_scaled(part, mean, deviation, varying) for part in (train, *others))


def _scaled(part: np.ndarray, mean: np.ndarray, deviation: np.ndarray, varying: np.ndarray) -> np.ndarray:
    result = np.empty(part.shape, np.float32)
    for row in range(0, len(part), ROWS):
        with np.errstate(over="ignore"):
            result[row : row + ROWS] = np.where(varying, (part[row : row + ROWS] - mean) / deviation, 0.0)
    if not np.isfinite(result).all():
        raise InputError(
            "dataset.standardize: a value of the validation or test part lies so far from those in training that "
            "standardizing it gives no number; correct the value, or leave the feature out."
        )
    return result
