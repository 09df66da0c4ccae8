"""How rates compare, pair by pair, and which one to train with, by a rule that was written down before any run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.analysis.pairs import against_one, difference_sd, moments, usual_variance
from lrbench.analysis.rates import reach, reaches_later, resolution, shared_target, unsteadiness
from lrbench.analysis.statistics import stepped
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.analysis import COMPARISONS, FEWEST_FOR_SPREAD, FEWEST_SEEDS

CHOSEN, OTHERS = "chosen", "others"  # families of comparisons
LARGER_IS_BETTER = {"score": True, "val_loss": False}
MEASURES = {"score": "score", "val_loss": "final_val_loss"}  # column of the table `runs` of each measure


def compare_rates(
    runs: pd.DataFrame, rates: Sequence[float], chosen: float | None, n_validation: int, significance: float
) -> pd.DataFrame:
    """The table `comparisons`: every pair of these rates, by score and by final validation loss.

    Parameters
    ----------
    runs : the table `runs`
    rates : the eligible rates: all have a run of every seed that is planned for them, and all of these learned
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


def _compare(
    values: pd.DataFrame, measure: str, chosen: float | None, n_validation: int, significance: float
) -> pd.DataFrame:
    """The pairs of one measure, each over the seeds that both rates have.

    values : index seed, a column a rate, NaN where it has no run of the seed
    """
    rates = sorted(values.columns)
    pairs = list(itertools.combinations(rates, 2))
    table = values[rates].to_numpy(dtype=float)
    column = {rate: place for place, rate in enumerate(rates)}
    lower, higher = ([column[pair[place]] for pair in pairs] for place in (0, 1))
    differences = table[:, higher] - table[:, lower]
    better = differences if LARGER_IS_BETTER[measure] else -differences
    n, mean, _ = moments(differences)
    part = pd.DataFrame(
        {
            "higher": [rates[place] for place in higher],
            "lower": [rates[place] for place in lower],
            "measure": measure,
            "family": [CHOSEN if chosen in pair else OTHERS for pair in pairs],
            "n": n,
            "difference": mean,
            "higher_ahead": (better > 0).sum(axis=0),
            "lower_ahead": (better < 0).sum(axis=0),
        }
    )
    columns = ["sd", "low", "high", "p", "p_corrected"]
    part = part.assign(**dict.fromkeys(columns, math.nan), separated=False)
    known = n >= FEWEST_FOR_SPREAD
    if not known.any():
        return part
    sd = difference_sd(differences, usual_variance(table), 1 / n_validation)
    tested = part[known].assign(sd=sd[known])
    t = tested["difference"] / (tested["sd"] / np.sqrt(tested["n"]))
    tested["p"] = 2 * stats.t.sf(np.abs(t), tested["n"] - 1)
    tested["p_corrected"], tested["reach"] = math.nan, math.nan
    inside = (tested["family"] == CHOSEN).to_numpy()
    columns = ["p_corrected", "reach"]
    freedom = tested["n"].to_numpy() - 1
    if inside.any():
        tested.loc[inside, columns] = against_one(
            t[inside].to_numpy(), tested.loc[inside, "p"].to_numpy(), freedom[inside], significance
        )
    if not inside.all():
        adjusted, levels = stepped(tested.loc[~inside, "p"].to_numpy(dtype=float), significance)
        tested.loc[~inside, columns] = np.column_stack([adjusted, stats.t.ppf(1 - levels / 2, freedom[~inside])])
    tested["p_corrected"] = tested[["p", "p_corrected"]].max(axis=1)  # equal ones may differ in their last bits
    tested["separated"] = (tested["n"] >= FEWEST_SEEDS) & (tested["p_corrected"] < significance)
    half = tested["reach"] * tested["sd"] / np.sqrt(tested["n"])
    tested["low"], tested["high"] = _ends(tested, half)
    return tested.drop(columns="reach") if known.all() else pd.concat([tested, part[~known]]).sort_index()


def _ends(part: pd.DataFrame, half: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The ends of intervals, which leave out 0 only where the pair is told apart by all of its family's steps."""
    low, high = part["difference"] - half, part["difference"] + half
    open_ = part["p_corrected"] >= 0
    undecided = open_ & ~(part["separated"] | (part["n"] < FEWEST_SEEDS))
    return low.mask(undecided & (low > 0), 0.0), high.mask(undecided & (high < 0), 0.0)


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
