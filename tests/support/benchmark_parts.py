"""What a benchmark leaves, made: every part whole, and what is asked of it."""

from __future__ import annotations

from benchmarks import verdicts
from benchmarks.results import Results

MACHINE = {
    "cpu": "A processor",
    "cores": 2,
    "memory": 24e9,
    "pinned": [1],
    "python": "3.11.7",
    "system": "Linux 6",
    "versions": {"keras": "3", "torch": "2"},
}


# seconds of three rounds, of which the first's epoch also compiles
RUNS = {
    "lrbench": (2.0, 2.2, 4.0),
    "fit": (20.0, 22.0, 24.0),
    "fit-pinned": (18.0, 18.0, 18.0),
    "fit-steps": (10.0, 10.0, 10.0),
    "fit-jit": (30.0, 30.0, 30.0),
    "torch": (5.0, 5.0, 5.0),
    "torch-compiled": (25.0, 25.0, 25.0),
    "jax": (3.0, 3.3, 2.0),
    "bound-numpy": (1.1, 1.1, 1.1),
    "bound-tensorflow": (1.6, 1.6, 1.6),
    "bound-onednn": (1.0, 1.0, 1.0),
}


OWN = {  # seconds of three rounds, and megabytes
    "dense-lrbench": ((3.0, 3.0, 4.0), 900.0),
    "dense-fit": ((18.0, 18.0, 18.0), 1000.0),
    "dense-fit-steps": ((9.0, 7.5, 8.0), 1000.0),
    "built-in": ((2.0, 2.5, 2.0), 800.0),
    "cnn-lrbench": ((10.0, 10.0, 10.0), 1000.0),
    "cnn-fit": ((14.0, 12.0, 16.0), 800.0),
    "cnn-fit-steps": ((13.0, 11.0, 12.0), 950.0),
}


def record(seconds: float) -> dict:
    """Ten epochs that are equal but for the first, which takes half a second more."""
    steady = (seconds - 0.5) / 10
    return {
        "imports": 4.0,
        "seconds": seconds,
        "epochs": [steady + 0.5, *[steady] * 9],
        "losses": [0.3] * 9 + [0.0123],
        "accuracies": [0.9] * 10,
        "val_accuracies": [0.9] * 9 + [0.9771],
        "note": "",
    }


def usage(cpu: float, megabytes: float = 100.0, **others: object) -> dict:
    return {"seconds": cpu, "cpu": cpu, "megabytes": megabytes, **others}


def job(rule: str, begun: float, ended: float) -> dict:
    return {"rule": rule, "begun": 1000.0 + begun, "ended": 1000.0 + ended}


def measured_parts() -> dict:
    """Everything measured in full, every target reached."""
    jobs = [job("dataset", 1, 2), job("train", 2, 42), job("train", 2, 32), job("train", 32, 52), job("report", 53, 55)]
    accuracies = {"0.01": [0.96, 0.97], "0.001": [0.98, 0.97]}
    whole = [
        {"what": "main job", "record": usage(56, 800.0, jobs=jobs, run_seconds=[82.0], val_accuracies=accuracies)},
        {"what": "tutorial", "record": usage(560, 1500.0, val_accuracies=accuracies)},
        *({"what": "finished", "round": n, "record": usage(2.4)} for n in (1, 2, 3)),
        *({"what": "empty", "round": n, "record": usage(1.0)} for n in (1, 2, 3)),
        *({"what": "template", "round": n, "record": usage(4.0)} for n in (1, 2, 3)),
    ]
    stages = {"aggregate": usage(30, 3000.0), "analyse": usage(8, 900.0), "figures": usage(6, 400.0)}
    large = {"stages": stages | {"report": usage(4, 300.0)}, "report_bytes": 1_100_000, "failed": ""}
    memory = [
        {"what": "training", "record": usage(30, 900.0)},
        {"what": "large analysis", "rates": 30, "seeds": 20, "epochs": 30, "record": large},
    ]
    growth = [
        {"what": "training", "axis": "seeds", "n": n, "record": usage(5 + 0.5 * n, 700 + n)} for n in (16, 1, 4, 2, 8)
    ]
    made = {
        "one_run": [
            {"contender": name, "round": number, "record": record(seconds)}
            for name, rounds in RUNS.items()
            for number, seconds in enumerate(rounds, 1)
        ],
        "own_models": [
            {"contender": name, "round": number, "record": record(seconds) | {"process": {"megabytes": megabytes}}}
            for name, (rounds, megabytes) in OWN.items()
            for number, seconds in enumerate(rounds, 1)
        ],
        "whole_job": whole,
        "memory": memory,
        "growth": growth,
    }
    about = {"code": "c0de", "machine": MACHINE, "scale": "full", "seconds": 300.0, "others": 0.02}
    return {name: about | {"part": name, "measurements": measurements} for name, measurements in made.items()}


def judged(parts: dict) -> dict[str, tuple[float | None, str]]:
    """Value and words of every verdict, by the first words of its target and its limit."""
    return {f"{one.target} {one.limit:g}": (one.value, one.words) for one in verdicts.verdicts(Results(parts))}


def of(parts: dict, part: str, **wanted: object) -> list[dict]:
    return Results(parts).records(part, **wanted)
