"""The performance page on models from files: held against fit and the built-in network."""

from __future__ import annotations

import pytest
from support.benchmark_parts import judged, measured_parts, of

from benchmarks.page import page
from benchmarks.results import Results


@pytest.fixture
def parts() -> dict:
    return measured_parts()


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
