"""Commands of lrbench as tests of the workflow call them."""

from __future__ import annotations

import subprocess

from support.workspace import BIN, Workspace


def verify(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess:
    """`lrbench verify` on the tiny experiment."""
    named = ("--tables", "results/tiny/tables.json", "--data", "blobs.npz", "--store", "results/runs")
    return subprocess.run(
        [BIN / "lrbench", "verify", *named, *arguments],
        capture_output=True,
        text=True,
        env=workspace.environment,
        cwd=workspace.folder,
        check=False,
    )
