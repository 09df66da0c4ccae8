"""An experiment whose weights are carried over from rate to rate, set against the same one with fresh weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lrbench.analysis.measurements import by_seed, paired_differences
from lrbench.analysis.pipeline import Analysis, analyse
from lrbench.analysis.statistics import t_interval
from lrbench.findings.claims import check_claims
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.tables.experiment import read_manifest, read_tables
from lrbench.wording import counted, interval_level, listed, percent, plural_points, points, rate_label, sentence

MOMENTS = {  # of a run, by its name in the rows: the table, the column, and the row's key and value
    "before": ("evaluations", "train_accuracy", "step", 0),
    "first_epoch": ("epochs", "accuracy", "epoch", 1),
}


def contrast_of(
    tables: Path,
    fresh: Path,
    settings: Mapping[str, Any],
    plan: Mapping[str, Any],
    dataset: Path,
    analysis: Mapping[str, Any],
    name: str,
) -> dict[str, Any]:
    """The contrast of two experiments, with what it is made from: the whole content of contrast.json.

    tables, fresh : tables.json of both; dataset : the manifest of the data, which both have
    settings, plan : of the experiment whose weights are carried over; analysis : targets and thresholds
    name : of the experiment with fresh weights
    """
    carried = read_tables(tables, settings, plan)
    beside = read_tables(fresh, {key: value for key, value in settings.items() if key != "initial_weights"}, plan)
    this, other = (analyse(read, read_manifest(dataset, read), analysis) for read in (carried, beside))
    made_from = {"analysis": dict(analysis), "carried": carried.digest, "fresh": beside.digest}
    return contrast(this, other, name) | {"made_from": made_from}


def contrast(carried: Analysis, fresh: Analysis, name: str) -> dict[str, Any]:
    """What carrying weights over changes, as plain data; shares from 0 to 1, differences carried less fresh.

    fresh : of the same settings, seeds and rates, with fresh weights at every rate
    name : of that experiment

    Keys: `fresh`, its name; `order`; `statements`, whole sentences; `rates`, a row for each rate in order; `claims`,
    verdicts by claim; `recommended`, a rate or None of each; `level` of the intervals, which are corrected for as many
    rates as begin with other weights.
    """
    order = [float(rate) for rate in carried.origin["settings"]["initial_weights"]["order"]]
    significance = carried.thresholds.significance / (len(order) - 1)
    rates = [_row(carried, fresh, rate, significance) for rate in order]
    verdicts = [{claim["id"]: claim for claim in check_claims(one)["claims"]} for one in (carried, fresh)]
    claims = [
        {"id": id_, "claim": claim["claim"], "carried": claim["verdict"], "fresh": verdicts[1][id_]["verdict"]}
        for id_, claim in verdicts[0].items()
    ]
    recommended = {"carried": carried.chosen, "fresh": fresh.chosen}
    decimals = int(carried.across["accuracy_decimals"])
    return {
        "fresh": name,
        "order": order,
        "level": interval_level(carried.thresholds.significance),
        "rates": rates,
        "claims": claims,
        "recommended": recommended,
        "statements": [
            _begins(rates[-1], decimals),
            _scores(rates[1:], interval_level(carried.thresholds.significance), decimals),
            _recommends(recommended),
            _judges(claims),
        ],
    }


def _row(carried: Analysis, fresh: Analysis, rate: float, significance: float) -> dict[str, Any]:
    values = {
        f"{moment}_{kind}": _finite(float(_at(one, moment, rate).mean(skipna=False)))
        for moment in MOMENTS
        for kind, one in (("carried", carried), ("fresh", fresh))
    }
    scores = [by_seed(one.runs, "score", rate) for one in (carried, fresh)]
    pairs = paired_differences(*scores)
    found = t_interval(pairs.to_numpy(dtype=float), significance)
    return {
        "learning_rate": rate,
        **values,
        "score_carried": _finite(float(scores[0].mean(skipna=False))),
        "score_fresh": _finite(float(scores[1].mean(skipna=False))),
        "difference": _finite(found.mean),
        "low": _finite(found.low),
        "high": _finite(found.high),
        "n": len(pairs),
    }


def _at(analysis: Analysis, moment: str, rate: float) -> pd.Series:
    table, column, key, value = MOMENTS[moment]
    frame = getattr(analysis, table)
    return by_seed(frame[frame[key] == value], column, rate)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _begins(last: Mapping[str, Any], decimals: int) -> str:
    label, n = rate_label(last["learning_rate"]), counted(last["n"], "seed")
    if any(last[f"{moment}_{kind}"] is None for moment in MOMENTS for kind in ("carried", "fresh")):
        return f"At {label}, the last rate, some accuracy is not finite, so where it begins cannot be compared."
    before, first = (
        [percent(last[f"{moment}_{kind}"], decimals) for kind in ("carried", "fresh")] for moment in MOMENTS
    )
    over = f"on average over {n}" if last["n"] > 1 else f"with {n}"
    return (
        f"Before its first step, {label}, the last rate, already classifies {before[0]} of the training examples "
        f"correctly, against {before[1]} with fresh weights; while it trains over its first epoch it is at {first[0]}, "
        f"against {first[1]} ({over})."
    )


def _scores(rows: list[dict[str, Any]], level: str, decimals: int) -> str:
    said, open_ = [], []
    for row in rows:
        label = rate_label(row["learning_rate"])
        if row["low"] is None or row["n"] < FEWEST_SEEDS or row["low"] <= 0 <= row["high"]:
            open_.append(label)
            continue
        size = plural_points(abs(row["difference"]), decimals)
        ends = sorted(abs(row[end]) for end in ("low", "high"))
        span = f"{level} interval {points(ends[0], decimals)} to {points(ends[1], decimals)}"
        said.append(f"{size} {'higher' if row['difference'] > 0 else 'lower'} at {label} ({span})")
    corrected = f", corrected for {len(rows)} rates" if len(rows) > 1 else ""
    text = f"Paired by seed{corrected}, the score is {listed(said)} than with fresh weights" if said else ""
    if open_:
        rest = f"at {listed(open_)} a difference is not told from chance"
        text = f"{text}; {rest}" if text else rest
    return sentence(text)


def _recommends(recommended: Mapping[str, float | None]) -> str:
    carried, fresh = (None if rate is None else rate_label(rate) for rate in recommended.values())
    if carried == fresh:
        return f"Both recommend {carried}." if carried else "No rate is recommended either way."
    return sentence(f"{carried or 'no rate'} is recommended here, and {fresh or 'no rate'} with fresh weights")


def _judges(claims: list[dict[str, str]]) -> str:
    turned = [claim for claim in claims if claim["carried"] != claim["fresh"]]
    if not turned:
        return f"All {len(claims)} claims have the same verdict."
    each = "; ".join(
        f"“{claim['claim'].removesuffix('.')}” is {claim['carried']} here, {claim['fresh']} with fresh weights"
        for claim in turned
    )
    verb = "has" if len(turned) == 1 else "have"
    return f"Of {len(claims)} claims, {len(turned)} {verb} another verdict: {each}."
