"""Types of the command line's arguments, which say in one sentence what is wrong."""

from __future__ import annotations

import argparse
import math
from pathlib import Path


def learning_rate(text: str) -> float:
    """A learning rate, as configs may have it."""
    rate = float(text)
    if not (math.isfinite(rate) and rate > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number greater than 0")
    from lrbench.settings.limits import SMALLEST_FLOAT32

    if rate < SMALLEST_FLOAT32:
        raise argparse.ArgumentTypeError(
            f"{text!r} is less than {SMALLEST_FLOAT32!r}, the least that float32 holds in full"
        )
    return rate


def count(text: str) -> int:
    """A whole number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return number


def cores(text: str) -> str:
    """How many jobs run side by side, a whole number of 1 or more, or `all`; empty where it is left to lrbench."""
    if text not in ("", "all") and not (text.isascii() and text.isdigit() and text.strip("0")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more, or all")
    return text


def file(text: str) -> Path:
    """The path of a file."""
    path = Path(text)
    if not path.name:
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a file")
    return path
