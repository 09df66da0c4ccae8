"""One base run of the tiny experiment, copied for each test."""

from __future__ import annotations

import pytest
from support.shared import made_once
from support.workspace import Workspace, write_blobs


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> Workspace:
    """The finished run of the tiny experiment, one for all processes of the tests.

    Tests read it and run snakemake on copies of it: while one copies it, nothing in it may change.
    """

    def run(folder):
        workspace = Workspace(folder)
        write_blobs(folder / "blobs.npz")
        workspace.configure()
        workspace.snakemake()

    return Workspace(made_once(tmp_path_factory, "base", run))


@pytest.fixture
def workspace(base, tmp_path) -> Workspace:
    """A copy of the finished run, times of files included."""
    return base.copied(tmp_path)
