"""Calls of the commands, right but for what a test changes, and the files that they need."""

from __future__ import annotations

import dataclasses

from support import builders, stage_files
from support.histories import THRESHOLDS
from support.samples import MEASURED, ORIGIN, PLAN, SETTINGS, SPLIT, as_json, tree

from lrbench.cli import main
from lrbench.identity.provenance import file_digest, write_sealed
from lrbench.places import PROJECT
from lrbench.tables.experiment import write_tables
from lrbench.tables.training import EXPERIMENT_TABLES

ANALYSIS = {
    "targets": [0.9],
    "thresholds": THRESHOLDS,
}
REPORT = {"config": "mine.yaml", "dataset_name": "Digits", "name": "mine", "title": "Mine"}


def arguments(command, **changed):
    """A command's arguments, right but for those changed; None leaves one out."""
    training = {"settings": as_json(SETTINGS), "expect": as_json(ORIGIN), "dataset": "manifest.json", "store": "runs"}
    described = {"tables": "tables.json", "settings": as_json(SETTINGS), "plan": as_json(PLAN)}
    analysed = {
        "analysis": as_json(ANALYSIS),
        "dataset": "manifest.json",
        "analysed": "analysis/analysis.json",
        "probes": "analysis/backpropagation.json",
    }
    commands = {
        "dataset": {"data": "data", "split": as_json(SPLIT), "output": "out.json"},
        "train": training | {"learning_rate": "0.1", "seeds": "[0]", "data": "data", "output": "out.json"},
        "backpropagate": {
            "settings": as_json(SETTINGS),
            "plan": as_json(PLAN),
            "dataset": "manifest.json",
            "data": "data",
            "output": "out.json",
        },
        "aggregate": training
        | {
            "plan": as_json(PLAN),
            "blocks": "blocks",
            "seeds_per_job": "1",
            "output": "out",
        },
        "analyse": described | {"analysis": as_json(ANALYSIS), "dataset": "manifest.json", "output": "out"},
        "figures": described | analysed | {"output": "figures"},
        "report": described
        | analysed
        | {
            "experiment": as_json(REPORT),
            "figures": "figures",
            "templates": str(PROJECT / "templates"),
            "output": "out.html",
        },
    }
    given_values = commands[command] | changed
    flags = [(f"--{name.replace('_', '-')}", value) for name, value in given_values.items() if value is not None]
    return [command, *(part for flag in flags for part in flag)]


def write_experiment(folder):
    """The tables of one run, and what analysis would make of them."""
    columns = {name: [0.5] for table in EXPERIMENT_TABLES.values() for name in table.columns}
    columns |= {"learning_rate": [0.1], "seed": [0], "step": [0], "epoch": [1]}
    run = {"learning_rate": 0.1, "run_key": "k", "seed": 0, **MEASURED}
    write_tables(
        {name: [table.frame(columns)] for name, table in EXPERIMENT_TABLES.items()},
        {name: folder / f"{name}.{'parquet' if name == 'steps' else 'csv'}" for name in EXPERIMENT_TABLES},
        {"expected": ORIGIN | {"data": "d"}, "plan": PLAN, "runs": [run], "settings": SETTINGS},
        folder / "tables.json",
    )
    given = builders.measured((0.1,), seeds=1, epochs=1)
    data = {"digest": "d", "split": {name: SETTINGS[name] for name in ("train_examples", "validation")}}
    write_sealed(folder / "manifest.json", given.dataset | data)
    tables = dataclasses.replace(given.tables, digest=file_digest(folder / "tables.json"))
    made_from = {"data": "d", "plan": PLAN, "settings": SETTINGS}
    probes = {
        name: {**content, "initial_weights": "i", "made_from": made_from} for name, content in given.probes.items()
    }
    stage_files.write_analysis(dataclasses.replace(given, tables=tables, probes=probes), folder / "analysis", ANALYSIS)


def made_from(folder):
    """What figures of the analysis in a folder are made from."""
    return {name: file_digest(folder / "analysis" / f"{name}.json") for name in ("analysis", "backpropagation")}


def seal(folder):
    """Have every index give the digests that files have now, so that a change is met behind them."""
    stage_files.seal(folder / "tables.json")
    stage_files.seal(folder / "analysis" / "analysis.json", tables=file_digest(folder / "tables.json"))
    stage_files.seal(folder / "figures" / "figures.json", made_from=made_from(folder))


def complaint(work, capsys, call):
    """Standard error of a call that is refused with status 2 before anything is printed or written."""
    before = tree(work)
    try:
        status = main(call)
    except SystemExit as ended:
        status = ended.code
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert tree(work) == before
    return printed.err
