"""`snakemake verify`: a stored run trained anew comes out the same, and a stored lie is found."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support import stage_files
from support.workflow_commands import verify

from lrbench.errors import InputError, WorkError
from lrbench.identity.provenance import file_digest, write_sealed
from lrbench.places import TEMPLATES
from lrbench.rechecking import recheck

pytestmark = pytest.mark.workflow


def test_a_drawn_run_comes_out_the_same(workspace):
    before, printed = workspace.trained(), workspace.snakemake("--cores", "1", "verify")
    sentences = [line for line in printed.splitlines() if line.startswith("lrbench: ")]
    assert len(sentences) == 2
    assert sentences[0] == (
        "lrbench: what the page of tiny rests on came out the same: tables, conclusions and page byte for byte, "
        "and its figures are as they were drawn."
    )
    assert re.search(r"came out the same: every weight, and all of its \d+ rows, bit for bit\.$", sentences[1])
    assert workspace.trained() == before
    assert workspace.jobs() == {}


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


@pytest.fixture(scope="module")
def page(base, tmp_path_factory) -> dict:
    """What `lrbench verify` is told of the experiment's page."""
    command = base.copied(tmp_path_factory.mktemp("page")).snakemake("--cores", "1", "-n", "-p", "verify")
    return json.loads(re.search(r"--pages '(.*?)' +--models", command)[1])


def forge(workspace, name, before, after):
    path = workspace.folder / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def seal_again(workspace, *names):
    for name in names:
        stage_files.seal(workspace.folder / name)


DELETE = "delete them and run snakemake again."
FORGERIES = {
    "a table with its index": (
        "results/tiny/epochs.csv",
        ("\n0.01,0,1,", "\n0.01,0,1,1"),
        ["results/tiny/tables.json"],
        "results/tiny/epochs.csv, results/tiny/tables.json: differ from what comes out of the stored runs now; "
        + DELETE,
    ),
    "a conclusion with its index": (
        "results/tiny/recommendation.json",
        ('"statement": "', '"statement": "Never '),
        ["results/tiny/analysis.json"],
        "results/tiny/recommendation.json, results/tiny/analysis.json: differ from what comes out of the tables now; "
        + DELETE,
    ),
    "a conclusion": (
        "results/tiny/rates.csv",
        ("\n0.01,2,", "\n0.01,3,"),
        [],
        f"results/tiny/rates.csv: differs from what comes out of the tables now; {DELETE.replace('them', 'it')}",
    ),
    "a figure's CSV": (
        "reports/tiny/figures/loss.csv",
        ("\n", "\n\n"),
        [],
        "reports/tiny/figures/loss.csv: has changed since reports/tiny/figures/figures.json was written; "
        "delete it and run snakemake again.",
    ),
    "the page": (
        "reports/tiny.html",
        ("<h1", "<h1 "),
        [],
        "reports/tiny.html: differs from what comes out of the figures, tables and conclusions now; "
        "delete it and run snakemake again.",
    ),
}


@pytest.mark.parametrize(("name", "change", "indexes", "sentence"), FORGERIES.values(), ids=FORGERIES)
def test_what_a_page_rests_on_and_does_not_come_out_so_is_named(
    name, change, indexes, sentence, page, workspace, monkeypatch
):
    monkeypatch.chdir(workspace.folder)
    forge(workspace, name, *change)
    seal_again(workspace, *indexes)
    with pytest.raises((InputError, WorkError)) as caught:
        recheck(page, Path("results/tiny/tables.json"), Path("results/runs"), TEMPLATES)
    assert str(caught.value) == sentence


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
