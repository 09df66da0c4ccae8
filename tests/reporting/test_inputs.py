import dataclasses
import math

import pytest
from support import stage_files
from support.examples import THREE

from lrbench.errors import InputError
from lrbench.registry import probe_files
from lrbench.reporting.inputs import read_conclusions, read_measured
from lrbench.tables.probes import ProbeFile


@pytest.fixture
def written(tmp_path):
    """An experiment with its analysis on disk, and how to read it."""
    made, analysed = THREE(), tmp_path / "analysis" / "analysis.json"
    stage_files.write_experiment(made, tmp_path)
    given, _ = stage_files.read_experiment(made, tmp_path)
    return given, lambda **other: read_measured(
        **{
            "tables": given.tables,
            "analysed": analysed,
            "analysis": made.settings,
            "dataset": given.dataset,
            "probes": probe_files({"backpropagation": analysed.with_name("backpropagation.json")}),
        }
        | other
    )


def test_missing_analysis_is_said(written, tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.json: cannot be read"):
        written[1](analysed=tmp_path / "nowhere.json")
    (tmp_path / "analysis" / "across.json").unlink()
    with pytest.raises(InputError, match=r"across\.json: cannot be read"):
        read_conclusions(tmp_path / "analysis" / "analysis.json")


def test_an_analysis_of_other_settings_or_tables_is_refused(written):
    given, read = written
    assert read().chosen == given.chosen
    other = dataclasses.replace(given.tables, digest="0" * 64)
    for changed in ({"analysis": {"targets": [0.5]}}, {"tables": other}):
        with pytest.raises(InputError, match=r"analysis\.json: is of other settings or tables; delete it"):
            read(**changed)


def test_a_step_of_other_settings_or_data_is_refused(written):
    given, read = written
    origin = dict(given.tables.origin)
    for name, value in {"settings": {}, "plan": {}, "expected": {"data": "another"}}.items():
        other = dataclasses.replace(given.tables, origin=origin | {name: value})
        with pytest.raises(InputError, match=r"backpropagation\.json: is of other settings or data; delete it"):
            read(tables=other)


def test_an_accuracy_has_the_digits_of_the_validation_set_and_none_is_a_dash():
    measured = stage_files.measured(THREE)
    assert [measured.accuracy(share) for share in (0.97849, math.nan, None)] == ["97.8 %", "not finite", "–"]


def test_a_table_of_other_rates_is_refused(written, monkeypatch):
    given, read = written
    plan = dict(given.tables.origin["plan"])
    origin = dict(given.tables.origin) | {"plan": plan | {"learning_rates": [*plan["learning_rates"], 7.0]}}
    monkeypatch.setattr(ProbeFile, "read", lambda *_: {})
    with pytest.raises(
        InputError, match=r"rates\.csv: has other rates than the plan; delete it and run snakemake again"
    ):
        read(tables=dataclasses.replace(given.tables, origin=origin))
