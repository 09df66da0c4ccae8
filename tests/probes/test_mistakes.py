"""What runs get wrong: counts worked out by hand, predictions of a store, and the section that shows them."""

from __future__ import annotations

import base64
import copy
import dataclasses

import matplotlib.image
import numpy as np
import pytest
from support import pages, stage_files
from support.examples import EXAMPLES, THREE
from support.samples import MEASURED

from lrbench.data.split import Examples, Parts
from lrbench.errors import InputError, WorkError
from lrbench.identity.provenance import write_sealed
from lrbench.learning.store import RunStore
from lrbench.probes.mistakes.confusions import share_percent
from lrbench.probes.mistakes.counts import counts
from lrbench.probes.mistakes.figures.confusion import figure_labels
from lrbench.probes.mistakes.measurement import measure
from lrbench.probes.mistakes.section import content
from lrbench.probes.mistakes.thumbnails import LARGEST, thumbnail
from lrbench.registry import probe_files
from lrbench.tables.probes import Results

LABELS = np.array([0, 0, 0, 0, 1, 1, 2])
PREDICTED = np.array([[0, 0, 1, 1, 1, 1, 2], [0, 1, 1, 1, 1, 2, 2], [0, 0, 0, 2, 1, 1, 2]])
PLACES = np.array([3, 5, 8, 9, 10, 12, 20])


def test_counts_worked_out_by_hand():
    found = counts(PREDICTED, LABELS, 4, PLACES)
    assert (found["accuracy"], found["mean_wrong"]) == (pytest.approx(1 - 7 / 21), pytest.approx(7 / 3))
    assert (found["always_wrong"], found["examples"]) == (1, 7)
    wrong = {(p["true"], p["predicted"]): (p["count"], p["share"]) for p in found["confusions"]}
    assert wrong[0, 1] == (pytest.approx(5 / 3), pytest.approx(5 / 12))
    assert wrong[0, 2] == (pytest.approx(1 / 3), pytest.approx(1 / 12))
    assert wrong[1, 2] == (pytest.approx(1 / 3), pytest.approx(1 / 6))
    assert wrong.keys() == {(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)}
    recall = [(row["examples"], row["mean"], row["lowest"], row["highest"]) for row in found["recall"]]
    assert recall[0] == (4, pytest.approx(0.5), 0.25, 0.75)
    assert recall[1:] == [(2, pytest.approx(5 / 6), 0.5, 1.0), (1, 1.0, 1.0, 1.0), (0, None, None, None)]
    # of runs 1 and 2 examples 1, 5 differ; of 1 and 3 examples 2, 3; of 2 and 3 examples 1, 2, 3, 5
    assert found["disagreement"] == {"examples": 4, "share": 4 / 7, "pairwise": pytest.approx(8 / 21)}
    assert [(one["place"], one["wrong"]) for one in found["hardest"]] == [(9, 3), (8, 2), (5, 1), (12, 1)]
    assert found["hardest"][0]["predicted"] == [{"class": 1, "runs": 2}, {"class": 2, "runs": 1}]


def test_one_run_disagrees_with_none_and_of_no_run_nothing_is_counted():
    one, none = counts(PREDICTED[:1], LABELS, 3, PLACES), counts(PREDICTED[:0], LABELS, 3, PLACES)
    assert (one["disagreement"], one["mean_wrong"]) == (None, 2.0)
    assert (none["accuracy"], none["confusions"], none["recall"], none["hardest"]) == (None, [], [], [])


