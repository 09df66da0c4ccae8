"""How rates compare, pair by pair, and which one to train with, by a rule that was written down before any run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.analysis.rates import reach, reaches_later, resolution, shared_target, unsteadiness
from lrbench.analysis.statistics import range_critical, range_p, stepped
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.analysis import COMPARISONS, FEWEST_FOR_SPREAD, FEWEST_SEEDS

CHOSEN, OTHERS = "chosen", "others"  # families of comparisons
PRIOR_SEEDS = 2  # the deviation that is usual among the rates counts as much as that of so many seeds
LARGER_IS_BETTER = {"score": True, "val_loss": False}
MEASURES = {"score": "score", "val_loss": "final_val_loss"}  # column of the table `runs` of each measure


def compare_rates(
    runs: pd.DataFrame, rates: Sequence[float], chosen: float | None, n_validation: int, significance: float
) -> pd.DataFrame:
    """The table `comparisons`: every pair of these rates, by score and by final validation loss.

    Parameters
    ----------
    runs : the table `runs`
    rates : the eligible rates: all have a run of every planned seed, and all of these learned
    chosen : the recommended rate, one of them; None where there is none
    n_validation : examples that validate
    significance : the level at which a difference is told apart, shared by the pairs of a family
    """
    own = runs[runs["learning_rate"].isin(rates)]
    parts = [
        _compare(
            own.pivot(index="seed", columns="learning_rate", values=column), measure, chosen, n_validation, significance
        )
        for measure, column in MEASURES.items()
    ]
    return COMPARISONS.frame(dict(pd.concat(parts, ignore_index=True).items()))


def usual_variance(values: np.ndarray) -> float:
    """The variance of a difference that would be usual: twice the median over rates of the variance over seeds.

    values : shape (seeds, rates). The median, so that one unsteady rate does not make all pairs uncertain.
    """
    return 2 * float(np.median(np.var(values, axis=0, ddof=1))) if len(values) >= FEWEST_FOR_SPREAD else math.nan


def difference_sd(differences: np.ndarray, usual: float, least_sd: float) -> np.ndarray:
    """Standard deviation of each pair's differences over seeds, shape (pairs,), raised where it may be small by luck.

    A few seeds can agree by chance. So a deviation below the usual one is drawn towards it, as if `PRIOR_SEEDS` more
    seeds had shown the usual variance; one above it stays, since a rate may really be less steady. None is below
    `least_sd`.

    differences : shape (seeds, pairs), at least two seeds
    usual : the variance that `usual_variance` returns
    """
    freedom = len(differences) - 1
    variances = np.var(differences, axis=0, ddof=1)
    drawn = (freedom * variances + PRIOR_SEEDS * usual) / (freedom + PRIOR_SEEDS)
    return np.maximum(np.sqrt(np.maximum(variances, drawn)), least_sd)


def _compare(
    values: pd.DataFrame, measure: str, chosen: float | None, n_validation: int, significance: float
) -> pd.DataFrame:
    """The pairs of one measure; values: index seed, a column a rate."""
    rates = sorted(values.columns)
    pairs = list(itertools.combinations(rates, 2))
    table = values[rates].to_numpy(dtype=float)
    column = {rate: place for place, rate in enumerate(rates)}
    lower, higher = ([column[pair[place]] for pair in pairs] for place in (0, 1))
    differences = table[:, higher] - table[:, lower]
    better = differences if LARGER_IS_BETTER[measure] else -differences
    n = len(table)
    part = pd.DataFrame(
        {
            "higher": [rates[place] for place in higher],
            "lower": [rates[place] for place in lower],
            "measure": measure,
            "family": [CHOSEN if chosen in pair else OTHERS for pair in pairs],
            "n": n,
            "difference": differences.mean(axis=0) if n else math.nan,
            "higher_ahead": (better > 0).sum(axis=0),
            "lower_ahead": (better < 0).sum(axis=0),
        }
    )
    if n < FEWEST_FOR_SPREAD or part.empty:
        return part.assign(sd=math.nan, low=math.nan, high=math.nan, p=math.nan, p_corrected=math.nan, separated=False)
    part["sd"] = difference_sd(differences, usual_variance(table), 1 / n_validation)
    t = part["difference"] / (part["sd"] / math.sqrt(n))
    part["p"] = 2 * stats.t.sf(np.abs(t), n - 1)
    part["p_corrected"], part["reach"] = math.nan, math.nan
    inside = (part["family"] == CHOSEN).to_numpy()
    columns = ["p_corrected", "reach"]
    if chosen is not None and inside.any():
        part.loc[inside, columns] = _against_chosen(t[inside].to_numpy(), n - 1, significance)
    if not inside.all():
        adjusted, levels = stepped(part.loc[~inside, "p"].to_numpy(dtype=float), significance)
        part.loc[~inside, columns] = np.column_stack([adjusted, stats.t.ppf(1 - levels / 2, n - 1)])
    part["p_corrected"] = part[["p", "p_corrected"]].max(axis=1)  # equal ones may differ in their last bits
    part["separated"] = (n >= FEWEST_SEEDS) & (part["p_corrected"] < significance)
    half = part["reach"] * part["sd"] / math.sqrt(n)
    part["low"], part["high"] = _ends(part, half)
    return part.drop(columns="reach")


def _ends(part: pd.DataFrame, half: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The ends of intervals, which leave out 0 only where the pair is told apart by all of its family's steps."""
    low, high = part["difference"] - half, part["difference"] + half
    open_ = part["p_corrected"] >= 0
    undecided = open_ & ~(part["separated"] | (part["n"] < FEWEST_SEEDS))
    return low.mask(undecided & (low > 0), 0.0), high.mask(undecided & (high < 0), 0.0)


