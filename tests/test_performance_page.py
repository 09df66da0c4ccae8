"""docs/performance.md from made-up measurements: its sentences, its verdicts, and what it says of what is missing."""

from __future__ import annotations

import copy

import pytest

from benchmarks import verdicts
from benchmarks.cases import in_turn
from benchmarks.contenders import BY_NAME, OF_OWN_MODELS
from benchmarks.growth import curves
from benchmarks.page import page
from benchmarks.plots import draw
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


@pytest.fixture
def parts() -> dict:
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


def test_every_target_is_judged(parts):
    found = judged(parts)
    assert len(found) == 19
    assert [target for target, (_, words) in found.items() if words != "met"] == ["one run: the bound 1.5"]


def test_the_bound_is_the_fastest_librarys_steady_epochs(parts):
    results = Results(parts)
    assert verdicts.bound(results) == ("TensorFlow, oneDNN", pytest.approx(0.5))
    value, words = judged(parts)["one run: the bound 1.5"]
    assert value == pytest.approx(2.2 / 0.5)
    assert words == "**not met**: 193 % over it"


def test_ratios_are_of_medians_in_verdicts_and_round_by_round_in_the_table(parts):
    value, words = judged(parts)["one run: as fast as `model.fit` with its defaults 8"]
    assert (value, words) == (pytest.approx(22 / 2.2), "met")
    assert Results(parts).ratios("fit") == pytest.approx([10.0, 10.0, 6.0])
    row = next(line for line in page(Results(parts)).splitlines() if line.startswith("| `model.fit`, defaults, all"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:] == ["all", "4.00", "22.0", "20.0–24.0", "2.15", "10.0", "6.00–10.0", "0.0123", "0.9771"]


def test_models_from_files_are_held_against_fit_and_the_built_in_network_round_by_round(parts):
    found = {target: value for target, (value, _) in judged(parts).items() if target.startswith("models/")}
    assert found == {
        "models/dense.py: as fast as the faster `model.fit` 1": pytest.approx(2.5),  # of 3, 2.5 and 2
        "models/dense.py: as fast as the faster `model.fit` 2": pytest.approx(2.5),
        "models/dense.py: the built-in network 1.6": pytest.approx(1.5),  # of 1.5, 1.2 and 2
        "models/dense.py: memory of `model.fit` 1.3": pytest.approx(0.9),
        "models/cnn.py: as fast as the faster `model.fit` 1": pytest.approx(1.2),  # of 1.3, 1.1 and 1.2
        "models/cnn.py: memory of `model.fit` 1.3": pytest.approx(1.25),
    }
    text = page(Results(parts))
    cnn = text[text.index("### `models/cnn.py`") :]
    assert "8 epochs on 6,016 images." in cnn
    assert (
        "| `model.fit`, `steps_per_execution` | 12.0 | 11.0–13.0 | 1.20 | 1.10–1.30 | 1.15 | 950 | 0.95 | 0.0123 |"
        in cnn
    )
    assert "| lrbench, built-in network | 2.00 | 2.00–2.50 | 0.67 | 0.50–0.83 | 0.15 | 800 | 0.89 | 0.0123 |" in text


@pytest.mark.parametrize(
    ("name", "change", "target", "words"),
    [
        ("cnn-fit-steps", {"seconds": 9.0}, "models/cnn.py: as fast as the faster `model.fit` 1", "10 % short of it"),
        ("built-in", {"seconds": 1.5}, "models/dense.py: the built-in network 1.6", "25 % over it"),
        ("cnn-fit", {"process": {"megabytes": 500.0}}, "models/cnn.py: memory of `model.fit` 1.3", "54 % over it"),
    ],
)
def test_a_model_from_a_file_that_costs_too_much_is_said(parts, name, change, target, words):
    assert judged(parts)[target][1] == "met"
    for one in of(parts, "own_models", contender=name):
        one.update(change)
    assert judged(parts)[target][1] == f"**not met**: {words}"


def test_a_model_from_a_file_that_fails_is_said(parts):
    for one in of(parts, "own_models", contender="cnn-fit-steps"):
        one.clear()
        one["failed"] = "it broke"
    assert judged(parts)["models/cnn.py: as fast as the faster `model.fit` 1"] == (None, "not measured")
    assert "| `model.fit`, `steps_per_execution` | failed: it broke |" in page(Results(parts))
    assert Results(parts).failures() == {"cnn-fit-steps": "it broke"}


def test_a_contender_that_is_faster_is_said(parts):
    for one in of(parts, "one_run", contender="jax"):
        one["seconds"] = 1.1
    name = "one run: ahead of every contender (nearest: JAX, `lax.scan`) 1"
    assert judged(parts)[name] == (pytest.approx(0.5), "**not met**: 50 % short of it")
    assert (
        "| one run: ahead of every contender (nearest: JAX, `lax.scan`) | must: above 1 times | 0.50 times |"
        in page(Results(parts))
    )


@pytest.mark.parametrize(
    ("record", "said", "failures"),
    [
        ({"missing": "torch is not installed"}, "torch is not installed", {}),
        ({"failed": "InductorError: no g++"}, "failed: InductorError: no g++", {"torch": "InductorError: no g++"}),
    ],
)
def test_a_contender_without_a_run_says_why_and_counts_for_nothing(parts, record, said, failures):
    for one in parts["one_run"]["measurements"]:
        if one["contender"] == "torch":
            one["record"] = record
    results = Results(parts)
    assert f"| PyTorch, eager | one | {said} |" in page(results)
    assert results.failures() == failures
    assert verdicts.nearest(results) == ("JAX, `lax.scan`", pytest.approx(3.0 / 2.2))


def test_what_is_not_training_counts_the_start_of_training_jobs(parts):
    (main,) = of(parts, "whole_job", what="main job")
    # a training job is at work in seconds 2 to 52; of their 90 s together 82 are runs
    assert verdicts.training_span(main) == pytest.approx(50)
    assert verdicts.training_share(main) == pytest.approx(50 * 82 / 90 / 56)
    text = page(Results(parts))
    assert "Snakemake itself, before, between and after the jobs: 3.00 s." in text
    assert "**19 %**; with training jobs counted whole: 11 %." in text
    assert "| `train` | 3 | 90.0 | 40.0 | 1.00 to 51.0 |" in text


def test_spans_that_overlap_are_covered_once():
    assert verdicts.union([(5, 6), (0, 2), (1, 3), (1, 2)]) == 4
    assert verdicts.union([]) == 0


@pytest.mark.parametrize(
    ("spoil", "target", "words"),
    [
        (lambda p: p["whole_job"]["measurements"][1]["record"].update(seconds=300.0), "main job: as fast", "not met"),
        (lambda p: p["whole_job"]["measurements"][0]["record"].update(run_seconds=[60.0]), "main job: what", "not met"),
        (lambda p: [r.update(seconds=2.6) for r in of(p, "whole_job", what="finished")], "finished", "not met**: 4 %"),
        (lambda p: [r.update(cpu=6.0) for r in of(p, "whole_job", what="template")], "template", "not met**: 20 %"),
        (lambda p: of(p, "memory", what="training")[0].update(megabytes=1260), "memory of a", "not met**: 5 %"),
        (
            lambda p: of(p, "memory", what="large analysis")[0]["stages"]["figures"].update(megabytes=1100),
            "large analysis and report: memory",
            "not met**: 10 %",
        ),
        (
            lambda p: of(p, "memory", what="large analysis")[0]["stages"]["report"].update(cpu=8),
            "large analysis and report: CPU",
            "not met**: 10 %",
        ),
        (
            lambda p: of(p, "memory", what="large analysis")[0].update(report_bytes=1_650_000),
            "large report",
            "not met**: 10 %",
        ),
    ],
)
def test_a_target_that_is_missed_says_by_how_much(parts, spoil, target, words):
    before = {name: said for name, (_, said) in judged(parts).items() if name.startswith(target)}
    assert set(before.values()) == {"met"}
    spoil(parts)
    after = [said for name, (_, said) in judged(parts).items() if name.startswith(target)]
    assert words in after[0]


def test_a_report_that_is_refused_misses_its_targets_and_says_why(parts):
    why = "report failed: lrbench: the report would have 1746068 bytes"
    of(parts, "memory", what="large analysis")[0].update(report_bytes=None, failed=why)
    said = [words for target, (_, words) in judged(parts).items() if target.startswith("large")]
    assert said == [f"**not met**: {why}"] * 3
    assert f"made up. **{why}**" in page(Results(parts))


def test_nothing_measured_is_a_page_that_says_so():
    text = page(Results({}))
    assert "**Not measured: one run, own models, whole job, memory, growth.**" in text
    assert {one.words for one in verdicts.verdicts(Results({}))} == {"not measured"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scale": "quick"}, "**A quick trial of the benchmarks themselves"),
        ({"code": "other"}, "**The parts of this page were measured with different states of the code.**"),
        ({"others": 1.4}, "**While memory was measured, other processes took 1.4 cores.**"),
    ],
)
def test_what_weakens_the_numbers_is_said(parts, change, said):
    assert said not in page(Results(parts))
    parts["memory"].update(change)
    assert said in page(Results(parts))


