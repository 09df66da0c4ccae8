"""Which learning rate, and why? A reproducible benchmark and report generator.

In Python, `load` and `load_study` give the results of a finished experiment and of a finished study. They are imported
when they are first asked for, so that importing this package loads nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # relative, so that code digests, which follow imports by their text, do not take these as code
    from .api.experiment import Results, load
    from .api.study import StudyResults, load_study

__all__ = ["Results", "StudyResults", "load", "load_study"]
_HOMES = {
    "Results": "api.experiment",
    "StudyResults": "api.study",
    "load": "api.experiment",
    "load_study": "api.study",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
