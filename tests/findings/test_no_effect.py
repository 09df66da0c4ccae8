"""Experiments in which the learning rate changes nothing: what a test finds in them it finds by chance, and rarely."""

from __future__ import annotations

from collections import Counter

import pytest
from support import no_effect

DAILY = {(2, 3): 6, (5, 5): 6, (11, 3): 6}  # experiments by rates and seeds
LONG = 200


def too_often(counts: Counter[str], experiments: int) -> dict[str, int]:
    """What was said in more experiments than the level allows, with how often."""
    most = no_effect.most_allowed(experiments)
    return {name: count for name, count in counts.items() if count > most}


def test_every_observation_that_reads_the_level_of_a_test_is_counted():
    assert {"still_improving", "overfitting", "lead_lost", "separated_pairs"} < set(no_effect.tested())
    assert "seeds_needed" not in no_effect.tested()


def test_a_few_experiments_without_effect_show_little():
    found = {
        cell: no_effect.counted_by_chance(*cell, experiments=experiments, first=1000)
        for cell, experiments in DAILY.items()
    }
    assert too_often(sum(found.values(), Counter()), sum(DAILY.values())) == {}


def test_the_limit_is_that_of_the_binomial_distribution():
    # of 18 experiments at 5 %: 5 or fewer with a probability of 0.9998, 4 or fewer with 0.9985
    assert no_effect.most_allowed(18) == 5
    assert too_often(Counter({"overfitting": 6, "lead-lost": 5}), 18) == {"overfitting": 6}


def test_the_table_holds_percentages():
    counts = {(2, 3): Counter({"overfitting": 1}), (5, 3): Counter()}
    assert no_effect.as_markdown(counts, 4, ["overfitting"]) == (
        "| rates × seeds | 2 × 3 | 5 × 3 | all |\n|---|---:|---:|---:|\n| overfitting | 25.0 | 0.0 | 12.5 |\n"
    )
    assert no_effect.as_markdown(counts, 4, ["still_improving", "overfitting"], by_cell=False) == (
        "| rates × seeds | all |\n|---|---:|\n| still improving | 0.0 |\n| overfitting | 12.5 |\n"
    )


@pytest.mark.long
def test_experiments_without_effect_show_little():
    counts = {
        (rates, seeds): no_effect.counted_by_chance(rates, seeds, LONG)
        for rates in no_effect.RATES
        for seeds in no_effect.SEEDS
    }
    print(no_effect.as_markdown(counts, LONG, no_effect.looked_for()))
    assert too_often(sum(counts.values(), Counter()), LONG * len(counts)) == {}
    assert {cell: found for cell, own in counts.items() if (found := too_often(own, LONG))} == {}
