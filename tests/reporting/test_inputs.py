"""What a report is made from, cut short: refused wherever the cut is."""

from __future__ import annotations

import builders
import pytest

from lrbench.errors import InputError
from lrbench.provenance import write_json
from lrbench.reporting.inputs import read_measured
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.format import write_csv


@pytest.fixture
def given(tmp_path):
    """Arguments of read_measured, with which it succeeds."""
    measured = builders.measured()
    for name, table in ANALYSIS_TABLES.items():
        write_csv(getattr(measured, name), table, tmp_path / f"{name}.csv")
    initial = next(run["weights"]["initial"] for run in measured.tables.origin["runs"] if run["seed"] == 0)
    write_json(tmp_path / "backpropagation.json", measured.worked | {"initial_weights": initial})
    arguments = (measured.tables, tmp_path, measured.dataset, tmp_path / "backpropagation.json")
    read_measured(*arguments)
    return arguments


@pytest.mark.parametrize("name", ANALYSIS_TABLES)
def test_a_table_without_some_of_its_rows_is_refused(name, given):
    file = given[1] / f"{name}.csv"
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) > 1
    for kept in range(1, len(lines)):
        file.write_bytes(b"".join(lines[:kept]))
        with pytest.raises(InputError, match=r"\.csv: has other rows than the runs of this experiment give; delete it"):
            read_measured(*given)


@pytest.mark.parametrize("name", ANALYSIS_TABLES)
def test_a_table_cut_in_its_last_number_is_refused(name, given):
    file = given[1] / f"{name}.csv"
    content = file.read_bytes()
    for length in range(len(content) - 12, len(content)):
        file.write_bytes(content[:length])
        with pytest.raises(InputError, match=rf"{name}\.csv: .*delete it and run snakemake again"):
            read_measured(*given)
