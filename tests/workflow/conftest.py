"""The finished run of the tiny experiment, copied for each test."""

from __future__ import annotations

import pytest
from support.workspace import Workspace


@pytest.fixture
def workspace(base, tmp_path) -> Workspace:
    """A copy of the finished run, times of files included."""
    return base.copied(tmp_path)
