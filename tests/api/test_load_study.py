"""The results of a study in Python."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from justhtml import JustHTML
from matplotlib.figure import Figure
from support.results import write_study_results
from support.shared import made_once
from support.studies import sweep

import lrbench
from lrbench.errors import InputError
from lrbench.tables.study import STUDY_TABLES

VARIANTS = {"adam": {0.01: 0.95, 0.1: 0.90, 1.0: 0.80}, "sgd": {0.01: 0.80, 0.1: 0.95, 1.0: 0.10}}


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A folder with the results of a study and of its variants."""

    def make(folder):
        write_study_results({name: sweep(scores) for name, scores in VARIANTS.items()}, folder)

    return made_once(tmp_path_factory, "results of a study", make)


def test_a_study_is_loaded_with_its_tables_findings_and_variants(results):
    study = lrbench.load_study(results / "s")
    for name, table in STUDY_TABLES.items():
        assert {column: str(kind) for column, kind in getattr(study, name).dtypes.items()} == table.columns
    assert (study.name, study.labels, study.variants["best"].tolist()) == ("s", ("adam", "sgd"), [0.01, 0.1])
    assert study.statement in repr(study)
    assert study.findings[0].evidence
    assert study.variant("sgd").recommendation.learning_rate == 0.1
    assert [isinstance(study.figure(figure), Figure) for figure in study.figures] == [True, True]
    page = JustHTML(study._repr_html_(), fragment=True)
    assert [row.query("th, td")[0].to_text() for row in page.query("tr")] == ["Variant", "adam", "sgd"]


def test_what_a_study_does_not_have_is_refused(results):
    study = lrbench.load_study(results / "s")
    with pytest.raises(InputError, match=re.escape("'loss' is no figure of s; its figures are accuracy-by-rate, ")):
        study.figure("loss")
    with pytest.raises(InputError, match="'nadam' is no variant of s; its variants are adam, sgd"):
        study.variant("nadam")


def test_a_study_is_no_experiment_and_the_other_way_round(results):
    with pytest.raises(InputError, match="is a study; load it by load_study"):
        lrbench.load(results / "s")
    with pytest.raises(InputError, match="is an experiment; load it by load"):
        lrbench.load_study(results / "s-sgd")


def test_a_study_whose_variant_was_analysed_anew_is_refused(results, tmp_path):
    copy = shutil.copytree(results, tmp_path / "results")
    (copy / "s-sgd" / "analysis.json").write_text("{}")
    with pytest.raises(InputError, match="its variants were analysed anew, or removed, since"):
        lrbench.load_study(copy / "s")
