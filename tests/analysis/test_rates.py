"""What the runs of each rate say together, from made-up histories."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.histories import experiment, flat, noisy, run

FALLING = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1]
GOOD = [0.95] * 10


def rates_of(runs, **settings):
    return experiment(runs, **settings).analyse().rates.set_index("learning_rate")


def test_reached_at_10_and_10_and_never_is_two_of_three_with_median_10():
    runs = [run([0.9, 0.9]), run([0.9, 0.9]), run([0.7, 0.7])]
    row = experiment({0.1: runs}, targets=(0.8,)).analyse().reach.iloc[0]
    assert (row["first_reached"], row["sustained_reached"], row["n"]) == (2, 2, 3)
    assert (row["first_after"], row["first_at"]) == (0, 10)
    assert row["sustained_at"] == 10


def test_reached_by_one_of_two_has_no_finite_median():
    row = experiment({0.1: [run([0.9]), run([0.7])]}, targets=(0.8,)).analyse().reach.iloc[0]
    assert row["first_at"] == math.inf


def test_one_diverged_run_of_twenty_is_counted_and_changes_nothing_else():
    broken = run([0.1] * 10, val_loss=[math.nan] * 10, train_loss=[math.nan] * 10)
    good = [flat(0.95)] * 20
    plain = rates_of({0.1: good, 0.01: [flat(0.9)] * 20})
    one = rates_of({0.1: [*good[:19], broken], 0.01: [flat(0.9)] * 20})
    assert one.loc[0.1, ["diverged", "learned", "n", "planned"]].tolist() == [1, 19, 20, 20]
    assert not one.loc[0.1, "eligible"]
    assert one.loc[0.1, "verdict"] == "diverges"
    assert one.loc[0.1, "final_val_loss_median"] == pytest.approx(0.05)
    assert math.isnan(one.loc[0.1, "final_val_loss_mean"])
    columns = [name for name in one if name not in ("verdict", "tied", "best_in", "probability_best", "remarks")]
    assert one.loc[0.01, columns].to_dict() == pytest.approx(plain.loc[0.01, columns].to_dict(), nan_ok=True)
    assert one.loc[0.01, "verdict"] == "recommended"


def test_counts_add_up():
    broken = run([0.9, 0.9], finite=False)
    row = rates_of({0.1: [broken, flat(0.1, 2), run([0.9, 0.1]), flat(0.9, 2), None]}).iloc[0]
    assert row[["diverged", "failed", "collapsed", "learned"]].tolist() == [1, 1, 1, 1]
    assert (row["n"], row["planned"]) == (4, 5)


def test_unstable_needs_both_a_share_and_a_size():
    wobble = [1.0, 0.8, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5]  # up .3 of a way of 1.1, by .1 each
    small = [value / 100 for value in wobble]
    steady = [1 - 0.09 * index for index in range(10)]
    rates = rates_of({k: [run(GOOD, train_loss=loss)] * 3 for k, loss in ((3.0, wobble), (2.0, small), (1.0, steady))})
    assert rates["unstable"].to_dict() == {1.0: False, 2.0: False, 3.0: True}
    assert rates.loc[3.0, "backtrack_median"] == pytest.approx(3 / 11)


def test_short_runs_are_judged_by_their_largest_rise():
    rates = rates_of({0.1: [run([0.9] * 4, train_loss=[0.5, 0.4, 0.5, 0.4])] * 3})
    assert math.isnan(rates.loc[0.1, "oscillation_median"])
    assert rates.loc[0.1, "unstable"]


def test_chance_level_is_never_most_stable():
    analysis = experiment(
        {1.0: [flat(0.1, loss=2.3)] * 3, 0.1: [noisy(np.random.default_rng(0), 0.95, 0.01)] * 3}
    ).analyse()
    rates = analysis.rates.set_index("learning_rate")
    assert rates.loc[1.0, "verdict"] == "fails to learn"
    assert rates.loc[1.0, "best_in"] == 0
    assert not rates.loc[1.0, "tied"]


def test_overfitting_is_named_where_validation_rises_while_training_falls():
    rising = [0.5, 0.4, 0.3, 0.2, 0.2, 0.2, 0.25, 0.3, 0.35, 0.4]
    runs = [run(GOOD, val_loss=[value * k for value in rising], train_loss=FALLING) for k in (0.9, 1, 1.1)]
    rates = rates_of({0.1: runs})
    assert rates.loc[0.1, "overfits"]
    assert rates.loc[0.1, "overfit_onset"] == 5  # the middle of epochs 4 to 6
    assert rates.loc[0.1, "overfit_mean"] == pytest.approx(math.log(0.35 / 0.2))
    two = rates_of({0.1: runs[:2]})
    assert not two.loc[0.1, "overfits"]
    assert two.loc[0.1, "overfit_rising"] == 2
    assert math.isnan(two.loc[0.1, "overfit_low"])


def test_flat_validation_loss_with_noise_is_no_overfitting():
    generator = np.random.default_rng(5)
    runs = [run(GOOD, val_loss=0.1 * (1 + 0.1 * generator.standard_normal(10)), train_loss=FALLING) for _ in range(5)]
    assert not rates_of({0.1: runs}).loc[0.1, "overfits"]


def test_still_improving():
    falling = [run(GOOD, val_loss=[k * 0.9**e for e in range(10)]) for k in (0.9, 1, 1.1)]
    rates = rates_of({0.1: falling, 0.01: [flat(0.95)] * 3})
    assert rates["still_improving"].to_dict() == {0.01: False, 0.1: True}
    assert rates.loc[0.1, "improvement"] == pytest.approx(1 - 0.9**4)
    assert not rates_of({0.1: falling[:1]}).loc[0.1, "still_improving"]  # one seed has no interval
    assert not rates_of({0.1: falling[:2]}).loc[0.1, "still_improving"]  # and two cannot show a trend


def test_best_in_counts_seeds_and_shares_first_places():
    rates = rates_of({0.1: [flat(0.9), flat(0.95), flat(0.9)], 0.01: [flat(0.95), flat(0.95), flat(0.1)]})
    assert rates["best_in"].to_dict() == {0.01: 2, 0.1: 2}


def test_probability_of_being_best_from_five_seeds_on():
    good, bad = [flat(0.95 + k / 1000) for k in range(5)], [flat(0.9 + k / 1000) for k in range(5)]
    assert rates_of({0.1: good, 0.01: bad})["probability_best"].to_dict() == pytest.approx({0.01: 0, 0.1: 1}, abs=0.01)
    assert rates_of({0.1: good[:4], 0.01: bad[:4]})["probability_best"].isna().all()


def test_tied_is_too_small_to_matter_and_unresolved_too_small_to_see():
    scores = {1.0: 0.9, 0.1: 0.8995, 0.01: 0.898, 0.001: 0.896}  # below the best by .0005, .002 and .004
    analysis = experiment({rate: [flat(score)] for rate, score in scores.items()}).analyse()
    assert analysis.across["resolution"] == analysis.across["delta"] == pytest.approx(0.003)  # sqrt(.9 * .1 / 10000)
    rates = analysis.rates.set_index("learning_rate")
    assert rates["tied"].to_dict() == {0.001: False, 0.01: False, 0.1: True, 1.0: True}
    assert rates["unresolved"].to_dict() == {0.001: False, 0.01: True, 0.1: False, 1.0: False}
    wide = experiment({0.1: [flat(0.9)], 0.01: [flat(0.898)]}, thresholds={"tie": 0.005}).analyse()
    assert (wide.across["delta"], wide.rates["tied"].tolist()) == (0.005, [True, True])
    perfect = experiment({0.1: [flat(1.0)]}).analyse()
    assert perfect.across["delta"] == 0.001


def test_verdicts_and_remarks():
    wobble = [1.0, 0.8, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5]
    slow = [run([0.9] * 10, val_loss=[k * 0.9**e for e in range(10)], train_loss=FALLING) for k in (0.9, 1, 1.1)]
    rates = rates_of(
        {
            1.0: [run(GOOD, finite=False)] * 3,
            0.9: [flat(0.1), run([0.9, *[0.1] * 9]), flat(0.95)],
            0.8: [flat(0.95), flat(0.95), None],
            0.7: [run(GOOD, train_loss=wobble)] * 3,
            0.6: [flat(0.9501)] * 3,
            0.5: slow,
            0.4: [flat(0.9)] * 3,
            0.3: [run(GOOD, train_loss=[0.1] * 10)] * 3,
            0.2: [flat(0.85), flat(0.96), flat(0.85)],
            0.05: [
                run(
                    [0.5, 0.6, 0.7, 0.8, 0.85, *[0.9] * 5], val_loss=[k * 0.9**e for e in range(10)], train_loss=FALLING
                )
                for k in (0.9, 1, 1.1)
            ],
        }
    )
    assert rates["verdict"].to_dict() == {
        0.05: "too slow",  # still improving, and later at 90 %
        0.2: "not told apart",  # 6 points below in the mean, and ahead in one of three seeds
        0.3: "practically tied",  # with 0.6, which has the higher score
        0.4: "behind",
        0.5: "behind",  # still improving, but no later at any target
        0.6: "recommended",
        0.7: "unstable",
        0.8: "incomplete",
        0.9: "fails to learn",
        1.0: "diverges",
    }
    assert rates.loc[0.5, "remarks"] == "still_improving"
    assert rates.loc[0.7, "remarks"] == "practically_tied"
    assert rates.loc[0.9, "remarks"] == "collapsed"


def test_noise_around_a_steep_fall_is_not_unstable():
    loss = np.linspace(2, 0.2, 10) + 0.05 * (-1.0) ** np.arange(10)  # oscillates by 0.09 nats and never rises
    assert not rates_of({0.1: [run(GOOD, train_loss=loss)] * 3}).loc[0.1, "unstable"]


def test_a_rise_of_both_losses_is_not_overfitting():
    rising = [0.5, 0.4, 0.3, 0.2, 0.2, 0.2, 0.25, 0.3, 0.35, 0.4]
    runs = [run(GOOD, val_loss=[value * k for value in rising], train_loss=rising) for k in (0.9, 1, 1.1)]
    assert not rates_of({0.1: runs}).loc[0.1, "overfits"]


def test_a_rise_of_validation_loss_overfits_where_training_loss_is_told_to_fall():
    rising = [0.5, 0.4, 0.3, 0.2, 0.2, 0.2, 0.25, 0.3, 0.35, 0.4]

    def runs(*ends):
        falls = [np.linspace(0.5, end, 10) for end in ends]
        return [
            run(GOOD, val_loss=[k * v for v in rising], loss=own) for k, own in zip((0.9, 1, 1.1), falls, strict=True)
        ]

    assert rates_of({0.1: runs(0.1, 0.2, 0.1)}).loc[0.1, "overfits"]
    assert not rates_of({0.1: runs(0.1, 0.6, 0.4)}).loc[0.1, "overfits"]  # falls by the mean, by no more than chance


def test_a_single_run_that_spikes_makes_no_rate_unstable():
    steady = np.linspace(2, 0.2, 10)
    spikes = [*steady[:5], 3, *steady[6:8], 3, 0.2]
    runs = [run(GOOD, train_loss=loss) for loss in (steady, spikes, steady)]
    row = rates_of({0.1: runs}).loc[0.1]
    assert row["oscillation_mean"] > 0.1
    assert not row["unstable"]


def test_a_tied_rate_that_still_improves_is_tied_and_not_too_slow():
    falling = [run([0.9] * 8 + [0.9501] * 2, val_loss=[k * 0.9**e for e in range(10)]) for k in (0.9, 1, 1.1)]
    row = rates_of({0.1: falling, 0.01: [flat(0.9502)] * 3}).loc[0.1]
    assert (row["verdict"], row["remarks"]) == ("practically tied", "still_improving")


def slow_and_fast(slow_rate, fast_rate=0.01, targets=(0.8, 0.9)):
    """A rate that is behind, still improving and later at both targets, and a fast one."""
    late = [
        run([0.5, 0.6, 0.7, 0.8, 0.85, *[0.9] * 5], val_loss=[k * 0.9**e for e in range(10)], train_loss=FALLING)
        for k in (0.9, 1, 1.1)
    ]
    return rates_of({slow_rate: late, fast_rate: [flat(0.95)] * 3}, targets=targets)


def test_too_slow_is_said_of_a_rate_below_the_recommended_one_and_never_of_one_above():
    below, above = slow_and_fast(0.001), slow_and_fast(0.1)
    assert below.loc[0.001, "verdict"] == "too slow"
    assert (above.loc[0.1, "verdict"], above.loc[0.1, "remarks"]) == ("behind", "still_improving")


def test_a_target_that_a_rate_never_reaches_makes_it_slower_too():
    assert slow_and_fast(0.001, targets=(0.94,)).loc[0.001, "verdict"] == "too slow"


def test_a_run_that_exploded_makes_its_rate_unstable_however_steadily_it_falls_then():
    blown = run(GOOD, train_loss=[40, 20, 10, 5, 2, 1, 0.5, 0.4, 0.3, 0.2], early={2: {"train_loss": 500.0}})
    rates = rates_of({0.1: [blown, flat(0.95), flat(0.95)], 0.01: [flat(0.9)] * 3})
    assert rates.loc[0.1, "exploded"] == 1
    assert rates.loc[0.1, "unstable"]
    assert rates.loc[0.1, "remarks"] == "exploded"


def test_a_loss_that_comes_part_of_the_way_back_from_an_explosion_is_not_still_improving():
    falls = [100.0 * 0.8**epoch for epoch in range(10)]  # from 100 to 13 nats, where training began at 2.3
    blown = [run([0.5] * 10, val_loss=[k * value for value in falls], train_loss=falls) for k in (0.9, 1, 1.1)]
    rates = rates_of({0.1: blown, 0.01: [flat(0.95)] * 3})
    assert rates.loc[0.1, "improvement"] == pytest.approx(1 - 0.8**4)
    assert not rates.loc[0.1, "still_improving"]


def test_a_constant_loss_is_neither_improving_nor_overfitting():
    row = rates_of({0.1: [flat(0.9)] * 5, 0.01: [flat(0.8)] * 5}).loc[0.1]
    assert (row["improvement"], row["still_improving"], row["overfits"]) == (0, False, False)


def test_trends_are_corrected_for_the_number_of_rates():
    weak = [run(GOOD, val_loss=[0.5 * (1 - rate) ** epoch for epoch in range(10)]) for rate in (0.015, 0.02, 0.025)]
    alone = rates_of({0.1: weak})
    among = rates_of({0.1: weak} | {10.0**-k: [flat(0.9 - k / 100)] * 3 for k in range(2, 8)})
    assert (alone.loc[0.1, "still_improving"], among.loc[0.1, "still_improving"]) == (True, False)
    assert among.loc[0.1, "improvement_low"] <= 0 < alone.loc[0.1, "improvement_low"]


def test_balanced_accuracy_is_the_mean_recall_of_the_classes():
    rates = rates_of({0.1: [flat(0.9)] * 2}, class_counts=(900, 100))
    assert rates.loc[0.1, "balanced_accuracy_mean"] == pytest.approx(0.9)  # 810 of 900 and 90 of 100