def _against_chosen(t: np.ndarray, freedom: int, significance: float) -> np.ndarray:
    """Corrected p and critical t of the pairs of the chosen rate, shape (pairs, 2).

    The pair that stands out most is held against the range of the means of all rates; each one told apart leaves one
    mean less for the next.
    """
    order = np.argsort(-np.abs(t), kind="stable")
    means = np.arange(len(t) + 1, 1, -1)
    p, critical = np.empty(len(t)), np.empty(len(t))
    p[order] = np.maximum.accumulate(
        [range_p(float(t[pair]), int(count), freedom) for pair, count in zip(order, means, strict=True)]
    )
    critical[order] = [range_critical(significance, int(count), freedom) for count in means]
    return np.column_stack([p, critical])


def comparison(comparisons: pd.DataFrame, measure: str, one: float, other: float) -> pd.Series | None:
    """The row of `comparisons` for two rates in either order, or None."""
    wanted = {"measure": measure, "higher": max(one, other), "lower": min(one, other)}
    found = np.logical_and.reduce([comparisons[name].to_numpy() == value for name, value in wanted.items()])
    places = np.flatnonzero(found)
    return comparisons.iloc[int(places[0])] if len(places) else None


def told_apart(comparisons: pd.DataFrame, measure: str, one: float, other: float) -> bool:
    """Whether two rates are told apart by a measure: the one rule for it, whatever sentence, verdict or figure asks."""
    row = comparison(comparisons, measure, one, other)
    return row is not None and bool(row["separated"])


FEWEST_TO_LEAVE_OUT = 3  # seeds of which one can be left out
MOST_TO_LEAVE_OUT = 30  # seeds above which a single one cannot turn a mean


@dataclass(frozen=True)
class Choice:
    """The recommended rate and how it was chosen.

    candidates : the rates within the tie or the resolution of the best mean score, ascending; the chosen one is one
    criterion : the step of the rule that decided: only eligible, accuracy, steps, oscillation, score, smaller rate
    target : the validation accuracy at which speed was compared, or None
    dropped : for each candidate that was not chosen, the step of the rule at which it lost
    without_seed : by seed, the rate that would be chosen without its runs, where that is another one
    """

    chosen: float
    candidates: tuple[float, ...]
    criterion: str
    target: float | None
    dropped: Mapping[float, str]
    without_seed: Mapping[int, float]