def test_of_many_classes_the_most_frequent_confusions_are_kept():
    labels = np.arange(300) % 150
    found = counts(np.array([(labels + (labels < 140)) % 150]), labels, 150, np.arange(300))
    assert len(found["confusions"]) == 100
    assert not [pair for pair in found["confusions"] if pair["true"] == pair["predicted"]]
    assert len(found["hardest"]) == 24


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (100, 60, 3), (49, 10, 4)])
def test_a_thumbnail_is_a_png_of_the_image(tmp_path, shape):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    (tmp_path / "a.png").write_bytes(base64.b64decode(thumbnail(image)))
    read = matplotlib.image.imread(tmp_path / "a.png")
    step = -(-max(shape[:2]) // LARGEST)
    assert read.shape[:2] == tuple(-(-side // step) for side in shape[:2])
    first = image[:step, :step].reshape(-1, *shape[2:]).mean(axis=0)
    assert np.allclose(read[0, 0, ...] * 255, first if shape[2:] in ((), (3,)) else first.mean(), atol=0.51)


def test_shares_read_as_0_or_100_only_where_they_are():
    assert [share_percent(s) for s in (0, 0.0001, 0.054, 0.9994, 0.9999, 1)] == [
        "0",
        "<0.1",
        "5.4",
        "99.9",
        ">99.9",
        "100",
    ]


@pytest.fixture
def stored(tmp_path):
    """A holdout of a table with labels of three classes, two runs in a store, and a third that diverged."""
    images = np.arange(60, dtype=np.float32).reshape(30, 2)
    parts = Parts(Examples(images, (np.arange(30) % 3).astype(np.uint8)))
    settings = {"train_examples": None, "validation": {"protocol": "holdout", "examples": 6}}
    store, runs = RunStore(tmp_path), []
    from lrbench.data.split import split

    labels = split(parts, settings).validation.labels
    for seed, shift in enumerate(([0] * 6, [0, 1, 0, 0, 0, 0], [0] * 6)):
        predicted = (labels + shift) % 3
        correct = np.bincount(labels[predicted == labels], minlength=3).tolist()
        run = MEASURED | {"validation": {"class_correct": correct}}
        tables = {name: {} for name in ()} | {
            "epochs": {name: [0.5] for name in ("loss", "accuracy", "val_loss", "val_accuracy")} | {"epoch": [1]},
            "evaluations": {
                "step": [0],
                "epoch": [0.0],
                "gradient_norm": [0.5],
                "update_ratio": [0.5],
                "learning_rate_now": [0.1],
            }
            | {f"{part}_{name}": [0.5] for part in ("train", "val") for name in ("loss", "accuracy")},
            "predictions": {"example": np.arange(6), "predicted": predicted},
            "steps": {"step": [1], "batch_loss": [0.5]},
        }
        store.add(f"{seed}" * 64, tables, {"key": {}, **run}, {})
        weights = {"final": "f", "finite": seed < 2, "initial": "i"}
        runs.append({**run, "learning_rate": 0.1, "run_key": f"{seed}" * 64, "seed": seed, "weights": weights})
    return settings, parts, Results(0.1, runs, tmp_path)


def test_a_held_out_example_has_its_place_in_the_training_part_and_a_diverged_run_is_left_out(stored):
    settings, parts, results = stored
    found = measure(settings, {"seeds": [0, 1, 2]}, parts, results)
    (wrong,) = found["hardest"]
    assert (wrong["wrong"], wrong["picture"], found["part"]) == (1, None, "training")
    assert parts.train.labels[wrong["place"]] == wrong["label"]
    from lrbench.data.split import split

    held = split(parts, settings).validation.images
    assert np.array_equal(parts.train.images[wrong["place"]], held[1])
    assert (found["planned"], [run["seed"] for run in found["runs"]]) == (3, [0, 1])


def test_predictions_that_a_run_was_not_counted_by_are_refused(stored):
    settings, parts, results = stored
    results.runs[1]["validation"] = {"class_correct": [0, 0, 0]}
    with pytest.raises(WorkError, match=r"predictions of run 111111111111 are right in other examples"):
        measure(settings, {"seeds": [0, 1]}, parts, results)


def test_without_a_recommended_rate_the_section_says_so(stored):
    settings, parts, results = stored
    found = measure(settings, {"seeds": [0]}, parts, dataclasses.replace(results, chosen=None))
    assert (found["learning_rate"], found["runs"], found["recall"]) == (None, [], [])
    measured = stage_files.measured(THREE)
    measured.probes["mistakes"] |= {"learning_rate": None}
    assert content(measured)["heading"] == "What it gets wrong: no rate is recommended"
    assert pages.drawing("confusion", measured).rows == []


def test_the_section_names_classes_as_the_data_do():
    measured = stage_files.measured(THREE)
    plain = content(measured)
    names = [f"kind {letter}" for letter in "abcdefghij"]
    named = dataclasses.replace(measured, dataset=measured.dataset | {"class_names": names})
    assert plain["heading"] == "What it gets wrong: most often, 1 taken for 2"
    assert content(named)["heading"] == "What it gets wrong: most often, kind b taken for kind c"
    assert [row[0] for row in content(named)["recall"]] == names
    assert "kind b taken for kind c" in pages.drawing("confusion", named).title
    assert figure_labels(["a" * 20, "猫"], 2) == ["a" * 13 + "…", "1"]


def test_one_seed_has_no_disagreement_and_no_range():
    shown = content(stage_files.measured(EXAMPLES["one-seed"]))
    assert shown["disagreement"] == "With one seed there is no disagreement between seeds to count."
    assert {row[3] for row in shown["recall"]} == {"–"}
    assert "1 of 1 run at the recommended rate" in shown["summary"]


def test_a_confusion_of_more_than_twenty_classes_is_a_list():
    measured = stage_files.measured(THREE)
    labels = np.arange(300) % 30
    found = counts(np.array([(labels + (labels < 25)) % 30] * 2), labels, 30, np.arange(300))
    measured.probes["mistakes"] |= {**found, "hardest": []}
    drawing = pages.drawing("confusion", measured)
    assert "The 20 most frequent confusions" in drawing.caption
    assert len(content(measured)["recall"]) == 20


def test_recall_is_what_balanced_accuracy_is_the_mean_of():
    measured = stage_files.measured(THREE)
    found = measured.probes["mistakes"]
    row = measured.rates.set_index("learning_rate").loc[found["learning_rate"]]
    assert np.mean([one["mean"] for one in found["recall"]]) == pytest.approx(row["balanced_accuracy_mean"])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"learning_rate": 0.5}, "is of another recommendation"),
        ({"runs": [{"run_key": "f" * 64, "seed": 0}]}, "is of other runs"),
    ],
)
def test_mistakes_of_another_recommendation_or_other_runs_are_refused(tmp_path, change, problem):
    measured = stage_files.measured(THREE)
    write_sealed(tmp_path / "mistakes.json", copy.deepcopy(measured.probes["mistakes"]) | change)
    file = probe_files({"mistakes": tmp_path / "mistakes.json"})["mistakes"]
    with pytest.raises(InputError, match=rf"mistakes\.json: {problem}; delete it, run snakemake again"):
        file.read(measured.tables.origin, measured.recommendation)
