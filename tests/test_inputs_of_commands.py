"""Files that commands read, wrong or of something else: one sentence, status 2, nothing written."""

from __future__ import annotations

import json

import pytest
from support.commands import arguments, complaint
from support.samples import ORIGIN, SETTINGS, as_json

from lrbench.identity.provenance import write_sealed
from lrbench.tables.analysis import ANALYSIS_TABLES


@pytest.mark.parametrize("command", ["train", "backpropagate", "aggregate"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read (No such file or directory); make it with snakemake"),
        ("", "is not JSON or is cut short; delete it and run snakemake again"),
        ("[]", "holds no JSON mapping; delete it and run snakemake again"),
        ("{}", "lacks digest, so it is not a file of this stage; delete it and run snakemake again"),
        (
            '{"digest": 1}',
            "holds something else under digest than this stage writes; delete it and run snakemake again",
        ),
    ],
)
def test_a_wrong_manifest_of_the_data_is_refused(work, capsys, command, content, problem):
    (work / "manifest.json").unlink()
    if content is not None:
        (work / "manifest.json").write_text(content)
    (work / "runs").mkdir()
    assert complaint(work, capsys, arguments(command)) == f"lrbench: manifest.json: {problem}.\n"


BLOCK = "blocks/lr-0.1/block-0.json"


def write_block(work, content):
    (work / BLOCK).parent.mkdir(parents=True)
    try:
        write_sealed(work / BLOCK, json.loads(content))
    except ValueError:
        (work / BLOCK).write_text(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, f"{BLOCK}: cannot be read (No such file or directory); make it with snakemake"),
        ("{", f"{BLOCK}: is not JSON or is cut short; delete it and run snakemake again"),
        (
            '{"runs": []}',
            f"{BLOCK}: lacks learning_rate, so it is not a file of this stage; delete it and run snakemake again",
        ),
        (
            '{"learning_rate": "0.1", "runs": [0]}',
            f"{BLOCK}: holds something else under learning_rate, runs than this stage writes; "
            "delete it and run snakemake again",
        ),
        (
            '{"learning_rate": 0.1, "runs": [{"seed": 0, "run_key": "other"}]}',
            f"{BLOCK}: its run of learning rate 0.1 and seed 0 is not the one that the settings ask for; "
            "delete the file and run snakemake again",
        ),
        (
            '{"learning_rate": 0.1, "runs": []}',
            "1 of 1 runs are in none of the blocks, learning rate 0.1 with seed 0 among them; run snakemake again",
        ),
    ],
)
def test_a_wrong_block_is_refused(work, capsys, content, problem):
    if content is not None:
        write_block(work, content)
    assert complaint(work, capsys, arguments("aggregate")) == f"lrbench: {problem}.\n"


def test_a_block_holds_a_seed_at_least(work, capsys):
    error = complaint(work, capsys, arguments("aggregate", seeds_per_job="0"))
    assert "argument --seeds-per-job: '0' is not a number of 1 or more" in error


def test_a_run_that_the_store_lacks_is_named(work, capsys):
    from lrbench.identity.provenance import run_key

    key = run_key(SETTINGS | {"learning_rate": 0.1, "seed": 0}, "d", ORIGIN["code"], ORIGIN["versions"])
    block = {"learning_rate": 0.1, "runs": [{"seed": 0, "run_key": key}]}
    write_block(work, json.dumps(block))
    error = complaint(work, capsys, arguments("aggregate"))
    assert error == (
        f"lrbench: runs/{key}/manifest.json: cannot be read (No such file or directory); "
        "run snakemake with --forcerun train, which trains that run again.\n"
    )


@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read (No such file or directory); make it with snakemake"),
        (b"\x89PNG", "is not JSON or is cut short; delete it and run snakemake again"),
        (
            b'{"name": "tea"}',
            "lacks files, expected, plan, runs, settings, so it is not a file of this stage; "
            "delete it and run snakemake again",
        ),
    ],
)
def test_a_foreign_description_of_tables_is_refused(work, capsys, command, content, problem):
    if content is not None:
        (work / "tables.json").write_bytes(content)
    assert complaint(work, capsys, arguments(command)) == f"lrbench: tables.json: {problem}.\n"


@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
@pytest.mark.parametrize("name", ["epochs.csv", "evaluations.csv", "steps.parquet"])
def test_a_truncated_table_is_refused(tables, capsys, command, name):
    file = tables / name
    file.write_bytes(file.read_bytes()[:-2])
    assert complaint(tables, capsys, arguments(command)) == (
        f"lrbench: {name}: has changed since tables.json was written; delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
def test_tables_of_other_settings_are_refused(tables, capsys, command):
    call = arguments(command, settings=as_json(SETTINGS | {"epochs": 2}))
    assert complaint(tables, capsys, call) == (
        "lrbench: tables.json: is of other settings than those asked for; delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
@pytest.mark.parametrize(
    "changed",
    [{"digest": "e"}, {"split": {"train_examples": 7, "validation": SETTINGS["validation"]}}, {"split": {}}],
)
def test_a_manifest_of_other_data_is_refused(tables, capsys, command, changed):
    file = tables / "manifest.json"
    write_sealed(file, json.loads(file.read_text()) | changed)
    assert complaint(tables, capsys, arguments(command)) == (
        "lrbench: manifest.json: is of other data than the tables; delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize("command", ["figures", "report"])
@pytest.mark.parametrize("name", [*(f"{table}.csv" for table in ANALYSIS_TABLES), "claims.json"])
def test_an_analysis_that_was_changed_since_is_refused(tables, capsys, command, name):
    file = tables / "analysis" / name
    file.write_bytes(file.read_bytes() + b"\n")
    assert complaint(tables, capsys, arguments(command)) == (
        f"lrbench: analysis/{name}: has changed since analysis/analysis.json was written; "
        "delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize("counts", [[], [0, 0], [2, -1], [1.0], [True], 3])
@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
def test_a_manifest_that_counts_no_examples_is_refused(tables, capsys, command, counts):
    path = tables / "manifest.json"
    content = json.loads(path.read_text())
    content["parts"]["validation"]["class_counts"] = counts
    path.write_text(json.dumps(content))
    assert complaint(tables, capsys, arguments(command)) == (
        "lrbench: manifest.json: holds something else under parts than this stage writes; "
        "delete it and run snakemake again.\n"
    )


def test_figures_below_a_file_are_refused(tables, capsys):
    (tables / "file").touch()
    error = complaint(tables, capsys, arguments("figures", output="file/figures"))
    assert error == (
        "lrbench: file/figures: cannot be written (Not a directory); give a place that can, then run again.\n"
    )
