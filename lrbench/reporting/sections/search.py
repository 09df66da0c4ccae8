"""The section of a search: what each round trained and why, what became of the rates, and what all that cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.tables.plan import planned_runs, seeds_by_rate
from lrbench.wording import counted, interval_level, percent, rate_label, target_label


def search(rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What the section shows; None where rates are listed.

    Keys
    ----
    cost, grid, share : in words, what was trained, what the grid of that resolution and so many seeds takes, and the
        share of it
    ends, wanted : why it ended, and the sentences of what it would have asked for
    level, intervals : of one round's tests, and of the intervals that agree with them
    rounds : each {number, why, asks, runs, epochs, standings}: `asks` are sentences of what it trained, `standings` of
        what became of the rates
    settings : the config's section
    """
    if not rounds:
        return None
    last = rounds[-1]
    made = last["made_from"]
    asked, epochs = made["analysis"]["search"], int(made["settings"]["epochs"])
    rates, seeds = asked["rates"], asked["seeds"]
    totals = [0, *(planned_runs(one["plan"]) for one in rounds)]
    gaps = math.ceil(math.log(rates["to"] / rates["from"]) / math.log(rates["resolution"]) - 1e-9)
    full = (gaps + 1) * seeds["at_most"]
    trained = [counted(totals[-1], "run"), counted(totals[-1] * epochs, "epoch")]
    whole = [counted(full, "run"), counted(full * epochs, "epoch")]
    return {
        "cost": f"{', '.join(trained)}, in {counted(len(rounds), 'round')}",
        "grid": f"{', '.join(whole)}: {gaps + 1} rates from {rate_label(rates['from'])} to {rate_label(rates['to'])}, "
        f"a factor of {rates['resolution']:g} or less apart, with {counted(seeds['at_most'], 'seed')} each",
        "share": percent(totals[-1] / full, 0),
        "ends": last["statement"],
        "wanted": [reason["sentence"] for reason in last["reasons"]],
        "level": target_label(asked["level"] / asked["rounds"]),
        "intervals": interval_level(asked["level"] / asked["rounds"]),
        "rounds": [
            {
                "number": one["round"],
                "asks": _first(one["plan"])
                if place == 0
                else [reason["sentence"] for reason in rounds[place - 1]["reasons"]],
                "runs": totals[place + 1] - totals[place],
                "epochs": (totals[place + 1] - totals[place]) * epochs,
                "standings": [standing["sentence"] for standing in one["standings"]],
            }
            for place, one in enumerate(rounds)
        ],
        "settings": asked,
    }


def _first(plan: Mapping[str, Any]) -> list[str]:
    """What the first round trains: rates spread between the limits."""
    seeds = seeds_by_rate(plan)
    labels = ", ".join(map(rate_label, seeds))
    return [f"{labels}: spread between the limits, with {counted(len(next(iter(seeds.values()))), 'seed')} each."]
