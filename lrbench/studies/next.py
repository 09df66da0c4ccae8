"""What to train next in a study: what its variants' own analyses propose, where the comparison needs it.

Rates are proposed for the variants that need them, seeds and epochs for all alike, so that variants still pair.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scipy import stats

from lrbench.analysis.statistics import seeds_to_tell_apart
from lrbench.findings import numbers
from lrbench.findings.proposal import ENOUGH_SEEDS, NO_RATE_LEFT, NOTHING, SOMETHING
from lrbench.settings.limits import new_seeds
from lrbench.studies.asking import Asking, Proposal
from lrbench.studies.comparison import StudyAnalysis
from lrbench.studies.findings import FACTORS, StudyLedger, choosing
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.training_words import carried_over
from lrbench.wording import counted, limited, listed, number, plural_points, rate_label, rounded, sentence

FIRST = "First the study has to be whole."
NEAR = 1e-9  # factors that differ relatively by less are the same
Answer = tuple[Proposal | None, str]  # and the reason in sentences; without a proposal why there is none
Rule = Callable[[StudyAnalysis, Asking, StudyLedger], Answer]


def what_next(study: StudyAnalysis, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What to train next in a study, JSON-serialisable; keys as of `lrbench.findings.next.what_next`.

    asked : the study, as `lrbench.settings.study.Study.as_argument` has it; `asks` of a proposal has keys of its config
    """
    asking = Asking(study.labels, asked)
    proposals: list[dict[str, Any]] = []
    settled: list[dict[str, Any]] = []
    rules = {"missing": _missing} if (study.variants["missing"] > 0).any() else RULES
    for name, rule in rules.items():
        ledger = StudyLedger(study)
        proposal, reason = rule(study, asking, ledger)
        said = {"rule": name, "reason": reason, "evidence": ledger.items}
        if proposal is None:
            settled.append(said)
        else:
            cost = {"runs": proposal.runs, "epochs": proposal.epochs}
            proposals.append(said | {"title": proposal.title, "asks": dict(proposal.asks)} | cost)
    statement = SOMETHING if proposals else FIRST if "missing" in rules else NOTHING
    return {"proposals": proposals, "settled": settled, "statement": statement}


def _missing(study: StudyAnalysis, _asking: Asking, ledger: StudyLedger) -> Answer:
    said = []
    for place, label in enumerate(study.labels):
        if study.variants["missing"].iloc[place]:
            said.append(f"{label} lacks {counted(ledger.of(place, 'missing'), 'planned run')}")
    return None, f"{sentence('; '.join(said))} The same config, run again, trains what is missing."


def _proposing(study: StudyAnalysis, rule: str) -> list[int]:
    """The places of the variants whose own analysis proposes something by a rule."""
    return [place for place, proposals in enumerate(study.proposed) if rule in proposals]


def _carried(study: StudyAnalysis, asking: Asking) -> str:
    """Why no rate is proposed in a study in which weights are carried over; empty where they are not."""
    labels = [study.labels[place] for place, one in enumerate(asking.variants) if carried_over(one["settings"])]
    if not labels:
        return ""
    return (
        f"weights are carried over from rate to rate in {listed(labels)}, where what a rate reaches depends on the "
        "rates before it, so no rate is proposed"
    )


def _ask_rates(
    study: StudyAnalysis, asking: Asking, rule: str, places: Sequence[int], said: Sequence[str], end: str
) -> Answer:
    """A proposal of the rates that these variants' analyses ask for by a rule, with a sentence of it all."""
    why = f"{sentence(limited(said))} {end}".strip()
    if carried := _carried(study, asking):
        return None, f"{why} {sentence(carried)}"
    wanted = {
        place: list(map(float, study.proposed[place][rule]["asks"]["learning_rates"]))
        for place in places
        if rule in study.proposed[place]
    }
    proposal = asking.rates(wanted)
    return (proposal, why) if proposal else (None, f"{why} {sentence(NO_RATE_LEFT)}")


