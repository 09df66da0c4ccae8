"""The file of a probe: held against its contract by who writes it and who reads it, and of the tables' experiment."""

from __future__ import annotations

import pytest

from lrbench.errors import InputError
from lrbench.tables.probes import Contract, ProbeFile

PLAN, SETTINGS = {"learning_rates": [0.1], "seeds": [0]}, {"epochs": 1}
ORIGIN = {"expected": {"data": "d"}, "plan": PLAN, "settings": SETTINGS, "runs": [{"seed": 0}]}
CONCLUDED = {"chosen": 0.1}


def test_what_is_written_is_read_with_what_it_was_made_from(tmp_path):
    file = ProbeFile(tmp_path / "length.json", Contract({"length": float}))
    file.write({"length": 0.1}, "d", PLAN, SETTINGS)
    assert file.read(ORIGIN, CONCLUDED) == {
        "length": 0.1,
        "made_from": {"data": "d", "plan": PLAN, "settings": SETTINGS},
    }


def test_what_breaks_the_contract_is_not_written(tmp_path):
    file = ProbeFile(tmp_path / "length.json", Contract({"length": float}))
    with pytest.raises(ValueError, match=r"length\.json: what is to be written breaks its contract in length"):
        file.write({"length": "long"}, "d", PLAN, SETTINGS)
    assert not file.path.exists()


@pytest.mark.parametrize("changed", [{"expected": {"data": "e"}}, {"plan": {}}, {"settings": {}}])
def test_a_file_of_another_experiment_is_refused(tmp_path, changed):
    file = ProbeFile(tmp_path / "length.json", Contract({"length": float}))
    file.write({"length": 0.1}, "d", PLAN, SETTINGS)
    with pytest.raises(InputError, match=r"length\.json: is of other settings or data; delete it and run snakemake"):
        file.read(ORIGIN | changed, CONCLUDED)


def test_a_contract_may_find_more_that_is_foreign(tmp_path):
    def other_seeds(content, origin, _):
        seeds = {run["seed"] for run in origin["runs"]}
        return "" if content["seed"] in seeds else f"has seed {content['seed']}, which no run has"

    file = ProbeFile(tmp_path / "length.json", Contract({"seed": int}, other_seeds))
    for seed in (1, 0):
        file.write({"seed": seed}, "d", PLAN, SETTINGS)
        if seed:
            with pytest.raises(InputError) as refused:
                file.read(ORIGIN, CONCLUDED)
            assert str(refused.value) == f"{file.path}: has seed 1, which no run has; delete it, run snakemake again."
    assert file.read(ORIGIN, CONCLUDED)["seed"] == 0


def test_a_file_with_another_shape_is_refused(tmp_path):
    ProbeFile(tmp_path / "length.json", Contract({"size": float})).write({"size": 0.1}, "d", PLAN, SETTINGS)
    with pytest.raises(InputError, match=r"length\.json: lacks length, so it is not a file of this stage"):
        ProbeFile(tmp_path / "length.json", Contract({"length": float})).read(ORIGIN, CONCLUDED)
