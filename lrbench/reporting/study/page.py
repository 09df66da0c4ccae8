"""The page of a study: one HTML file that needs nothing beside itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lrbench.errors import WorkError
from lrbench.reporting.citation import bibtex
from lrbench.reporting.page import MAX_BYTES, SHOWN_NUMBERS, frame
from lrbench.reporting.sections.figures import read_figures
from lrbench.reporting.sections.what_next import what_next_in_study
from lrbench.reporting.study.inputs import ComparedVariants
from lrbench.reporting.templates import fill_in
from lrbench.tables.names import STUDY, STUDY_INDEX
from lrbench.wording import (
    MISSING,
    counted,
    number,
    points,
    rate_label,
    rounded,
    step_interval,
    target_label,
)

PAGE = "study.html.j2"
RULES = (("0, no dependence", 0.0), ("½, the square-root rule", 0.5), ("1, the linear rule", 1.0))
STATUSES = ("finding", "inconclusive", "passed", "not applicable")
ABOUT = {
    "variants": "a row for each variant",
    "curves": "a row for each variant and learning rate",
    "pairs": "every pair of variants, each at its best rate; accuracies as shares",
    "transfers": "the best rate of each variant used in every other; accuracies as shares",
    "findings": "the answer and the findings with their evidence",
    "next": "what to train next, with evidence",
}


def render_study(compared: ComparedVariants, config: str, figures: Path, templates: Mapping[str, str]) -> str:
    """The page of a study, as HTML.

    config : its config file, as a word of a shell command
    figures, templates : as for `lrbench.reporting.page.render`

    Raises
    ------
    InputError
        Where a figure or a template is missing or is something else, or the figures show another comparison.
    WorkError
        Where the page would be larger than 1.5 MB.
    """
    count = len(compared.labels)
    shown, looks = read_figures(figures, compared.made_from, count)
    found = compared.findings
    name = compared.asked["name"]
    made_from = compared.made_from["study"]
    values = {
        **frame(templates, looks, found["statement"], made_from),
        "cite": bibtex(templates, name, f"{name}/{STUDY_INDEX}", made_from),
        "experiment": {"name": name, "title": compared.asked["title"]},
        "config": config,
        "figures": shown,
        "figure_names": {figure["id"]: figure["name"] for figure in shown},
        "labels": compared.labels,
        "statement": found["statement"],
        "evidence": found["evidence"],
        "findings": sorted(found["findings"], key=lambda one: STATUSES.index(one["status"])),
        "next": what_next_in_study(compared.next, config),
        "variants": variant_rows(compared),
        "rate_heading": compared.rate_heading,
        "axis": compared.axis_name,
        "target": None if compared.across["target"] is None else target_label(compared.across["target"]),
        "grid": [rate_label(rate) for rate in compared.across["grid"]],
        "pairs": pair_rows(compared),
        "sharing": compared.sharing,
        "transfers": transfer_rows(compared),
        "factors": factor_rows(compared),
        "exponent": exponent_rows(compared),
        "downloads": [(file, ABOUT[key], f"../results/{name}/{file}") for key, file in STUDY.items()],
        "settings": setting_rows(compared),
        "shown_numbers": SHOWN_NUMBERS[0],
    }
    page = fill_in(templates, values, PAGE)
    size = len(page.encode())
    if size > MAX_BYTES:
        raise WorkError(
            f"the page of the study would have {size} bytes, over its limit of {MAX_BYTES}; give it fewer variants."
        )
    return page


def variant_rows(compared: ComparedVariants) -> list[dict[str, Any]]:
    """What the table of variants shows of each, as text."""
    rows = []
    for row, asked in zip(compared.variants.to_dict("records"), compared.asked["variants"], strict=True):
        low, high = row["tied_low"], row["tied_high"]
        plateau = row["plateau_high"] / row["plateau_low"]
        rows.append(
            {
                "place": row["place"],
                "label": asked["label"],
                "changes": asked["changes"],
                "report": f"{asked['name']}.html",
                "best": _rate(row["best"]),
                "tied": f"{rate_label(low)} to {rate_label(high)}" if low < high else "no other rate",
                "recommended": _rate(row["recommended"]),
                "score": compared.accuracy(row["score"]),
                "interval": compared.interval(row),
                "seeds": counted(row["seeds"], "seed"),
                "steps": MISSING if math.isnan(row["steps_at"]) else step_interval(row["steps_after"], row["steps_at"]),
                "plateau": f"×{rounded(plateau)}" if math.isfinite(plateau) else MISSING,
                "sensitivity": rounded(row["sensitivity"]) if math.isfinite(row["sensitivity"]) else MISSING,
                "verdicts": compared.verdicts(row["place"]),
                "eligible": f"{row['eligible']} of {counted(row['rates'], 'rate')}",
            }
        )
    return rows


def pair_rows(compared: ComparedVariants) -> list[dict[str, Any]]:
    """What the table of pairs shows of each, as text: which variant is ahead, by how much, and how that is known."""
    rows = []
    for row in compared.pairs.to_dict("records"):
        one, other = (compared.labels[row[side]] for side in ("one", "other"))
        known = math.isfinite(row["low"])
        rows.append(
            {
                "names": f"{other} less {one}",
                "difference": points(row["difference"], 2) if math.isfinite(row["difference"]) else MISSING,
                "interval": f"{points(row['low'], 2)} to {points(row['high'], 2)}" if known else MISSING,
                "p": rounded(row["p_corrected"]) if known else MISSING,
                "told": ("told apart" if row["separated"] else "not told apart") if row["n"] else "not compared",
                "how": f"paired by {counted(row['n'], 'seed')}" if row["paired"] else row["reason"],
            }
        )
    return rows


def transfer_rows(compared: ComparedVariants) -> list[dict[str, Any]]:
    """For each variant's best rate a row, with what it costs in every variant and the interval of that, as text."""
    return _by_variant(compared, ("its own", ""), lambda row: (_cost(compared, row), _cost_interval(row)))


