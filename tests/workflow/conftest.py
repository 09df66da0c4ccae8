"""One base run of the tiny experiment, copied for each test."""

from __future__ import annotations

import shutil

import pytest
from support.workspace import Workspace, write_blobs


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> Workspace:
    """One finished run of the tiny experiment. Tests work on copies of it."""
    workspace = Workspace(tmp_path_factory.mktemp("base"))
    write_blobs(workspace.folder / "blobs.npz")
    workspace.configure()
    workspace.snakemake()
    return workspace


@pytest.fixture
def workspace(base, tmp_path) -> Workspace:
    """A copy of the finished run, times of files included."""
    folder = tmp_path / "copy"
    shutil.copytree(base.folder, folder)
    return Workspace(folder)
