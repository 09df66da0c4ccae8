"""docs/performance.md from made-up measurements: its sentences, its verdicts, and what it says of what is missing."""

from __future__ import annotations

import copy

import pytest
from support.benchmark_parts import OWN, RUNS, judged, measured_parts, of, usage

from benchmarks import verdicts
from benchmarks.cases import in_turn
from benchmarks.contenders import BY_NAME, OF_OWN_MODELS
from benchmarks.growth import curves
from benchmarks.page import page
from benchmarks.plots import draw
from benchmarks.results import Results


@pytest.fixture
def parts() -> dict:
    return measured_parts()


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
