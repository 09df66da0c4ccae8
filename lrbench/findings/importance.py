"""The order in which rates are named: what decides comes first, so that a list cut short hides nothing that matters."""

from __future__ import annotations

from collections.abc import Iterable

from lrbench.analysis.results import Analysis


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
