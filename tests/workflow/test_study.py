"""A study from config to page, by real snakemake: every variant with its report, equal runs trained once."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml
from support.workspace import CONFIG, Workspace, write_blobs

pytestmark = pytest.mark.workflow

BASE = {key: value for key, value in CONFIG.items() if key != "experiment"}
BASE |= {"learning_rates": [0.1], "probes": []}
STUDY = {"study": "both", "title": "Does it hold?", "base": BASE, "variants": {"one": {}, "again": {"title": "Again"}}}


def test_a_study_compares_its_variants_and_trains_equal_runs_once(tmp_path):
    workspace = Workspace(tmp_path)
    write_blobs(tmp_path / "blobs.npz")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(STUDY, sort_keys=False))
    workspace.snakemake()
    keys = []
    for variant in STUDY["variants"]:
        assert (tmp_path / f"reports/both-{variant}.html").stat().st_size > 100_000
        tables = json.loads((tmp_path / f"results/both-{variant}/tables.json").read_text())
        keys.append({run["run_key"] for run in tables["runs"]})
    assert keys[0] == keys[1] == set(workspace.trained())
    logs = [path.read_text() for path in tmp_path.glob("logs/both-*/train/**/*.log")]
    assert len(logs) == 2
    assert sum(log.count("epoch 2/2") for log in logs) == len(keys[0])  # not twice
    page = (tmp_path / "reports/both.html").read_text()
    assert "Does it hold?" in page
    assert "lrbench make config.yaml" in page
    assert "--experiment both-one config.yaml both-one.keras" in (tmp_path / "reports/both-one.html").read_text()
    index = (tmp_path / "reports/index.html").read_text()
    for name in ("both", "both-one", "both-again"):
        assert f'<a href="{name}.html">' in index
    assert workspace.jobs() == {}
    (tmp_path / "results/other/dataset").mkdir(parents=True)  # one that another config began
    (tmp_path / "results/other/dataset/manifest.json").write_text("{}")
    assert workspace.jobs() == {"index": 1}
    shutil.rmtree(tmp_path / "results/other")
    printed = workspace.snakemake("--dry-run", "--printshellcmds", "--cores", "1", "verify")
    assert "--studies '{" in printed
    more = {**STUDY["variants"], "sgd": {"optimizer": {"name": "sgd"}}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(STUDY | {"variants": more}, sort_keys=False))
    own = dict.fromkeys(("dataset", "train", "aggregate", "analyse", "figures", "report"), 1)
    assert workspace.jobs() == own | {"compare": 1, "study": 1}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(STUDY | {"title": "Other"}, sort_keys=False))
    assert workspace.jobs() == {"compare": 1, "study": 1, "report": 1}  # of the variant whose title follows the study's