def factor_rows(compared: ComparedVariants) -> list[dict[str, Any]]:
    """For each variant a row, with the factor of every variant's best rate over its own, and the range of that."""

    def factor(row: Any) -> tuple[str, str]:
        if not math.isfinite(row["factor"]):
            return MISSING, ""
        return f"×{rounded(row['factor'])}", f"{rounded(row['factor_low'])} to {rounded(row['factor_high'])}"

    return _by_variant(compared, ("×1", ""), factor)


def _by_variant(
    compared: ComparedVariants, own: tuple[str, str], cell: Callable[[Any], tuple[str, str]]
) -> list[dict[str, Any]]:
    """A row a variant of a table whose columns are the variants; `cell` gives a text and what stands small below it."""
    rows = []
    for variant in compared.variants.to_dict("records"):
        place = variant["place"]
        others = compared.transfers[compared.transfers["rate_of"] == place].set_index("used_in")
        cells = [own if one == place else cell(others.loc[one]) for one in range(len(compared.labels))]
        rows.append({"place": place, "rate": _rate(variant["best"]), "cells": cells})
    return rows


def _cost(compared: ComparedVariants, row: Any) -> str:
    if not math.isfinite(row["learning_rate"]):
        return MISSING
    if not row["planned"]:
        return "not among its rates"
    if not row["tested"]:
        known = math.isfinite(compared.variants["best"].iloc[row.name])
        return "runs are missing" if known else "no best rate here"
    if not row["learned"]:
        return "not every run learns"
    if row["factor"] == 1:
        return "the same rate"
    told = " (told apart)" if row["costs"] else ""
    return f"{points(row['cost'], 2)}{' (tied)' if row['carries'] else told}"


def _cost_interval(row: Any) -> str:
    known = row["learned"] and row["factor"] != 1 and math.isfinite(row["cost_low"])
    return f"{points(row['cost_low'], 2)} to {points(row['cost_high'], 2)}" if known else ""


def exponent_rows(compared: ComparedVariants) -> list[tuple[str, str]]:
    """The exponent of the best rate against the axis, and whether each rule's is within its interval; as term and text.

    Empty where no exponent was fitted.
    """
    slope, low, high = (compared.across[name] for name in ("exponent", "exponent_low", "exponent_high"))
    if slope is None:
        return []
    interval = "no interval" if low is None else f"{compared.level} interval {number(low, 2)} to {number(high, 2)}"
    fitted = f"{number(slope, 2)} ({interval}, n = {compared.across['exponent_n']} variants)"
    said = {None: "cannot be told", True: "within the interval", False: "outside of the interval"}
    held = [(name, said[None if low is None else low <= value <= high]) for name, value in RULES]
    return [(f"Exponent against {compared.axis_name}", fitted), *held]


def setting_rows(compared: ComparedVariants) -> list[tuple[str, str]]:
    """The settings that every variant shares, as term and text."""
    each = [variant["settings"] for variant in compared.asked["variants"]]
    seeds = [variant["plan"]["seeds"] for variant in compared.asked["variants"]]
    shared = [
        ("Data", {variant["dataset_name"] for variant in compared.asked["variants"]}),
        ("Epochs", {str(one["epochs"]) for one in each}),
        ("Batch size", {str(one["batch_size"]) for one in each}),
        ("Optimizer", {one["optimizer"]["name"] for one in each}),
        ("Seeds", {", ".join(map(str, one)) for one in seeds}),
    ]
    return [(term, next(iter(texts)) if len(texts) == 1 else "differs between variants") for term, texts in shared]


def _rate(rate: float) -> str:
    return rate_label(rate) if math.isfinite(rate) else "none"
