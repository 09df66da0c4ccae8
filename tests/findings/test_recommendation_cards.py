"""The cards of a recommendation, and the reasons against the other rates."""

from __future__ import annotations

from support.histories import experiment, flat, run
from support.observed import FALLING, TURNS_UP, runs_of, steady
from support.recommendations import check_sentences, recommendation

from lrbench.findings.conclusions import recommend


def test_a_next_best_that_scored_higher_is_not_called_behind():
    slow = [run([0.85, 0.85, *[0.95] * 8])] * 3
    fast = [run([0.85, *[0.9495] * 9])] * 3
    found = recommendation({0.1: slow, 0.01: fast}, targets=(0.949,))
    lead = next(card for card in found["cards"] if card["question"] == "By how much?")
    assert found["chosen"] == 0.01
    assert lead["detail"].startswith("less validation accuracy than 0.1, which has the best score but is not preferred")
    assert lead["value"][0].isdigit()


def test_exploding_on_the_way_is_said_with_the_recommendation_and_on_its_card():
    blown = [run([0.95] * 10, early={2: {"train_loss": 50.0}})] * 3
    analysis = experiment({0.1: blown, 0.01: [flat(0.9)] * 3}).analyse()
    found = recommend(analysis)
    assert "Its training loss exploded on the way in 3 of 3 runs." in found["statement"]
    card = next(card for card in found["cards"] if card["question"] == "Which went wrong?")
    assert (card["value"], card["detail"]) == ("0.1", "At 0.1, all 3 runs exploded.")
    check_sentences(analysis)


def test_the_test_set_is_shown_where_it_took_no_part():
    runs = {0.1: [run([0.95] * 10, test={"loss": 0.2, "accuracy": 0.94})] * 3, 0.01: [flat(0.9)] * 3}
    made = experiment(runs)
    made.origin["settings"]["validation"] = {"protocol": "holdout", "examples": 10_000}
    found = recommend(made.analyse())
    card = next(card for card in found["cards"] if card["question"] == "On new data?")
    assert card["value"] == "94.0 %"
    assert not [card for card in recommendation(runs)["cards"] if card["question"] == "On new data?"]


def test_no_card_speaks_of_a_test_set_that_the_data_do_not_have():
    made = experiment({0.1: [flat(0.95)] * 3, 0.01: [flat(0.9)] * 3})
    made.origin["settings"]["validation"] = {"protocol": "holdout", "examples": 10_000}
    assert "On new data?" not in [card["question"] for card in recommend(made.analyse())["cards"]]


def test_a_rate_that_lost_by_accuracy_has_the_margin_and_its_instability_among_the_reasons():
    shaken = runs_of([0.93] * 10, train_loss=[0.3, 0.1] * 5)
    (other,) = recommendation({0.1: shaken, 0.01: steady(0.95)})["others"]
    assert other["reason"] == (
        "0.1 scored 93.0 % against 95.0 %, 2.0 points less (95 % interval 1.9 to 2.1; 0.01 ahead in 3 of 3 seeds). "
        "The rule lets other measures decide only up to 0.22 points below the best score, so it is not chosen. Its "
        "training is unstable, too."
    )


def test_the_card_of_what_went_wrong_names_a_rate_that_overfits():
    found = recommendation({0.01: runs_of([0.95] * 10, TURNS_UP, loss=FALLING), 0.001: steady(0.9)})
    card = next(card for card in found["cards"] if card["question"] == "Which went wrong?")
    assert (card["value"], card["detail"]) == (
        "none failed",
        "All 6 runs learned, and at no rate is the training loss unstable. But validation loss ends well above its "
        "least, by more than chance explains, at 0.01.",
    )
