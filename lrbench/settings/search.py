"""The settings of a search: between which rates, how fine, how sure, and with how many runs at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lrbench.settings.limits import MOST_RATES, MOST_ROUNDS, MOST_SEEDS
from lrbench.settings.sections import Number, Problem, Section, Whole, setting
from lrbench.settings.values import Rate, shown
from lrbench.wording import rate_label

CHOSEN_BY_IT = {  # keys that a search decides, and what to write instead
    "learning_rates": "which chooses the rates between search.rates.from and search.rates.to",
    "seeds": "which gives each rate the seeds it needs, up to search.seeds.at_most",
    "seeds_per_job": "whose jobs have search.seeds.first seeds",
}


class SearchRates(Section):
    """Which rates a search may try."""

    lowest: Rate = setting(1e-5, alias="from", meaning="lowest rate of a search", why="none below it is tried")
    highest: Rate = setting(1.0, alias="to", meaning="highest rate of a search", why="none above it is tried")
    at_most: Whole = setting(
        12, ge=2, le=MOST_RATES, meaning="how many rates a search may try in all", unit="rates", why="the budget"
    )
    resolution: Number = setting(
        2.0,
        ge=1.05,
        le=1000,
        meaning="factor between neighbours of the best rate up to which none is tried between them",
        unit="times",
        why="within a factor of two there is little to gain",
    )


class SearchSeeds(Section):
    """How many seeds a search gives a rate."""

    first: Whole = setting(
        3,
        ge=1,
        le=MOST_SEEDS,
        meaning="seeds of a new rate, and the number by which a rate's seeds grow; a job trains so many",
        unit="seeds",
        why="with fewer than three nothing is told apart",
    )
    at_most: Whole = setting(
        12, ge=1, le=MOST_SEEDS, meaning="how many seeds a rate may have", unit="seeds", why="the budget"
    )


class SearchSettings(Section):
    """A search for the rate, in place of lists of rates and seeds."""

    rates: SearchRates = setting(SearchRates(), meaning="which rates it may try")
    seeds: SearchSeeds = setting(SearchSeeds(), meaning="how many seeds it gives a rate")
    rounds: Whole = setting(
        10,
        ge=1,
        le=MOST_ROUNDS,
        meaning="how often a search may look at its results and ask for more",
        unit="rounds",
        why="more than most searches need; the level is shared by them, since to look again is to test again",
    )
    level: Number = setting(
        0.05,
        ge=1e-6,
        lt=1,
        meaning="level of all tests of a search together; takes the place of `thresholds.significance`, each round "
        "having its share",
        unit="probability",
        why="the usual one",
    )


def search_problems(config: Any) -> Iterator[Problem]:
    """What speaks against a search beside other keys, and against leaving its keys out without one."""
    if not isinstance(config, dict):
        return
    if "search" not in config:
        for key in ("learning_rates", "seeds"):
            if key not in config:
                yield Problem("is missing; add it, a list", (key,))
        return
    for key, why in CHOSEN_BY_IT.items():
        if key in config:
            yield Problem(f"is given beside search, {why}; remove one", (key,))
    if config.get("initial_weights") == "carried_over":
        yield Problem("is given, but weights are carried over in the order of listed rates; remove one", ("search",))


def limits_problems(search: SearchSettings | None) -> Iterator[str]:
    """What speaks against the numbers of a search together; sentences without full stops."""
    if search is None:
        return
    rates, seeds = search.rates, search.seeds
    if not rates.lowest < rates.highest:
        yield (
            f"search.rates goes from {rate_label(rates.lowest)} to {rate_label(rates.highest)}, but must rise; write a "
            "lower `from` or a higher `to`"
        )
    if seeds.first > seeds.at_most:
        yield f"search.seeds.first is {shown(seeds.first)} but must be at most search.seeds.at_most, {seeds.at_most}"