def test_growth_is_told_in_order_of_size(parts):
    text = page(Results(parts))
    assert (
        "| training, CPU s | 1, 2, 4, 8, 16 | 5.50, 6.00, 7.00, 9.00, 13.0 | 5.00 + 0.5 · n^1.00 | linear or less |"
        in text
    )
    assert "| training, MB | 1, 2, 4, 8, 16 | 701, 702, 704, 708, 716 | grows 2 % in all | flat |" in text


def test_what_follows_training_is_added_up_and_the_worked_step_stands_alone(parts):
    stages = ("backpropagate", "aggregate", "analyse", "figures", "report")
    one = {stage: usage(place, 10.0 * place) for place, stage in enumerate(stages, 1)}
    parts["growth"]["measurements"] = [
        {"what": "after training", "axis": "rates", "n": n, "record": copy.deepcopy(one)} for n in (2, 32)
    ]
    found = {(curve.what, curve.measure): curve.costs for curve in curves(Results(parts))}
    assert found == {
        ("after training", "seconds"): [14, 14],
        ("after training", "MB"): [50.0, 50.0],
        ("worked step", "seconds"): [1, 1],
        ("worked step", "MB"): [10.0, 10.0],
    }


def test_a_picture_for_each_axis_is_drawn(parts, tmp_path):
    draw(Results(parts), tmp_path)
    (picture,) = tmp_path.iterdir()
    assert picture.name == "growth-seeds.svg"
    assert picture.read_text().startswith("<?xml")
    assert "performance/growth-seeds.svg" in page(Results(parts))


def test_contenders_take_turns_round_by_round():
    assert in_turn(2, ["a", "b"]) == [(1, "a"), (1, "b"), (2, "a"), (2, "b")]
    assert {*RUNS, *OWN} == set(BY_NAME)
    assert [*OWN] == [one.name for one in OF_OWN_MODELS]
