"""The policy of a search: from the scores so far, which rates and seeds to train next, or why nothing more.

It knows no files, no tables and no words, so that thousands of made searches can be played through in a minute.
`docs/metrics.md` says the rules in words.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import special

from lrbench.analysis.pairs import by_evidence, difference_sd, means_left, moments, usual_variance
from lrbench.analysis.statistics import POWER, range_critical
from lrbench.settings.limits import middle_rate, new_rates, rounded_rate
from lrbench.tables.analysis import FEWEST_SEEDS

FIRST, BETWEEN, TOWARDS, SEEDS = "first", "between", "towards", "seeds"  # rules by which a plan grows
BEST, FAILED, APART, TIED = "best", "failed", "apart", "tied"  # standings
OPEN, UNSURE, TOO_FAR = "open", "unsure", "too far"  # and those of rates that are not told from the best
SETTLED, NO_ROUND, NO_RATE = "settled", "rounds", "rates"  # why a search ends
FIRST_SHARE = 2 / 3  # of the rates that are allowed, those that the first round may have
FEWEST_RATES = 3  # of the first round, where they fit: with two the best is at an edge
REACH = float(special.ndtri(POWER))  # by so many errors an expected t must pass the critical one
CLOSE = 1 + 1e-9  # a factor that is larger by rounding alone is not larger


class Run(NamedTuple):
    """One finished run; `failed` where it did not learn, whatever its score."""

    learning_rate: float
    seed: int
    score: float
    failed: bool


@dataclass(frozen=True)
class Search:
    """What a search may ask for, and how sure it must be.

    lowest, highest : rates, the limits; most_rates : how many may be tried in all
    resolution : a factor; between neighbours that are no farther apart no rate is tried
    first_seeds : seeds of a new rate, and the number by which a rate's seeds grow; most_seeds : of a rate in all
    rounds : how often runs may be asked for; level : at which rates are told apart, shared by the rounds; and of the
        interval that says whether a rate may still be better than the best
    tie : difference of scores up to which two rates are practically tied
    least_sd : that of a difference is never taken to be smaller: one validation example
    """

    lowest: float
    highest: float
    most_rates: int
    resolution: float
    first_seeds: int
    most_seeds: int
    rounds: int
    level: float
    tie: float
    least_sd: float

    @property
    def round_level(self) -> float:
        """The level of one round: looking again is testing again."""
        return self.level / self.rounds


@dataclass(frozen=True)
class Reason:
    """Why a plan has a new rate, or more seeds of one.

    rule : FIRST, the grid of the first round; BETWEEN, the middle between the best rate and a neighbour; TOWARDS, that
        between two rates while none learns; SEEDS, to tell the rate from the best, or the best from others
    seeds : how many the rate has then
    beside : the two rates that it lies between, or those that it is to be told from
    """

    rule: str
    learning_rate: float
    seeds: int
    beside: tuple[float, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How a tried rate stands against the best.

    verdict : BEST; FAILED, a run did not learn; APART, told apart from the best; TIED, the difference is too small to
        matter; OPEN, more seeds likely tell; TOO_FAR, that would take more seeds than are allowed; UNSURE, else tied
        or too far, but it may still be better than the best by more than matters, while it may have more seeds
    seeds : those that both it and the best have
    difference : mean of its scores less those of the best over these seeds; NaN of a rate that failed
    needed : of an open one, how many seeds likely tell; of an unsure one, the next number
    """

    learning_rate: float
    verdict: str
    seeds: int
    difference: float = math.nan
    needed: int | None = None


@dataclass(frozen=True)
class Plan:
    """What the next round needs: of each rate the first so many seeds, those that were trained before included."""

    seeds: Mapping[float, int]
    reasons: tuple[Reason, ...]
    standings: tuple[Standing, ...] = ()


