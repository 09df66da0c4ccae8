"""Calls of the commands, right but for what a test changes, and the files that they need."""

from __future__ import annotations

import dataclasses

from support import stage_files
from support.histories import THRESHOLDS, experiment, flat
from support.samples import ORIGIN, PLAN, SETTINGS, SPLIT, as_json, tree

from lrbench.cli import main
from lrbench.identity.provenance import file_digest
from lrbench.places import PROJECT

ANALYSIS = {
    "targets": [0.9],
    "thresholds": THRESHOLDS,
}
REPORT = {"config": "mine.yaml", "dataset_name": "Digits", "name": "mine", "title": "Mine", "yaml": ""}


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


def one_run():
    """The experiment of one run that the commands are asked for."""
    made = experiment({0.1: [flat(0.5, epochs=1)]}, targets=ANALYSIS["targets"])
    asked = {"expected": ORIGIN | {"data": "d"}, "plan": PLAN, "settings": SETTINGS}
    data = {"digest": "d", "split": {name: SETTINGS[name] for name in ("train_examples", "validation")}}
    return dataclasses.replace(made, origin=made.origin | asked, dataset=made.dataset | data)


def write_experiment(folder):
    """The tables of one run, and what analysis makes of them."""
    stage_files.write_experiment(one_run(), folder)


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
