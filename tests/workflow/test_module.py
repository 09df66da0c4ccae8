"""Another workflow that uses this one as a module; `make test-installed` has one really run."""

from __future__ import annotations

import os

import pytest
import yaml
from support.forked import dry_run
from support.outer import write_outer

from lrbench.places import SNAKEFILE

pytestmark = pytest.mark.workflow


def planned(folder, *words: str) -> tuple[int, str]:
    """Exit status and output of a dry run of the outer workflow."""
    return dry_run(["snakemake", "--dry-run", *words], folder, os.environ)


def test_rules_have_the_names_and_files_the_prefix_that_the_other_workflow_gives(tmp_path):
    write_outer(tmp_path, SNAKEFILE)
    status, said = planned(tmp_path, "--printshellcmds")
    assert status == 0, said
    assert "rule best:" in said
    assert "rule lrbench_report:" not in said  # the target asks for rates alone
    assert "output: lr/results/tiny/training/lr-0.01/block-0.json" in said
    assert "--store lr/results/runs" in said
    assert "--output lr/results/other" in said
    assert "results/runs" not in said.replace("lr/results/runs", "")
    assert not (tmp_path / "work/lr").exists()


def test_every_product_can_be_asked_for_by_the_rule_all(tmp_path):
    write_outer(tmp_path, SNAKEFILE)
    status, said = planned(tmp_path, "--quiet=rules", "lrbench_all", "lrbench_verify")
    assert status == 0, said
    counts = dict(line.split() for line in said.splitlines() if line.startswith("lrbench_"))
    assert counts["lrbench_report"] == "2"
    assert counts["lrbench_keep_config"] == "1"  # of the experiment that is in no file


def test_a_wrong_config_is_one_sentence_and_other_targets_are_none_of_ours(tmp_path):
    write_outer(tmp_path, SNAKEFILE)
    status, said = planned(tmp_path, "nothing-of-lrbench")
    assert (status, "lrbench:" in said) == (1, False)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"rates": {"configs": []}}))
    status, said = planned(tmp_path)
    assert status == 2
    assert said.splitlines()[-1] == (
        "lrbench: the config of the module: configs is [] but must be a list of config files or of their settings."
    )
