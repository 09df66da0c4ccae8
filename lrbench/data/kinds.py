"""What kind of examples a data set has."""

from __future__ import annotations

import numpy as np


def kind_of(images: np.ndarray) -> str:
    """Whether examples (n, …) are `images`, which have two or three dimensions of brightness, or `features`."""
    return "images" if images.ndim in (3, 4) and images.dtype != np.int32 else "features"
