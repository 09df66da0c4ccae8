"""Observations of speed: who reaches which accuracy after how many steps, and who keeps it."""

from __future__ import annotations

from lrbench.analysis.evidence import FINDING, INCONCLUSIVE, NOT_APPLICABLE, PASSED, Ledger, Outcome, observation
from lrbench.analysis.rates import kept_by_all, shared_target
from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.analysis.wording import limited, times
from lrbench.names import rate_label
from lrbench.wording import counted, listed, target_label


def _targets(analysis: Analysis) -> str:
    return listed(target_label(target) for target in analysis.targets_asked)


@observation(
    rule="a run reaches a target at its first evaluation with that validation accuracy or more",
    table="reach",
    figure="steps-to-target",
)
def targets_not_reached(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the targets that some runs never reach."""
    reach = analysis.reach
    if reach.empty:
        return Outcome(NOT_APPLICABLE, "No target accuracies were asked for.")
    parts = []
    for rate, rows in reach.sort_values(["learning_rate", "target"]).groupby("learning_rate"):
        texts = []
        for row in rows.loc[rows["first_reached"] < rows["n"]].itertuples():
            key = {"learning_rate": float(rate), "target": float(row.target)}
            reached, n = ledger.cell("reach", "first_reached", **key), ledger.cell("reach", "n", **key)
            target = target_label(row.target)
            texts.append(f"{target} was reached by {reached or 'none'} of {counted(n, 'run')}")
            if not reached:
                break  # a higher target then says nothing new
        if texts:
            parts.append(f"at {rate_label(float(rate))}, {listed(texts)}")
    if parts:
        return Outcome(FINDING, f"Not every run reached every target: {limited(parts)}.")
    runs = ledger.computed("rows", table="runs")
    return Outcome(PASSED, f"All {runs} runs reach every target asked for ({_targets(analysis)}).")


@observation(
    rule="median steps until a target is reached and kept to the end, at the highest target that every run of at "
    "least two rates keeps; faster only where the step intervals do not overlap",
    table="reach",
    figure="steps-to-target",
)
def speed(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say how many times faster one rate reaches a target than another."""
    reach = analysis.reach
    if reach.empty:
        return Outcome(NOT_APPLICABLE, "No target accuracies were asked for.")
    if analysis.rates["learning_rate"].nunique() < 2:
        return Outcome(NOT_APPLICABLE, "With one rate there is no speed to compare.")
    target = shared_target(reach, 2)
    if target is None:
        return Outcome(
            NOT_APPLICABLE,
            f"No target ({_targets(analysis)}) is reached and kept by every run of two rates, "
            f"so speeds cannot be compared.",
        )
    ranked = reach.loc[kept_by_all(reach) & (reach["target"] == target)].sort_values(
        ["sustained_at", "sustained_after", "learning_rate"]
    )
    fast, slow = (float(ranked["learning_rate"].iloc[place]) for place in (0, -1))
    seeds = ledger.cell("reach", "n", learning_rate=fast, target=target)
    text = (
        f"{rate_label(fast)} reaches {target_label(target)} for good {ledger.sustained(fast, target)}, "
        f"{rate_label(slow)} {ledger.sustained(slow, target)} (medians of {counted(seeds, 'run')})"
    )
    least, most = (
        ledger.computed("steps_ratio", slower=slow, faster=fast, target=target, bound=end) for end in ("least", "most")
    )
    if least < 1:
        return Outcome(PASSED, f"{text}: no rate is seen to be faster.")
    span = times(least, most)
    if seeds < MINIMUM_SEEDS:
        return Outcome(
            INCONCLUSIVE,
            f"{text}: {rate_label(slow)} needs {span} times as many steps, on too few seeds to generalise.",
        )
    return Outcome(FINDING, f"{text}: {rate_label(slow)} needs {span} times as many steps.")


@observation(
    rule="a run passed a target at some evaluation, and its last evaluation is below it",
    table="reach",
    figure="steps-to-target",
)
def reached_not_kept(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Name the targets that runs reach and then lose."""
    reach = analysis.reach
    if reach.empty:
        return Outcome(NOT_APPLICABLE, "No target accuracies were asked for.")
    if not reach["first_reached"].any():
        return Outcome(NOT_APPLICABLE, f"No run reaches any target ({_targets(analysis)}), so none could be lost.")
    parts = []
    for row in reach.sort_values(["learning_rate", "target"]).itertuples():
        if row.sustained_reached < row.first_reached:
            key = {"learning_rate": float(row.learning_rate), "target": float(row.target)}
            reached, kept = (ledger.cell("reach", f"{name}_reached", **key) for name in ("first", "sustained"))
            n = counted(ledger.cell("reach", "n", **key), "run")
            parts.append(
                f"at {rate_label(row.learning_rate)}, {reached} of {n} reach {target_label(row.target)} and "
                f"{kept or 'none'} of these end there"
            )
    if parts:
        return Outcome(FINDING, f"Some targets are reached but not kept: {limited(parts)}.")
    return Outcome(PASSED, "Every run that reaches a target is still at or above it when training ends.")
