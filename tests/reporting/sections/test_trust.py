import pytest
from support import stage_files
from support.examples import EXAMPLES, example

from lrbench.errors import InputError
from lrbench.reporting.sections.trust import fit_known, trust
from lrbench.tables.fit import fit_file, read_fit, write_fit


@pytest.mark.parametrize(
    ("make", "said", "unsaid"),
    [
        (
            EXAMPLES["three"],
            ["3 pairs of rates", "held against the range", "corrected by Holm's method", "95 % intervals"],
            [],
        ),
        (example((0.001, 0.0001)), ["1 pair of rates", "held against the range"], ["Holm"]),
        (EXAMPLES["one-seed"], ["With one seed there is no interval, and nothing is told apart."], ["Holm", "%"]),
        (EXAMPLES["one-rate"], ["No pair of rates could be compared"], ["Holm", "%"]),
    ],
)
def test_comparisons_are_described_as_they_were_made(make, said, unsaid):
    text = dict(trust(stage_files.measured(make)))["Comparisons"]
    assert all(part in text for part in said)
    assert not any(part in text for part in unsaid)


RECORD = {
    "differing": 0,
    "epochs": [],
    "identical": True,
    "largest": 0.0,
    "learning_rate": 0.001,
    "run_key": "a" * 64,
    "seed": 3,
    "versions": {"keras": "3.15.1", "numpy": "2.4.6"},
    "weights": 109386,
}
OTHER = RECORD | {"identical": False, "differing": 12, "largest": 3.41e-5, "epochs": ["val_loss"]}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (None, "Not checked for these runs."),
        (
            RECORD,
            "Identical (checked: rate 0.001, seed 3), with keras 3.15.1 and numpy 2.4.6: model.fit gives the same",
        ),
        (OTHER, "other values for 12 of 109,386 weights, by at most 3.5e−5; val_loss of its epochs differ too."),
        (OTHER | {"largest": 0.25}, "of 109,386 weights, by at most 0.25; val_loss"),
        (OTHER | {"largest": None}, "of 109,386 weights, by an amount that is no number; val_loss"),
    ],
)
def test_what_is_known_of_fit(record, said):
    assert said in fit_known(record)


def test_a_record_counts_for_its_own_run_alone_and_a_damaged_one_is_refused(tmp_path):
    path = fit_file(tmp_path / "tables.json")
    write_fit(path, RECORD)
    assert read_fit(path, [{"run_key": "a" * 64}])["seed"] == 3
    assert read_fit(path, [{"run_key": "b" * 64}]) is None
    path.write_text(path.read_text().replace('"seed": 3', '"seed": 4'))
    with pytest.raises(InputError, match=r"fit\.json: has changed since it was written"):
        read_fit(path, [{"run_key": "a" * 64}])
