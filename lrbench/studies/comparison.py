"""The variants of a study beside each other: their best rates, scores and steps, in pairs, and rates carried over."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lrbench.analysis.across import learning_rate_sensitivity
from lrbench.analysis.measurements import by_seed
from lrbench.analysis.statistics import Interval, stepped, t_interval
from lrbench.settings.thresholds import Thresholds
from lrbench.studies.pairs import compare_pairs
from lrbench.studies.variants import VariantResults
from lrbench.tables.analysis import FEWEST_FOR_SPREAD, FEWEST_SEEDS
from lrbench.tables.study import CURVES, TRANSFERS, VARIANTS

FEWEST_FOR_EDGE = 3  # rates: with two, the best is at an edge by construction
FEWEST_FOR_SLOPE = 2
FEWEST_FOR_SLOPE_INTERVAL = 3


@dataclass(frozen=True)
class StudyAnalysis:
    """The comparison of a study's variants: tables of lrbench.tables.study.

    labels : of the variants, by place; axis : the key that varies, or None
    across : `grid`, the rates that the variants of the places `grid_of` share, those that have two rates or more and a
        best one; `seeds`, the fewest planned; `target`, as `_shared_target` finds it, and `target_of`, the places of
        the variants that time it; `exponent` of the best rate against the axis with its ends and n; `same_epochs`;
        `same_seeds`; `accuracy_decimals`
    proposed : by place, what the variant's own analysis proposes to train next, by rule
    """

    labels: tuple[str, ...]
    axis: str | None
    variants: pd.DataFrame
    curves: pd.DataFrame
    pairs: pd.DataFrame
    transfers: pd.DataFrame
    across: Mapping[str, Any]
    proposed: tuple[Mapping[str, Mapping[str, Any]], ...]
    thresholds: Thresholds
    targets_asked: tuple[float, ...] = ()


def compare_variants(variants: Sequence[VariantResults], axis: str | None) -> StudyAnalysis:
    """The comparison of variants, two or more, in their order."""
    thresholds = variants[0].thresholds
    grid_of = [place for place, one in enumerate(variants) if one.chooses]
    grids = [set(map(float, variants[place].across["grid"])) for place in grid_of]
    grid = sorted(set.intersection(*grids)) if grids else []
    target, target_of = _shared_target(variants)
    table = VARIANTS.frame(
        _columns([_variant(place, one, grid if place in grid_of else [], target) for place, one in enumerate(variants)])
    )
    return StudyAnalysis(
        labels=tuple(one.label for one in variants),
        axis=axis,
        variants=table,
        curves=CURVES.frame(_columns([row for place, one in enumerate(variants) for row in _curve(place, one)])),
        pairs=compare_pairs(variants, thresholds.significance),
        transfers=_transfers(variants, thresholds.significance),
        across={
            "grid": grid,
            "grid_of": grid_of,
            "seeds": min(map(len, variants)),
            "target": target,
            "target_of": target_of,
            "same_epochs": len({one.settings["epochs"] for one in variants}) == 1,
            "same_seeds": len({one.seeds for one in variants}) == 1,
            "accuracy_decimals": max(int(one.across["accuracy_decimals"]) for one in variants),
            **_exponent(table, variants, thresholds.significance),
        },
        proposed=tuple({one["rule"]: one for one in variant.next["proposals"]} for variant in variants),
        thresholds=thresholds,
    )


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _shared_target(variants: Sequence[VariantResults]) -> tuple[float | None, list[int]]:
    """The validation accuracy to which steps are compared, and the places of the variants that time it.

    Of the accuracies that most variants with a best rate time, two or more: the highest that the median run of each of
    their best rates keeps, or the highest of all where there is none. None, and no place, where no two share one.
    """
    timed = {place: set(map(float, one.across["targets"]["accuracies"])) for place, one in enumerate(variants)}
    timed = {place: targets for place, targets in timed.items() if math.isfinite(variants[place].best)}
    of = {target: [place for place in timed if target in timed[place]] for target in set().union(*timed.values())}
    most = max(map(len, of.values()), default=0)
    shared = sorted((target for target, places in of.items() if len(places) == most), reverse=True)
    if most < FEWEST_FOR_SPREAD:
        return None, []
    for target in shared:
        if all(math.isfinite(_steps(variants[place], variants[place].best, target)[1]) for place in of[target]):
            return target, of[target]
    return shared[0], of[shared[0]]


def _steps(variant: VariantResults, rate: float, target: float | None) -> tuple[float, float]:
    reach = variant.reach
    own = reach[(reach["learning_rate"] == rate) & (reach["target"] == target)] if target is not None else reach[:0]
    if own.empty:
        return math.nan, math.nan
    return float(own["sustained_after"].iloc[0]), float(own["sustained_at"].iloc[0])


def _interval(values: pd.Series, significance: float) -> Interval:
    return t_interval(values.to_numpy(dtype=float), significance)


def _variant(place: int, one: VariantResults, grid: Sequence[float], target: float | None) -> dict[str, Any]:
    own, best, tied = list(map(float, one.across["grid"])), one.best, one.candidates
    score = _interval(one.scores(best), one.thresholds.significance)
    after, at = _steps(one, best, target)
    plateau = one.across["plateau"] or {}
    wide = len(own) >= FEWEST_FOR_EDGE and bool(tied)
    return {
        "place": place,
        "variant": one.name,
        "value": math.nan if one.value is None else one.value,
        "rates": len(own),
        "seeds": len(one),
        "missing": int((one.rates["planned"] - one.rates["n"]).sum()),
        "grid_factor": math.exp(_grid_step(one)) if len(own) > 1 else math.nan,
        "eligible": int(one.rates["eligible"].sum()),
        "recommended": math.nan if one.chosen is None else one.chosen,
        "best": best,
        "tied_low": min(tied, default=math.nan),
        "tied_high": max(tied, default=math.nan),
        "at_lower_edge": wide and tied[0] == own[0],
        "at_upper_edge": wide and tied[-1] == own[-1],
        "score": score.mean,
        "score_low": score.low,
        "score_high": score.high,
        "steps_after": after,
        "steps_at": at,
        "plateau_low": plateau.get("low", math.nan),
        "plateau_high": plateau.get("high", math.nan),
        "sensitivity": _sensitivity(one, grid),
    }


def _sensitivity(one: VariantResults, grid: Sequence[float]) -> float:
    initial = one.across["initial_val_loss"]
    if initial is None or len(grid) < FEWEST_FOR_SPREAD or not all(map(one.complete, grid)):
        return math.nan
    losses = {rate: by_seed(one.runs, "final_val_loss", rate).to_numpy(dtype=float) for rate in grid}
    return learning_rate_sensitivity(losses, initial)


def _curve(place: int, one: VariantResults) -> list[dict[str, Any]]:
    rows = []
    for row in one.rates.sort_values("learning_rate").to_dict("records"):
        rate, level = row["learning_rate"], one.thresholds.significance
        score = _interval(one.scores(rate), level)
        loss = _interval(by_seed(one.runs, "final_val_loss", rate), level)
        rows.append(
            {
                "place": place,
                "learning_rate": rate,
                "planned": row["planned"],
                "n": row["n"],
                "learned": row["learned"],
                "eligible": row["eligible"],
                "candidate": row["tied"] or row["unresolved"],
                "verdict": row["verdict"],
                "score": score.mean,
                "score_low": score.low,
                "score_high": score.high,
                "loss": row["final_val_loss_mean"],
                "loss_low": loss.low,
                "loss_high": loss.high,
            }
        )
    return rows


def _transfers(variants: Sequence[VariantResults], significance: float) -> pd.DataFrame:
    """The table `transfers`; intervals of costs are corrected by Holm's method over those that are known.

    Two variants with the same best rate ask the same of a third, which counts as one test.
    """
    rows = [_transfer(*pair, variants) for pair in itertools.permutations(range(len(variants)), 2)]
    asked = {(row["learning_rate"], row["used_in"]): row for row in rows if row["tested"]}
    samples = [_lost(rate, variants[place]) for rate, place in asked]
    least = [1 / int(variants[place].across["n_validation"]) for _, place in asked]
    plain = [t_interval(sample, significance, sd) for sample, sd in zip(samples, least, strict=True)]
    adjusted, levels = stepped(np.array([one.p for one in plain], dtype=float), significance)
    costs = {}
    for key, sample, sd, found, p, level in zip(asked, samples, least, plain, adjusted, levels, strict=True):
        low, high = math.nan, math.nan
        if math.isfinite(level):
            own = t_interval(sample, level, sd)
            low, high = (own.low, own.high) if p < significance else (min(own.low, 0.0), max(own.high, 0.0))
        told = bool(found.n >= FEWEST_SEEDS and p < significance and low > 0)
        costs[key] = {"cost": found.mean, "cost_low": low, "cost_high": high, "costs": told}
    unknown = {"cost": math.nan, "cost_low": math.nan, "cost_high": math.nan, "costs": False}
    for row in rows:
        row.update(costs.get((row["learning_rate"], row["used_in"]), unknown))
        row["costs"] = row["costs"] or (row["tested"] and not row["learned"])
    return TRANSFERS.frame(_columns(rows))


def _lost(rate: float, variant: VariantResults) -> np.ndarray:
    """Score that a rate costs in a variant beside its best, by seed; none where it is the best."""
    if rate == variant.best:
        return np.empty(0)
    return (variant.scores(variant.best) - variant.scores(rate)).dropna().to_numpy(dtype=float)


def _transfer(rate_of: int, used_in: int, variants: Sequence[VariantResults]) -> dict[str, Any]:
    """A row of `transfers` without its cost."""
    one, other = variants[rate_of], variants[used_in]
    row = other.rates[other.rates["learning_rate"] == one.best]
    planned = len(row) == 1
    known = planned and other.complete(one.best) and math.isfinite(other.best)
    ends = [(min(each.candidates, default=math.nan), max(each.candidates, default=math.nan)) for each in (one, other)]
    return {
        "rate_of": rate_of,
        "used_in": used_in,
        "learning_rate": one.best,
        "planned": planned,
        "tested": known,
        "learned": known and bool(row["eligible"].iloc[0]),
        "carries": known and one.best in other.candidates,
        "factor": other.best / one.best,
        "factor_low": ends[1][0] / ends[0][1],
        "factor_high": ends[1][1] / ends[0][0],
    }


def _exponent(table: pd.DataFrame, variants: Sequence[VariantResults], significance: float) -> dict[str, Any]:
    """The slope of the logarithm of the best rate against that of the axis, by least squares, with its t interval.

    The deviation around the line is taken to be at least that of rounding to the grid, a step over the root of 12, so
    that best rates that agree by the grid's coarseness never give certainty.
    """
    nothing = {"exponent": None, "exponent_low": None, "exponent_high": None, "exponent_n": 0}
    if not (table["value"] > 0).all():
        return nothing
    known = np.array([one.chooses for one in variants])
    x, y = (np.log(table.loc[known, name].to_numpy(dtype=float)) for name in ("value", "best"))
    n = len(x)
    if n < FEWEST_FOR_SLOPE or np.ptp(x) == 0:
        return nothing | {"exponent_n": n}
    spread = float(np.sum((x - x.mean()) ** 2))
    slope = float(np.sum((x - x.mean()) * (y - y.mean())) / spread)
    fitted = {"exponent": slope, "exponent_low": None, "exponent_high": None, "exponent_n": n}
    if n < FEWEST_FOR_SLOPE_INTERVAL:
        return fitted
    rest = y - y.mean() - slope * (x - x.mean())
    sd = max(math.sqrt(float(np.sum(rest**2)) / (n - 2)), max(map(_grid_step, variants)) / math.sqrt(12))
    reach = float(stats.t.ppf(1 - significance / 2, n - 2)) * sd / math.sqrt(spread)
    return fitted | {"exponent_low": slope - reach, "exponent_high": slope + reach}


def _grid_step(variant: VariantResults) -> float:
    """The median step of a variant's grid, as a natural logarithm; 0 of a single rate."""
    steps = np.diff(np.log(np.array(sorted(variant.across["grid"]), dtype=float)))
    return float(np.median(steps)) if len(steps) else 0.0
