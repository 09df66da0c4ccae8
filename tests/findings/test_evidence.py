"""How a ledger writes differences of score and their intervals."""

import pytest
from support.histories import experiment
from support.observed import of, seen, steady

from lrbench.findings.ledger import Ledger, Pair
from lrbench.findings.observations.accuracy import practically_tied, separated_pairs


@pytest.mark.parametrize(
    ("significance", "level"), [(0.05, "95 %"), (0.001, "99.9 %"), (0.025, "97.5 %"), (0.0001, "99.99 %")]
)
def test_the_level_of_an_interval_has_its_own_digits(significance, level):
    made = experiment({0.01: steady(0.93), 0.001: steady(0.96)}, thresholds={"significance": significance})
    assert Ledger(made.analyse()).interval(1, 2, str) == f"{level} interval 1 to 2"


def test_a_difference_within_the_tie_threshold_never_reads_as_equal_to_it():
    ledger = Ledger(experiment({0.01: steady(0.93), 0.001: steady(0.96)}).analyse())
    pair = Pair(0.0006, -0.0013, 0.0025, n=5, p=0.4, p_corrected=0.4, ahead=3, behind=2, separated=False)
    assert ledger.gap(pair) == "0.06 points"
    assert ledger.pair_interval(pair) == "(95 % interval −0.13 to 0.25; ahead in 3 of 5 seeds)"
    wide = Pair(0.005, 0.002, 0.008, n=5, p=0.01, p_corrected=0.01, ahead=5, behind=0, separated=True)
    assert ledger.gap(wide) == "0.5 points"


def test_one_difference_has_the_same_digits_wherever_it_is_said():
    made = of({0.01: steady(0.952), 0.001: steady(0.96)})
    _, tied = seen(practically_tied, made)
    _, apart = seen(separated_pairs, made)
    assert "0.01, is 0.8 points below" in tied
    assert "0.001 over 0.01, by 0.8 points (" in apart
