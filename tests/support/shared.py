"""Folders that take long to fill, each filled once in a run of the tests, whichever of its processes asks first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of this name, which `make` has filled: in this process, or in another that was asked before.

    name : path below the folder that the processes of a run of the tests share
    """
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    finished, failed = folder.with_name(f"{folder.name}.finished"), folder.with_name(f"{folder.name}.failed")
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir()
    except FileExistsError:
        while not finished.exists():  # another process is at it
            if failed.exists():
                pytest.fail(f"{name} could not be made")
            time.sleep(0.1)
        return folder
    try:
        make(folder)
    except BaseException:
        failed.touch()
        raise
    finished.touch()
    return folder
