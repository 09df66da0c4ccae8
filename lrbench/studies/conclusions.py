"""What the comparison of a study's variants says: the answer in a sentence, and findings, all by one kind of ledger."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lrbench.identity.provenance import canonical_json, write_json
from lrbench.studies.comparison import StudyAnalysis
from lrbench.studies.findings import RULES, StudyLedger, choosing, common_rates, places
from lrbench.studies.limits import RULES as LIMITS
from lrbench.studies.limits import without_best
from lrbench.studies.next import what_next
from lrbench.tables.conclusions import NEXT
from lrbench.tables.contracts import check_shape
from lrbench.tables.format import write_csv
from lrbench.tables.index import write_index
from lrbench.tables.study import FINDINGS, STUDY_TABLES
from lrbench.training_words import axis_words
from lrbench.wording import listed, rate_labels


def answer(study: StudyAnalysis, ledger: StudyLedger) -> str:
    """The answer in a sentence or two: whether one rate serves all variants, and which variant scores highest."""
    known = choosing(study)
    beside = "".join(f" {text} and is left out." for text in without_best(study, ledger))
    if not known:
        return f"No variant has a best rate among several, so there are none to compare.{beside}"
    what = f"the {axis_words(study.axis)}" if study.axis else "the variant"
    each = _each(study, ledger, known)
    if len(known) == 1:
        return f"Only {study.labels[known[0]]} has a best rate, {ledger.best(known[0])}.{beside}"
    common = common_rates(study)
    if common:
        for place, rate in itertools.product(known, common):
            ledger.cell("curves", "candidate", place=place, learning_rate=rate)
        text = (
            f"No difference in the best learning rate can be told: {rate_labels(common)} "
            f"{'are' if len(common) > 1 else 'is'} the best rate, practically tied with it or not resolved from it, "
            f"in every variant. The best rates are {each}."
        )
    elif _disjoint(study, ledger):
        text = f"The best learning rate depends on {what}: it is {each}."
    else:
        text = f"Whether the best learning rate depends on {what} cannot be told from these runs: it is {each}."
    return f"{text}{beside} {_highest(study, ledger)}".strip()


def _each(study: StudyAnalysis, ledger: StudyLedger, known: list[int]) -> str:
    """The best rate of each variant; those that have the same, with the same tied rates, together."""
    having: dict[str, list[str]] = {}
    for place in known:
        having.setdefault(ledger.best(place), []).append(study.labels[place])
    said = [f"{rate} for {listed(labels)}" for rate, labels in having.items()]
    if len(said) == len(known):
        return listed(said)
    *others, last = said
    return f"{', '.join(others)}, and {last}" if others else last


def _disjoint(study: StudyAnalysis, ledger: StudyLedger) -> bool:
    """Whether in some two variants the tied rates leave no common one, and the best of one costs score in the other.

    A variant that lacks planned runs is none of the two: a rate of which some are missing may be its best.
    """
    whole = [place for place in choosing(study) if not ledger.of(place, "missing")]
    ends = {place: (ledger.of(place, "tied_low"), ledger.of(place, "tied_high")) for place in whole}
    return any(
        (ends[one][1] < ends[other][0] or ends[other][1] < ends[one][0])
        and ledger.cell("transfers", "costs", rate_of=one, used_in=other)
        for one, other in itertools.permutations(ends, 2)
    )


def _highest(study: StudyAnalysis, ledger: StudyLedger) -> str:
    """Which variant has the highest score at its best rate, and from which others it is told apart."""
    pairs = study.pairs[study.pairs["n"] > 0]
    known = sorted({*map(int, pairs["one"]), *map(int, pairs["other"])})
    if len(known) < len(places(study)):
        return ""
    scores = {place: float(ledger.of(place, "score")) for place in known}
    first = max(known, key=lambda place: scores[place])
    alike = []
    for place in known:
        if place != first:
            one, other = sorted((place, first))
            if not ledger.cell("pairs", "separated", one=one, other=other):
                alike.append(study.labels[place])
    if len(alike) == len(known) - 1:
        return f"At their best rates no variant is told apart from {study.labels[first]}, which scores highest."
    beside = f", not told apart from {listed(alike, 'or')}" if alike else ", told apart from all others"
    return f"At their best rates {study.labels[first]} scores highest, {ledger.percent(scores[first])}{beside}."


def conclude(study: StudyAnalysis) -> dict[str, Any]:
    """What is said of a study, as plain data: `statement` with `evidence`, `findings` and `across`."""
    ledger = StudyLedger(study)
    statement = answer(study, ledger)
    found = []
    for finding, rule in {**RULES, **LIMITS}.items():
        own = StudyLedger(study)
        outcome = finding(study, own)
        found.append(
            {
                "evidence": own.items,
                "id": finding.__name__.replace("_", "-"),
                "rule": rule,
                "statement": outcome.statement,
                "status": outcome.status,
            }
        )
    return {"across": dict(study.across), "evidence": ledger.items, "findings": found, "statement": statement}


def write_study(study: StudyAnalysis, asked: Mapping[str, Any], files: Mapping[str, Path], index: Path) -> str:
    """Write a comparison, each table to its file, its findings, what to train next, and the index; the answer.

    asked : what was compared, with the digests of what it was made from; files : by name of
        a table, `findings` and `next`
    """
    conclusions = conclude(study)
    check_shape(conclusions, FINDINGS, "findings")
    proposals = what_next(study, asked["study"])
    check_shape(proposals, NEXT, "next")
    canonical_json([conclusions, proposals])
    for name, table in STUDY_TABLES.items():
        table.check(getattr(study, name), files[name])
    for name, table in STUDY_TABLES.items():
        write_csv(getattr(study, name), table, files[name])
    write_json(files["findings"], conclusions)
    write_json(files["next"], proposals)
    write_index(index, files, asked)
    return str(conclusions["statement"])
