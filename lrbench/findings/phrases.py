"""What sentences share: lists of learning rates, the one that decides first, and values that stand side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from lrbench.analysis.pipeline import Analysis
from lrbench.findings import numbers
from lrbench.findings.ledger import Ledger
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import LISTED, counted, decimals_of, number, plural_points, rate_label, rate_labels

MOST_LOSS_DECIMALS = 12


def by_importance(analysis: Analysis, rates: Iterable[float]) -> list[float]:
    """The recommended rate first, then the tried rates next to it, then the others by how near they are to it.

    Without a recommended rate ascending.
    """
    grid = sorted(map(float, analysis.rates["learning_rate"]))
    chosen = None if analysis.choice is None else analysis.choice.chosen
    place = {rate: index for index, rate in enumerate(grid)}
    if chosen is None:
        return sorted(map(float, rates))
    return sorted(map(float, rates), key=lambda rate: (abs(place[rate] - place[chosen]), rate))


def by_nearness(analysis: Analysis, chosen: float) -> list[float]:
    """The rates that are compared with the chosen one, the next to it first."""
    pairs = analysis.comparisons
    own = pairs.loc[(pairs["measure"] == "score") & ((pairs["higher"] == chosen) | (pairs["lower"] == chosen))]
    return by_importance(analysis, {*own["higher"], *own["lower"]} - {chosen})


def by_score_beside(analysis: Analysis, chosen: float) -> list[float]:
    """The eligible rates beside the chosen one, the highest mean score first; of equal ones the smallest."""
    rates = analysis.rates
    others = rates.loc[rates["eligible"].astype(bool) & (rates["learning_rate"] != chosen)]
    others = others.sort_values(["score_mean", "learning_rate"], ascending=[False, True], kind="stable")
    return others["learning_rate"].tolist()


def where(ledger: Ledger, rate: float) -> str:
    """`at 0.1`; where not all planned runs of the rate learned, with how many did."""
    counts = (int(ledger.analysis.rates.set_index("learning_rate").loc[rate, name]) for name in ("learned", "planned"))
    learned, planned = counts
    if learned == planned:
        return f"at {rate_label(rate)}"
    for name in ("learned", "planned"):
        ledger.cell("rates", name, learning_rate=rate)
    return f"at {rate_label(rate)} (where {learned} of {counted(planned, 'planned run')} learned)"


def too_few_runs(ledger: Ledger, rates: Iterable[float]) -> str:
    """A sentence that names those of the rates that have too few runs to conclude anything of, or nothing."""
    counts = ledger.analysis.rates.set_index("learning_rate")["n"]
    few = sorted(rate for rate in rates if counts.loc[rate] < FEWEST_SEEDS)
    return f" Of {rate_labels(few)} there are too few runs to tell." if few else ""


def by_rate(ledger: Ledger, rates: Iterable[float], describe: Callable[[float], str]) -> str:
    """What is said of each rate, the most important first; of the last of many only which they are.

    The recommended rate and the tried rates next to it are always described. `describe` is called for no other rate.
    """
    order = by_importance(ledger.analysis, rates)
    shown = order if len(order) <= LISTED + 1 else order[:LISTED]
    rest = order[len(shown) :]
    return "; ".join([*map(describe, shown), *([f"also at {rate_labels(sorted(rest))}"] if rest else [])])


def nats_apart(one: float, other: float) -> tuple[str, str]:
    """Two losses with as many decimals as it takes to see which is the larger, or two significant digits."""
    decimals = max(0 if loss == 0 or not math.isfinite(loss) else decimals_of(loss, 2) for loss in (one, other))
    while decimals < MOST_LOSS_DECIMALS and one != other and number(one, decimals) == number(other, decimals):
        decimals += 1
    return number(one, decimals), number(other, decimals)


def points_above(difference: float, limit: float) -> tuple[str, str]:
    """A difference of accuracies that is above a limit, and the limit, with so many decimals that the texts say so."""
    decimals = 2
    while decimals < MOST_LOSS_DECIMALS and round(100 * difference, decimals) <= round(100 * limit, decimals):
        decimals += 1
    return plural_points(difference, decimals), plural_points(limit, decimals)


def score_span(ledger: Ledger) -> str:
    """What the score is a mean over."""
    return f"a mean over the last {ledger.take(numbers.score_epochs)} epochs"
