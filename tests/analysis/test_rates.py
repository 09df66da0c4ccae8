"""What the runs of each rate say together, from made-up histories."""

from __future__ import annotations

import math

import numpy as np
import pytest
from histories import experiment, flat, noisy, run

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


def test_the_margin_of_a_tie_is_what_the_validation_set_resolves():
    analysis = experiment({0.1: [flat(0.9)], 0.01: [flat(0.898)], 0.001: [flat(0.896)]}).analyse()
    assert analysis.across["delta"] == pytest.approx(0.003)  # sqrt(.9 * .1 / 10000)
    assert analysis.rates.set_index("learning_rate")["tied"].to_dict() == {0.001: False, 0.01: True, 0.1: True}
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
        }
    )
    assert rates["verdict"].to_dict() == {
        0.3: "good",  # tied with 0.6, which has the higher score
        0.4: "behind",
        0.5: "too slow",
        0.6: "recommended",
        0.7: "unstable",
        0.8: "incomplete",
        0.9: "fails to learn",
        1.0: "diverges",
    }
    assert rates.loc[0.7, "remarks"] == "tied"
    assert rates.loc[0.9, "remarks"] == "collapsed"


def test_noise_around_a_steep_fall_is_not_unstable():
    loss = np.linspace(10, 1, 10) + 0.1 * (-1.0) ** np.arange(10)  # oscillates by 0.16 nats and never rises
    assert not rates_of({0.1: [run(GOOD, train_loss=loss)] * 3}).loc[0.1, "unstable"]


def test_a_rise_of_both_losses_is_not_overfitting():
    rising = [0.5, 0.4, 0.3, 0.2, 0.2, 0.2, 0.25, 0.3, 0.35, 0.4]
    runs = [run(GOOD, val_loss=[value * k for value in rising], train_loss=rising) for k in (0.9, 1, 1.1)]
    assert not rates_of({0.1: runs}).loc[0.1, "overfits"]


def test_a_tied_rate_that_still_improves_is_good_and_not_too_slow():
    falling = [run([0.9] * 8 + [0.9501] * 2, val_loss=[k * 0.9**e for e in range(10)]) for k in (0.9, 1, 1.1)]
    row = rates_of({0.1: falling, 0.01: [flat(0.95)] * 3}).loc[0.1]
    assert (row["verdict"], row["remarks"]) == ("good", "still_improving")
