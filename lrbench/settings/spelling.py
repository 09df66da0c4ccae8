"""How numbers and truth values are written, in YAML and on the command line."""

from __future__ import annotations

import re
from typing import Any

MAX_DIGITS = 1000  # no number of a config has more; Python refuses to convert text of several thousand
WHOLE = r"(?:[0-9]+|[0-9]{1,3}(?:_[0-9]{3})+)"
WHOLE_NUMBER = re.compile(rf"[-+]?{WHOLE}")
NUMBER = re.compile(rf"[-+]?(?:{WHOLE}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


class Spelled(str):
    """Text of the command line: where a setting is a number or a truth value, it counts as the one that it spells."""

    __slots__ = ()


def spelled_text(value: Any) -> Any:
    """The value with every text in it, at any depth, as `Spelled`."""
    if isinstance(value, str):
        return Spelled(value)
    if isinstance(value, list):
        return [spelled_text(item) for item in value]
    if isinstance(value, dict):
        return {key: spelled_text(item) for key, item in value.items()}
    return value


def spelled_number(value: Any) -> Any:
    """The number that `Spelled` text spells; any other value, and text that spells none, as it is."""
    if isinstance(value, Spelled) and len(value) <= MAX_DIGITS and NUMBER.fullmatch(value):
        return int(value) if WHOLE_NUMBER.fullmatch(value) else float(value)
    return value


def spelled_truth(value: Any) -> Any:
    """The truth value that `Spelled` text spells; any other value, and text that spells none, as it is."""
    return value.lower() == "true" if isinstance(value, Spelled) and value.lower() in ("true", "false") else value