def _beyond(study: StudyAnalysis, asking: Asking, ledger: StudyLedger) -> Answer:
    """Rates beyond an end of a variant's rates at which its best or recommended rate is, or where none learned."""
    said, places = [], []
    for place, label in enumerate(study.labels):
        own = list(_ends(study, place, ledger))
        if own:
            places.append(place)
            said += own
        elif not ledger.of(place, "eligible"):
            places.append(place)
            said.append(f"{label} learned at no rate in all planned runs")
    if not said:
        return None, "The best and the recommended rate of every variant lie between other rates of it."
    return _ask_rates(study, asking, "beyond", places, said, "Other rates may do better.")


def _ends(study: StudyAnalysis, place: int, ledger: StudyLedger) -> Iterator[str]:
    """Which rates of a variant, of its best and its recommended one, are at an end of its rates; in words."""
    grid = sorted(map(float, study.curves.loc[study.curves["place"] == place, "learning_rate"]))
    row, label = study.variants.iloc[place], study.labels[place]
    for column, edge in {float(row[name]): name for name in ("recommended", "best")}.items():
        if column not in (grid[0], grid[-1]):
            continue
        rate, tried = rate_label(ledger.of(place, edge)), ledger.of(place, "rates")
        side = "smallest" if column == grid[0] else "largest"
        score = f" ({ledger.percent(ledger.of(place, 'score'))})" if edge == "best" else ""
        alone = f"{label} has one rate alone, {rate}{score}"
        yield alone if tried == 1 else f"the {edge} rate of {label}, {rate}{score}, is the {side} of {tried} tried"


def _between(study: StudyAnalysis, asking: Asking, ledger: StudyLedger) -> Answer:
    """The middles beside best rates where the rates are too coarse for the exponent, or for the factor to the next."""
    known = choosing(study)
    if ledger.cell("across", "exponent") is not None:
        low, high = (ledger.cell("across", name) for name in ("exponent_low", "exponent_high"))
        if low is None:
            return None, "Two variants give an exponent no interval: a longer axis helps, and no finer rates."
        held = [name for value, name in FACTORS if low <= value <= high]
        if len(held) < 2:
            return None, "The exponent agrees with one rule at most, so no finer rates are needed for it."
        places, said = known, [f"it cannot be told whether the exponent is {listed(held, 'or')}"]
    else:
        places, said = _within_a_step(study, known, ledger)
        if not said:
            return None, "No two neighbouring variants have best rates that differ by one step of their rates or less."
    finest = ledger.take(numbers.finest_factor)
    places = [place for place in places if "between" in study.proposed[place]]
    if not places:
        reason = f"the rates beside the best ones are within a factor of {number(finest, 0)}, near enough"
        return None, f"{sentence(limited(said))} {sentence(reason)}"
    return _ask_rates(study, asking, "between", places, said, "Best rates are known to a step of the rates only.")


def _within_a_step(study: StudyAnalysis, known: Sequence[int], ledger: StudyLedger) -> tuple[list[int], list[str]]:
    """The neighbours whose best rates differ by no more than a step of their rates, and that in words."""
    places, said = dict[int, None](), []
    for one, other in itertools.pairwise(known):
        factor = float(ledger.cell("transfers", "factor", rate_of=one, used_in=other))
        step = max(float(ledger.of(place, "grid_factor")) for place in (one, other))
        if factor == 1 or max(factor, 1 / factor) > step * (1 + NEAR):
            continue
        places |= dict.fromkeys((one, other))
        names = f"{study.labels[one]} to {study.labels[other]}"
        said.append(f"from {names} the best rate differs by a factor of {rounded(factor)}, one step of the rates")
    return list(places), said


