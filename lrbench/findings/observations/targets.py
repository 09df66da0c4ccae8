"""Observations of speed: who reaches which accuracy after how many steps, and who keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from lrbench.analysis.course import is_faster, is_faster_to
from lrbench.analysis.rates import kept_by_all, shared_target
from lrbench.analysis.verdicts import Speeds
from lrbench.findings import numbers
from lrbench.findings.numbers import speeds_of, steps_ratio
from lrbench.findings.observations import (
    FINDING,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASSED,
    Analysis,
    Ledger,
    Outcome,
    observation,
)
from lrbench.findings.phrases import by_importance
from lrbench.tables.analysis import FEWEST_SEEDS, WHEN
from lrbench.wording import (
    LOWER_TARGETS,
    counted,
    limited,
    listed,
    no_run_reached,
    rate_label,
    step_interval,
    target_label,
    times,
)


def _targets(targets: Iterable[float]) -> str:
    return listed(map(target_label, targets))


def _none(ledger: Ledger) -> Outcome:
    """The outcome where there are no targets, which only relative ones can come to."""
    chance = ledger.percent(ledger.cell("across", "chance"))
    text = f"no rate gets above {chance}, the accuracy of always naming the largest class"
    return Outcome(NOT_APPLICABLE, f"There are no target accuracies, because {text}.")


def _by_rate(analysis: Analysis, rows: pd.DataFrame) -> Iterator[tuple[float, pd.DataFrame]]:
    """The rows of `reach` of each rate that has any, the recommended rate and its neighbours first."""
    for rate in by_importance(analysis, analysis.rates["learning_rate"]):
        own = rows.loc[rows["learning_rate"] == rate].sort_values("target")
        if len(own):
            yield rate, own


@observation(
    place=170,
    rule="a run reaches a target at its first evaluation with that validation accuracy or more",
    table="reach",
    figure="steps-to-target",
)
def targets_not_reached(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the targets that some runs never reach."""
    reach = analysis.reach
    if reach.empty:
        return _none(ledger)
    by_any = reach.groupby("target")["first_reached"].sum()
    unreached = sorted(map(float, by_any.index[by_any == 0]))
    sentences = []
    if unreached:
        sentences.append(f"{no_run_reached(unreached, ledger.take(numbers.highest_accuracy), ledger.decimals)}.")
    if len(unreached) == len(by_any):
        return Outcome(FINDING, f"{sentences[0]} {LOWER_TARGETS}")
    parts = []
    missed = reach.loc[(reach["first_reached"] < reach["n"]) & ~reach["target"].isin(unreached)]
    for rate, rows in _by_rate(analysis, missed):
        texts = []
        for target in map(float, rows["target"]):
            reached, n = (
                ledger.cell("reach", name, learning_rate=rate, target=target) for name in ("first_reached", "n")
            )
            verb = "reach" if reached > 1 else "reaches"
            texts.append(f"{reached or 'none'} of {counted(n, 'run')} {verb} {target_label(target)}")
            if not reached:
                break  # a higher target then says nothing new
        parts.append(f"at {rate_label(rate)}, {listed(texts)}")
    if parts:
        sentences.append(f"Not every run reached {'every other' if unreached else 'every'} target: {limited(parts)}.")
    if sentences:
        return Outcome(FINDING, " ".join(sentences))
    runs = ledger.take(numbers.rows, table="runs")
    return Outcome(PASSED, f"Every run ({runs}) reaches every target ({_targets(analysis.targets_asked)}).")