@dataclass(frozen=True)
class Done:
    """Nothing more is trained.

    why : SETTLED, nothing is worth asking for; NO_ROUND, the rounds are spent; NO_RATE, as many rates were tried as may
        be
    wanted : what would be trained otherwise
    """

    why: str
    standings: tuple[Standing, ...]
    wanted: tuple[Reason, ...] = ()


def first_plan(search: Search) -> Plan:
    """The first round: rates about a decade apart, the limits among them; three at least, where they fit."""
    span = math.log(search.highest / search.lowest)
    decades = math.floor(span / math.log(10) * CLOSE)
    room = max(math.ceil(search.most_rates * FIRST_SHARE), min(FEWEST_RATES, search.most_rates))
    fine = max(math.ceil(span / math.log(search.resolution) / CLOSE), 1)
    gaps = max(min(max(decades, FEWEST_RATES - 1), room - 1, fine), 1)
    factor = math.exp(span / gaps)
    inner = [rounded_rate(search.lowest * factor**place, factor) for place in range(1, gaps)]
    rates = [search.lowest, *inner, search.highest]
    reasons = tuple(Reason(FIRST, rate, search.first_seeds) for rate in rates)
    return Plan(dict.fromkeys(rates, search.first_seeds), reasons)


@dataclass
class _State:
    """The scores so far, shape (seeds, rates), NaN where there is no run; `failed` and `means`, shape (rates,)."""

    rates: list[float]
    scores: np.ndarray
    failed: np.ndarray
    seeds: dict[float, int]
    means: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.means = np.where(self.failed, -np.inf, moments(self.scores)[1])


def _state(runs: Iterable[Run]) -> _State:
    rows = list(runs)
    rates = sorted({run.learning_rate for run in rows})
    place = {rate: column for column, rate in enumerate(rates)}
    scores = np.full((max(run.seed for run in rows) + 1, len(rates)), np.nan)
    failed = np.zeros(len(rates), dtype=bool)
    seeds = dict.fromkeys(rates, 0)
    for run in rows:
        scores[run.seed, place[run.learning_rate]] = run.score
        failed[place[run.learning_rate]] |= run.failed
        seeds[run.learning_rate] += 1
    return _State(rates, scores, failed, seeds)


def decide(search: Search, finished: int, runs: Iterable[Run]) -> Plan | Done:
    """What to train after so many finished rounds.

    runs : all runs of these rounds, in any order; a rate has the seeds 0, 1, 2, … without a gap
    """
    if not finished:
        return first_plan(search)
    state = _state(runs)
    standings = _standings(search, state)
    new = _new_rates(search, state, search.most_rates - len(state.rates))
    reasons = (*new, *_more_seeds(standings, state.seeds))
    if not reasons:
        wanted = _new_rates(search, state, FEWEST_RATES)
        return Done(NO_RATE if wanted else SETTLED, standings, wanted)
    if finished >= search.rounds:
        return Done(NO_ROUND, standings, reasons)
    return Plan(
        dict(sorted({**state.seeds, **{one.learning_rate: one.seeds for one in reasons}}.items())), reasons, standings
    )


def _standings(search: Search, state: _State) -> tuple[Standing, ...]:
    """How each rate stands against the best by mean score; of equal ones the smallest."""
    learned = np.flatnonzero(~state.failed)
    found = {rate: Standing(rate, FAILED, state.seeds[rate]) for rate in state.rates}
    if not len(learned):
        return tuple(found.values())
    best = int(np.argmax(state.means))
    others = learned[learned != best]
    found[state.rates[best]] = Standing(state.rates[best], BEST, state.seeds[state.rates[best]], 0.0)
    differences = state.scores[:, others] - state.scores[:, [best]]
    n, mean, _ = moments(differences)
    sd = difference_sd(differences, usual_variance(state.scores[:, learned]), search.least_sd)
    with np.errstate(invalid="ignore"):
        t = np.where(n >= FEWEST_SEEDS, mean / (sd / np.sqrt(n)), 0.0)
    order = by_evidence(t, 2 * special.stdtr(np.maximum(n - 1, 1), -np.abs(t)))
    apart = True
    for pair, means in zip(order, means_left(len(t)), strict=True):
        count, distance = int(n[pair]), float(mean[pair])
        critical = math.inf
        if count >= FEWEST_SEEDS:
            critical = range_critical(search.round_level, int(means), count - 1)
        apart = apart and abs(float(t[pair])) > critical
        needed = None
        if apart:
            verdict = APART
        elif abs(distance) <= search.tie:
            verdict = TIED
        else:
            needed = _seeds_needed(search, count, distance, float(sd[pair]), int(means))
            verdict = TOO_FAR if needed is None else OPEN
        more = next((seeds for seeds in seed_counts(search) if seeds > count), None)
        if verdict in (TIED, TOO_FAR) and more and _may_be_better(search, count, distance, float(sd[pair])):
            needed, verdict = more, UNSURE
        rate = state.rates[int(others[pair])]
        found[rate] = Standing(rate, verdict, count, distance, needed)
    return tuple(found.values())