def _seeds(study: StudyAnalysis, asking: Asking, ledger: StudyLedger) -> Answer:
    """More seeds for all variants alike: where best ones are not told apart, or a variant's analysis asks for them.

    Of several needs the one that takes the fewest seeds.
    """
    planned = int(ledger.cell("across", "seeds"))
    if not ledger.cell("across", "same_seeds"):
        proposal = asking.seeds(asking.all_seeds)
        reason = "The variants have different seeds, and only those that two variants share pair."
        return (proposal, reason) if proposal else (None, f"{reason} The study's axis sets them.")
    wanted, said, not_worth = list[int](), list[str](), list[str]()
    if planned < FEWEST_SEEDS:
        wanted = [ENOUGH_SEEDS]
        said = [f"with {counted(planned, 'seed')} nothing is told apart"]
    else:
        for text, needed in _open_pairs(study, planned, ledger):
            (said if math.isfinite(needed) else not_worth).append(text)
            wanted += [int(needed)] if math.isfinite(needed) else []
        for place in _proposing(study, "seeds"):
            wanted.append(len(study.proposed[place]["seeds"]["asks"]["seeds"]))
            said.append(f"the report of {study.labels[place]} asks for more, to tell its rates apart")
    if not_worth:
        most = ledger.take(numbers.most_seeds_considered)
        not_worth = [sentence(f"{limited(not_worth)}: that would take more than {most} seeds, which is not worth it")]
    if not said:
        if not (study.pairs["n"] > 0).any():
            return None, "No two variants can be compared by score, so there is no pair to tell apart."
        enough = f"{counted(planned, 'seed')} tell every two variants apart that are compared and not practically tied."
        return None, not_worth[0] if not_worth else enough
    reason = " ".join([sentence(limited(said)), *not_worth])
    present = asking.all_seeds
    proposal = asking.seeds(sorted([*present, *new_seeds(present, min(wanted))]))
    return (proposal, reason) if proposal else (None, f"{reason} No more seeds can be asked for.")


def _open_pairs(study: StudyAnalysis, planned: int, ledger: StudyLedger) -> Iterator[tuple[str, float]]:
    """The pairs that are neither told apart nor practically tied, in words, and the seeds that likely tell them apart.

    Twice as many where fewer would do for the pair alone: the test is corrected for all pairs.
    """
    tie = ledger.take(numbers.threshold, name="tie")
    for row in study.pairs[(study.pairs["n"] > 0) & ~study.pairs["separated"]].to_dict("records"):
        key = {"one": int(row["one"]), "other": int(row["other"])}
        difference, n = (ledger.cell("pairs", name, **key) for name in ("difference", "n"))
        if abs(difference) <= tie:
            continue
        ahead, behind = (study.labels[key[side]] for side in (("other", "one") if difference > 0 else ("one", "other")))
        statistic = float(stats.t.isf(row["p"] / 2, n - 1)) if n > 1 else math.nan
        sd = abs(difference) * math.sqrt(n) / statistic if statistic > 0 else math.nan
        needed = seeds_to_tell_apart(float(difference), sd, study.thresholds.significance)
        yield (
            f"{ahead} is {plural_points(abs(difference), 2)} above {behind}, not told apart by {counted(n, 'seed')}",
            needed if needed > planned else 2 * planned,
        )


def _epochs(study: StudyAnalysis, asking: Asking, ledger: StudyLedger) -> Answer:
    """As many epochs for all variants as the analysis of one asks for, where all train equally long."""
    places = _proposing(study, "epochs")
    if not places:
        return None, "No variant's report asks for longer training."
    labels = listed(study.labels[place] for place in places)
    reason = f"The report{'s' if len(places) > 1 else ''} of {labels} may say more after longer training"
    if not ledger.cell("across", "same_epochs"):
        return None, f"{reason}, but the variants train for different numbers of epochs."
    proposal = asking.epochs(max(int(study.proposed[place]["epochs"]["asks"]["epochs"]) for place in places))
    if proposal is None:
        return None, f"{reason}, but the study's axis sets it."
    return proposal, f"{reason}; all variants train equally long, so that they can be compared."


RULES: Mapping[str, Rule] = {"beyond": _beyond, "between": _between, "seeds": _seeds, "epochs": _epochs}
