"""The table of verdicts, and the numbers that the recommendation rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lrbench.reporting.inputs import Measured
from lrbench.reporting.target_rule import target_rule, target_source
from lrbench.tables.analysis import UNEQUAL_CLASSES
from lrbench.tables.measures import MEASURES, Measure
from lrbench.wording import MISSING, fixed, percent, rounded, spread, steps, target_label

UNSTEADINESS = {"oscillation": "Oscillation, median", "largest_rise": "Largest rise, median"}


def numbers(recommendation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every number that the recommendation, its confidence and the cards of the first screen rest on, each once."""
    items = list(recommendation["evidence"])
    for card in recommendation["cards"]:
        items.extend(item for item in card["evidence"] if item not in items)
    return items


def verdict_rows(measured: Measured) -> dict[str, Any]:
    """The verdict table: which columns it has, the target and the unsteadiness that it gives, a row for each rate.

    Columns that are there only where they say something: `final`, final accuracy, where some rate's differs from its
    score by more than what is told apart from chance or matters; `balanced`, where classes are unequal; `test`, where
    the test set took no part in the choice.
    """
    table = measured.rates
    delta = measured.across["delta"]
    apart = (table["final_val_accuracy_mean"] - table["score_mean"]).abs()
    target = _shown_target(measured.reach)
    unsteadiness = {one["learning_rate"]: one["unsteadiness"] for one in measured.across["unsteadiness"]}

    def accuracy(row: Any, column: str) -> str:
        mean = measured.accuracy(getattr(row, f"{column}_mean")).removesuffix(" %")
        sd = getattr(row, f"{column}_sd")
        return _with_spread(sd, mean, spread(100 * sd))

    rows = []
    for row in table.itertuples():
        reached = measured.reach[
            (measured.reach["learning_rate"] == row.learning_rate) & (measured.reach["target"] == target)
        ]
        loss = (fixed(row.final_val_loss_mean, 3), spread(row.final_val_loss_sd, 3))
        rows.append(
            {
                "learning_rate": row.learning_rate,
                "verdict": row.verdict,
                "remarks": _remarks(row.remarks),
                "learned": f"{row.learned} of {row.planned}",
                "accuracy": accuracy(row, "score"),
                "final": accuracy(row, "final_val_accuracy"),
                "balanced": accuracy(row, "balanced_accuracy"),
                "test": accuracy(row, "test_accuracy"),
                "loss": _with_spread(row.final_val_loss_sd, *loss),
                "best_in": f"{row.best_in} of {row.planned}",
                "first": _steps_of(reached, "first"),
                "kept": _steps_of(reached, "sustained"),
                "measures": [_median(measure, getattr(row, f"{measure.name}_median")) for measure in MEASURES],
                "unsteadiness": rounded(unsteadiness[row.learning_rate]),
            }
        )
    return {
        "final": delta is not None and bool((apart > delta).any()),
        "balanced": _unequal_classes(measured),
        "test": measured.has_test_set,
        "lost": bool((table["learned"] < table["planned"]).any()),
        "score_epochs": measured.across["score_epochs"],
        "measures": MEASURES,
        "unsteadiness": UNSTEADINESS[measured.across["unsteadiness_measure"]],
        "target": None if target is None else target_label(target),
        "target_source": "" if target is None else target_source(measured.target_rule, target),
        "target_rule": target_rule(measured.target_rule, measured.across["chance"], measured.accuracy_decimals),
        "rows": rows,
    }


def _unequal_classes(measured: Measured) -> bool:
    """Whether accuracy hides much: the largest class of the validation data has over twice as many as the smallest."""
    counts = measured.dataset["parts"]["validation"]["class_counts"]
    return bool(max(counts) > UNEQUAL_CLASSES * min(counts))


def _shown_target(reach: pd.DataFrame) -> float | None:
    """The highest target that some rate's median run keeps; else that it reaches; else that any run reaches."""
    for shown in (np.isfinite(reach["sustained_at"]), np.isfinite(reach["first_at"]), reach["first_reached"] > 0):
        if shown.any():
            return float(reach.loc[shown, "target"].max())
    return None


def _steps_of(reached: pd.DataFrame, when: str) -> str:
    """Median steps of a rate's runs to a target and how many got there, `when` first or for good (sustained)."""
    if reached.empty:
        return MISSING
    (row,) = reached.to_dict("records")
    count, at = int(row[f"{when}_reached"]), float(row[f"{when}_at"])
    runs = f"{count} of {row['n']}"
    if not count:
        return "never"
    return f"{steps(at)} ({runs})" if np.isfinite(at) else f"{runs} runs"


def _median(measure: Measure, value: float) -> str:
    text = percent(value, 0) if measure.unit == "share" else rounded(value)
    return text.replace("not finite", MISSING)


def _remarks(ids: str) -> str:
    return ", ".join(name.replace("_", " ").replace("-", " ") for name in ids.split())


def _with_spread(sd: float, mean: str, spread: str) -> str:
    return f"{mean} ± {spread}" if np.isfinite(sd) else mean
