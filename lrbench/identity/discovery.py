"""Packages that find their own modules, so that one is added by adding its file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType


def modules_of(package: str) -> list[ModuleType]:
    """The modules of a package, imported, in the order of their names; call it as `modules_of(__name__)`.

    `code_digest` takes such a call for an import of each of them.
    """
    path = importlib.import_module(package).__path__
    return [importlib.import_module(f"{package}.{name}") for name in sorted(names_of(path))]


def names_of(path: Iterable[str]) -> list[str]:
    """The names of the modules and packages in a package's folders, nothing imported."""
    return [found.name for found in pkgutil.iter_modules(list(path))]
