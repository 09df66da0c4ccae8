"""How a page is cited: the BibTeX of CITATION.cff, in characters that BibTeX takes as they are."""

import pytest

from lrbench.errors import InputError
from lrbench.places import CITATION
from lrbench.reporting.citation import bibtex

CFF = """
title: "100 % {of} lrbench_1"
version: 1.2.3
date-released: 2031-05-06
authors:
  - name: The maintainers & others
  - family-names: Noether
    given-names: Emmy
"""
DIGEST = "0123456789abcdef" * 4


def test_version_year_authors_and_digest_are_in_the_entry():
    assert bibtex({"CITATION.cff": CFF}, "my_own", "my_own/analysis.json", DIGEST).splitlines() == [
        "@software{lrbench-my_own-0123456,",
        r"  author = {{The maintainers \& others} and Noether, Emmy},",
        r"  title = {{100 \% \{of\} lrbench\_1}},",
        "  year = {2031},",
        "  version = {1.2.3},",
        rf"  note = {{my\_own, SHA-256 of my\_own/analysis.json: {DIGEST}}},",
        "}",
    ]


def test_the_project_can_be_cited():
    assert "version = {" in bibtex({"CITATION.cff": CITATION.read_text()}, "tutorial", "tutorial/analysis.json", DIGEST)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (CFF.replace("version", "number"), "CITATION.cff: lacks version; restore it"),
        ("- a", "CITATION.cff: lacks authors, date-released, title, version; restore it"),
        ("a: [", "CITATION.cff: is not YAML; restore it"),
        (None, "CITATION.cff: is missing; restore"),
    ],
)
def test_a_file_that_is_something_else_is_said(text, problem):
    with pytest.raises(InputError, match=problem):
        bibtex({} if text is None else {"CITATION.cff": text}, "tutorial", "tutorial/analysis.json", DIGEST)
