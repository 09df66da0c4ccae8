"""The settings of the range test: the rates that it spans, and what cannot be."""

from __future__ import annotations

import re

import pytest
from support.configs import CONFIG
from support.samples import idx_folder

from lrbench.errors import InputError
from lrbench.settings.experiment import read_experiments


@pytest.fixture
def project(tmp_path, monkeypatch):
    idx_folder(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(project, text):
    """The one experiment of a config with this text."""
    (project / "config.yaml").write_text(text, encoding="utf-8")
    (experiment,) = read_experiments([project / "config.yaml"]).values()
    return experiment


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ("", {"from": 1e-4, "to": 10.0}),
        ("range_test: {from: 2e-6}\n", {"from": 2e-6, "to": 10.0}),
        ("range_test: {from: 1, to: 3}\n", {"from": 1.0, "to": 3.0}),
    ],
)
def test_a_range_test_goes_two_decades_beyond_the_grid_unless_told_otherwise(project, written, options):
    asked, plain = read(project, CONFIG + "probes: [range_test]\n" + written), read(project, CONFIG)
    assert (asked.probe_options("range_test"), asked.probe_options("mistakes")) == (options, {})
    for name in ("training_settings", "plan", "analysis_settings", "split_settings"):
        assert getattr(asked, name) == getattr(plain, name)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("range_test: {from: 0.1}\n", "range_test is given but probes does not have range_test; add it there"),
        (
            "probes: [range_test]\nrange_test: {from: 10}\n",
            "range_test goes from 10 to 10, but must rise; write a lower",
        ),
        (
            "probes: [range_test]\nrange_test: {from: 1e-30}\n",
            "range_test goes over more than 30 decades; write a higher",
        ),
        ("probes: [range_test]\nrange_test: {from: 0}\n", "range_test.from is 0 but must be greater than 0"),
        (
            "probes: [range_test]\nrange_test: {start: 1}\n",
            "range_test.start is no known key; remove it or use one of from",
        ),
    ],
)
def test_a_range_test_that_cannot_be_is_refused(project, written, problem):
    with pytest.raises(InputError, match=re.escape(problem)):
        read(project, CONFIG + written)