@dataclass(frozen=True)
class Basis:
    """What the rule reads.

    runs, targets : rows of the tables of these names, of the eligible rates only
    epochs : of a run; n_validation : examples that validate
    """

    runs: pd.DataFrame
    targets: pd.DataFrame
    epochs: int
    n_validation: int
    thresholds: Thresholds

    def without(self, seed: int) -> Basis:
        """The same without the runs of a seed."""
        rest = {name: getattr(self, name) for name in ("runs", "targets")}
        kept = {name: table[table["seed"] != seed] for name, table in rest.items()}
        return Basis(**kept, epochs=self.epochs, n_validation=self.n_validation, thresholds=self.thresholds)


def choose(basis: Basis) -> Choice | None:
    """The rule's choice among the eligible rates, and what it would be without each seed; None without any."""
    if basis.runs.empty:
        return None
    choice = _decide(basis)
    seeds = sorted(map(int, basis.runs["seed"].unique()))
    if not FEWEST_TO_LEAVE_OUT <= len(seeds) <= MOST_TO_LEAVE_OUT:
        return choice
    others = {seed: _decide(basis.without(seed)).chosen for seed in seeds}
    changed = {seed: rate for seed, rate in others.items() if rate != choice.chosen}
    return Choice(choice.chosen, choice.candidates, choice.criterion, choice.target, choice.dropped, changed)


def _decide(basis: Basis) -> Choice:
    runs = basis.runs.sort_values(["learning_rate", "seed"])
    means = {float(rate): float(own["score"].mean()) for rate, own in runs.groupby("learning_rate")}
    best = max(means.values())
    margin = max(basis.thresholds.tie, resolution(best, basis.n_validation))
    candidates = tuple(sorted(rate for rate, mean in means.items() if best - mean <= margin))
    if len(candidates) == 1:
        return Choice(candidates[0], candidates, "accuracy" if len(means) > 1 else "only eligible", None, {}, {})
    left = list(candidates)
    dropped: dict[float, str] = {}
    criterion = "steps"
    own = basis.targets[basis.targets["learning_rate"].isin(candidates)]
    reached = reach(own, {"plan": {"learning_rates": candidates}})
    target = shared_target(reached, len(candidates)) if len(reached) else None
    if target is not None:
        at = reached[reached["target"] == target].set_index("learning_rate")
        fastest = min(left, key=lambda rate: (at.loc[rate, "sustained_at"], at.loc[rate, "sustained_after"], rate))
        left = [rate for rate in candidates if not reaches_later(reached, target, rate, fastest)]
        dropped |= {rate: "steps" for rate in candidates if rate not in left}
    costs = {
        "oscillation": lambda rate: max(
            unsteadiness(runs[runs["learning_rate"] == rate], basis.epochs), basis.thresholds.oscillation
        ),
        "score": lambda rate: -means[rate],
        "smaller rate": float,
    }
    for step, cost in costs.items():
        if len(left) == 1:
            break
        values = {rate: float(cost(rate)) for rate in left}
        if not np.isfinite(list(values.values())).all():
            continue
        lowest = [rate for rate in left if values[rate] == min(values.values())]
        if len(lowest) < len(left):
            dropped |= {rate: step for rate in left if rate not in lowest}
            left, criterion = lowest, step
    return Choice(left[0], candidates, criterion, target, dropped, {})


def best_score(rates: pd.DataFrame) -> float:
    """The highest mean score of an eligible rate, or of any where none is eligible; NaN without runs."""
    eligible = rates.loc[rates["eligible"].astype(bool), "score_mean"]
    scores = eligible if len(eligible) else rates["score_mean"]
    return float(scores.max()) if len(scores) else math.nan
