"""Lists of learning rates in sentences: in the order of importance, none left out, and survivors counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.analysis.wording import LISTED, rate_labels
from lrbench.findings.evidence import Ledger
from lrbench.findings.importance import by_importance
from lrbench.wording import counted, rate_label


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
    few = sorted(rate for rate in rates if counts.loc[rate] < MINIMUM_SEEDS)
    return f" Of {rate_labels(few)} there are too few runs to tell." if few else ""


def by_rate(ledger: Ledger, rates: Iterable[float], describe: Callable[[float], str]) -> str:
    """What is said of each rate, the most important first; of the last of many only which they are.

    The recommended rate and the tried rates next to it are always described. `describe` is called for no other rate.
    """
    order = by_importance(ledger.analysis, rates)
    shown = order if len(order) <= LISTED + 1 else order[:LISTED]
    rest = order[len(shown) :]
    return "; ".join([*map(describe, shown), *([f"also at {rate_labels(sorted(rest))}"] if rest else [])])
