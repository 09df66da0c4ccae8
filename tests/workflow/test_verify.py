"""`snakemake verify`: a stored run trained anew comes out the same, and a stored lie is found."""

from __future__ import annotations

import json
import re

import pyarrow.parquet as pq
import pytest
from workflow_commands import verify

from lrbench.provenance import file_digest, write_sealed

pytestmark = pytest.mark.workflow


def test_a_drawn_run_comes_out_the_same(base):
    before = base.trained()
    sentences = [line for line in base.snakemake("--cores", "1", "verify").splitlines() if line.startswith("lrbench: ")]
    assert len(sentences) == 1
    assert re.search(r"came out the same: every weight, and all of its \d+ rows, bit for bit\.$", sentences[0])
    assert base.trained() == before
    assert base.jobs() == {}


def test_what_was_not_computed_so_is_found(workspace):
    run = workspace.read("results/tiny/tables.json")["runs"][0]
    folder = workspace.folder / "results/runs" / run["run_key"]
    table = pq.read_table(folder / "steps.parquet").to_pandas()
    table.loc[3, "batch_loss"] += 0.5
    pq.write_table(pq.read_table(folder / "steps.parquet").from_pandas(table), folder / "steps.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["steps.parquet"] = file_digest(folder / "steps.parquet")
    manifest["weights"]["final"] = "0" * 64
    write_sealed(folder / "manifest.json", manifest)
    done = verify(workspace, "--run", run["run_key"][:10])
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1:] == [
        f"lrbench: the run of learning rate 0.01 and seed 0 ({run['run_key'][:12]}) came out otherwise than stored in "
        "final weights, steps (1 of 16 rows, by 0.5 at most); neither the machine nor the versions, code or data "
        "differ, so what is stored was not computed by them."
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--run", "zz"), "0 of 4 runs have a key that begins with 'zz'"),
        (("--run", ""), "4 of 4 runs have a key that begins with ''"),
    ],
)
def test_a_run_that_is_not_there(arguments, sentence, base):
    done = verify(base, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