def _may_be_better(search: Search, seeds: int, difference: float, sd: float) -> bool:
    """Whether the interval of a rate's difference from the best goes beyond what matters: the best is then a guess."""
    if seeds < FEWEST_SEEDS:
        return False
    margin = float(special.stdtrit(seeds - 1, 1 - search.level / 2)) * sd / math.sqrt(seeds)
    return difference + margin > search.tie


def _seeds_needed(search: Search, seeds: int, difference: float, sd: float, means: int) -> int | None:
    """The seeds, more than there are, with which such a difference is likely told apart; None beyond what is allowed.

    Where a deviation is not known yet, the fewest with which anything is told apart.
    """
    for count in seed_counts(search):
        if count <= seeds or count < FEWEST_SEEDS:
            continue
        if math.isnan(sd):
            return count
        critical = range_critical(search.round_level, means, count - 1)
        if abs(difference) / sd * math.sqrt(count) >= critical + REACH:
            return count
    return None


def seed_counts(search: Search) -> list[int]:
    """How many seeds a rate may have: multiples of those of a new rate, and the most that are allowed."""
    return [*range(search.first_seeds, search.most_seeds, search.first_seeds), search.most_seeds]


def _new_rates(search: Search, state: _State, room: int) -> tuple[Reason, ...]:
    """The middles between the best rate and its neighbours; while no rate learned, those of all gaps, the widest first.

    room : how many there may be
    """
    gaps = [(low, high) for low, high in itertools.pairwise(state.rates) if high / low > search.resolution * CLOSE]
    if state.failed.all():
        rule = TOWARDS
        gaps.sort(key=lambda gap: -gap[1] / gap[0])
    else:
        rule = BETWEEN
        best = state.rates[int(np.argmax(state.means))]
        score = dict(zip(state.rates, state.means.tolist(), strict=True))
        gaps = sorted(
            (gap for gap in gaps if best in gap), key=lambda gap: -score[gap[0] if gap[1] == best else gap[1]]
        )
    middles = {middle_rate(*gap): gap for gap in gaps}
    wanted = new_rates(state.rates, list(middles)[: max(room, 0)])
    return tuple(Reason(rule, rate, search.first_seeds, middles[rate]) for rate in wanted)


def _more_seeds(standings: Sequence[Standing], seeds: Mapping[float, int]) -> tuple[Reason, ...]:
    """More seeds of the rates that are not told from the best, and of the best itself, as far as they have too few."""
    asking = {one.learning_rate: one.needed for one in standings if one.needed is not None}
    if not asking:
        return ()
    (best,) = (one.learning_rate for one in standings if one.verdict == BEST)
    reasons = [Reason(SEEDS, rate, needed, (best,)) for rate, needed in asking.items()]
    reasons.append(Reason(SEEDS, best, max(asking.values()), tuple(sorted(asking))))
    return tuple(
        sorted((one for one in reasons if one.seeds > seeds[one.learning_rate]), key=lambda one: one.learning_rate)
    )
