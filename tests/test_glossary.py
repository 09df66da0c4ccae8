"""The glossary explains every word with which the page judges, and every word once."""

from __future__ import annotations

import re
from pathlib import Path

from lrbench.analysis.verdicts import VERDICTS
from lrbench.findings import observations
from lrbench.findings.claims import parts

GLOSSARY = (Path(__file__).parents[1] / "docs" / "glossary.md").read_text()
TERMS = re.findall(r"\*\*([^*]+)\*\*", GLOSSARY)
TEXT = re.sub(r"\s+", " ", GLOSSARY.replace("*", ""))


def test_no_term_is_explained_twice():
    assert sorted(TERMS) == sorted(set(TERMS))


def test_every_verdict_has_its_meaning():
    known = {"diverges": "diverged", "fails to learn": "failed"}
    assert [verdict for verdict in VERDICTS if known.get(verdict, verdict) not in TERMS] == []


def test_every_status_and_every_verdict_on_a_claim_stands_there():
    statuses = [observations.FINDING, observations.PASSED, observations.INCONCLUSIVE, observations.NOT_APPLICABLE]
    verdicts = [parts.SUPPORTED, parts.CONTRADICTED, parts.MIXED, parts.INCONCLUSIVE, parts.NOT_TESTED]
    assert [word for word in statuses if word not in TERMS] == []
    assert ", ".join(verdicts[:-1]) + f" or {verdicts[-1]}" in TEXT