@observation(
    place=180,
    rule="median steps until a target is first reached and until it is kept to the end, at the highest target that "
    "every run of at least two rates keeps; faster only where both step intervals do not overlap and, over at least 3 "
    "seeds, the interval of the least ratio of steps lies above 1, corrected over all pairs of rates",
    table="reach",
    figure="steps-to-target",
    thresholds=("significance",),
    fresh=True,
)
def speed(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say how many times faster one rate reaches a target than another."""
    reach = analysis.reach
    if reach.empty:
        return _none(ledger)
    if analysis.rates["learning_rate"].nunique() < 2:
        return Outcome(NOT_APPLICABLE, "With one rate there is no speed to compare.")
    target = shared_target(reach, 2)
    if target is None:
        return Outcome(
            NOT_APPLICABLE,
            f"No target ({_targets(analysis.targets_asked)}) is reached and kept by every run of two rates, "
            f"so speeds cannot be compared.",
        )
    ranked = reach.loc[kept_by_all(reach) & (reach["target"] == target)].sort_values(
        ["first_at", "sustained_at", "learning_rate"]
    )
    fast, *others = map(float, ranked["learning_rate"])
    speeds = speeds_of(analysis)
    seen = [rate for rate in others if speeds.told_apart(fast, rate, target)]
    likely = [rate for rate in others if _likely_faster(analysis, speeds, fast, rate, target)]
    slow = (seen or likely or others)[-1]
    text = _both_ways(ledger, fast, slow, target)
    rest = sorted(rate for rate in others if rate != slow)
    kept = listed(f"{rate_label(rate)} (for good {_for_good(ledger, rate, target)})" for rate in rest)
    more = f" {kept} {'keep' if len(rest) > 1 else 'keeps'} it in every run, too." if rest else ""
    if seen:
        return Outcome(FINDING, f"{text}: {_ratio(ledger, fast, slow, target)}.{more}")
    seeds = ledger.take(numbers.paired_seeds, learning_rate=fast, other=slow, target=target)
    if likely and seeds < FEWEST_SEEDS:
        few = f"on too few seeds ({seeds}) to generalise"
        return Outcome(INCONCLUSIVE, f"{text}: {_ratio(ledger, fast, slow, target)}, {few}.{more}")
    why = ""
    if likely:
        why = f"; {_earlier(ledger, fast, slow, target, seeds)}"
    else:
        quick, late = (speeds.median_reaching(rate, target) for rate in (fast, slow))
        if is_faster(quick.first, late.first) != is_faster(quick.kept, late.kept):
            why = ", since first reaching a target and keeping it do not agree"
    return Outcome(PASSED, f"{text}: {rate_label(fast)} is not seen to be faster{why}.{more}")


def _for_good(ledger: Ledger, rate: float, target: float) -> str:
    """Between which steps the median run of a rate reaches a target that it keeps."""
    after, at = (ledger.cell("reach", f"sustained_{end}", learning_rate=rate, target=target) for end in ("after", "at"))
    return step_interval(after, at)


def _earlier(ledger: Ledger, fast: float, slow: float, target: float, seeds: int) -> str:
    """In how many seeds a rate is earlier that only the medians make faster, and why that is not enough."""
    earlier = ledger.take(numbers.later_seeds, slower=slow, faster=fast, target=target)
    text = f"it is earlier in both senses, first and for good, in {earlier or 'none'} of {counted(seeds, 'seed')}"
    if earlier == seeds:
        return f"{text}, but {seeds} are too few to show it"
    return f"{text}, no more than chance explains"


def _likely_faster(analysis: Analysis, speeds: Speeds, fast: float, slow: float, target: float) -> bool:
    """Whether the medians make a rate faster, first and for good, by more than a ratio of steps that may be 1."""
    one, other = (speeds.median_reaching(rate, target) for rate in (fast, slow))
    least = (steps_ratio(analysis, slow, fast, target, "least", when) for when in WHEN)
    return is_faster_to(one, other) and min(least) > 1


def _both_ways(ledger: Ledger, fast: float, slow: float, target: float) -> str:
    """When the median runs of two rates first reached a target, and from when on they kept it."""
    said = []
    for rate in (fast, slow):
        key = {"learning_rate": rate, "target": target}
        first, kept = (
            step_interval(*(ledger.cell("reach", f"{when}_{end}", **key) for end in ("after", "at"))) for when in WHEN
        )
        how = f"{first} and keeps it" if first == kept else f"first {first}, for good {kept}"
        said.append(f"{rate_label(rate)} reaches {target_label(target)} {how}")
    one, other = (ledger.cell("reach", "n", learning_rate=rate, target=target) for rate in (fast, slow))
    runs = f"{counted(one, 'run')} each" if one == other else f"{one} and {other} runs"
    return f"{said[0]}, {said[1]} (medians of {runs})"


def _ratio(ledger: Ledger, fast: float, slow: float, target: float) -> str:
    """How many times as many steps the slower rate needs, first and for good."""
    first, kept = (
        times(*(_bound(ledger, fast, slow, target, when, bound) for bound in ("least", "most"))) for when in WHEN
    )
    text = f"{rate_label(slow)} needs {first} times as many steps"
    return text if first == kept else f"{text} to get there and {kept} times as many to stay there"


def _bound(ledger: Ledger, fast: float, slow: float, target: float, when: str, bound: str) -> float:
    return float(ledger.take(numbers.steps_ratio, slower=slow, faster=fast, target=target, when=when, bound=bound))


@observation(
    place=200,
    rule="a run passed a target at some evaluation, and its last evaluation is below it",
    table="reach",
    figure="steps-to-target",
    fresh=True,
)
def reached_not_kept(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the targets that runs reach and then lose."""
    reach = analysis.reach
    if reach.empty:
        return _none(ledger)
    if not reach["first_reached"].any():
        targets = _targets(analysis.targets_asked)
        return Outcome(NOT_APPLICABLE, f"No run reaches any target ({targets}), so none could be lost.")
    parts = []
    for rate, rows in _by_rate(analysis, reach.loc[reach["sustained_reached"] < reach["first_reached"]]):
        texts = []
        for target in map(float, rows["target"]):
            reached, kept, n = (
                ledger.cell("reach", name, learning_rate=rate, target=target)
                for name in ("first_reached", "sustained_reached", "n")
            )
            runs, accuracy = f"{reached} of {counted(n, 'run')}", target_label(target)
            if reached == 1:
                texts.append(f"{runs} reaches {accuracy} but does not hold it at the end")
            else:
                hold = "hold" if kept > 1 else "holds"
                texts.append(f"{runs} reach {accuracy}, {kept or 'none'} of which {hold} it at the end")
        parts.append(f"at {rate_label(rate)}, {', and '.join(texts)}")
    if parts:
        return Outcome(FINDING, f"Some targets are reached but not kept: {limited(parts)}.")
    return Outcome(PASSED, "Every run that reaches a target is at or above it when training ends.")
