"""What real snakemake does as it starts: links are kept, config files recorded, store users registered."""

from __future__ import annotations

import pytest
from support.workspace import Workspace

pytestmark = pytest.mark.workflow


def test_a_job_that_fails_beside_a_linked_folder_of_reports_is_no_traceback(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.configure()
    (tmp_path / "blobs.npz").write_text("no archive")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "reports").symlink_to("elsewhere")
    output = workspace.snakemake(status=1)
    assert "lrbench: blobs.npz" in output
    assert "Traceback" not in output
    assert (tmp_path / "reports").is_symlink()


def test_a_finished_run_is_recorded_and_another_config_of_its_name_refused(workspace):
    assert workspace.read("results/.configs/tiny.json")["config"].endswith("config.yaml")
    registered = list((workspace.folder / "results/runs/.folders").iterdir())
    assert len(registered) == 1
    other = workspace.folder / "other.yaml"
    other.write_text((workspace.folder / "config.yaml").read_text() + "title: Another\n")
    output = workspace.snakemake("--configfile", str(other), status=2)
    assert output.splitlines()[-1].startswith(
        "lrbench: other.yaml: the results of experiment 'tiny' here were made from "
    )
    assert "Traceback" not in output
