"""What stands at the foot of a terminal, as text of a fixed width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from lrbench.live.progress import RateProgress
from lrbench.live.view import Shown, view

RATES = [
    RateProgress("0.0001", 5, 50, 50, 0.9714, "done", None),
    RateProgress("0.001", 5, 20, 50, 0.9651, "training", 125.0),
    RateProgress("0.01", 5, 0, 50, None, "waiting", None),
]


def text(shown: Shown, width: int = 60, height: int = 24) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, record=True, no_color=True)
    console.print(view(shown, height))
    return [line.rstrip() for line in console.export_text().splitlines()]


def shown(*experiments, running=(), left=300.0) -> Shown:
    epochs = sum(rate.epochs for _, rates in experiments for rate in rates)
    planned = sum(rate.planned for _, rates in experiments for rate in rates)
    return Shown(experiments, epochs, planned, left, (4, 12), running)


def test_sixty_columns_hold_a_bar_a_learning_rate():
    assert text(shown(("tutorial", RATES), running=("backpropagate",))) == [
        "  rate                      epochs  val. accuracy  time left",
        "0.0001  ━━━━━━━━━━━━━━━━━━   50/50         97.1 %       done",
        " 0.001  ━━━━━━━              20/50         96.5 %      2 min",
        "  0.01                        0/50              –    waiting",
        "70 of 150 epochs · about 5 min of training left · 4 of 12 j…",
    ]


@pytest.mark.parametrize("width", [60, 72, 100, 200])
def test_no_line_is_wider_than_the_terminal(width):
    wide = [RateProgress("0.00012345", 100, 12345, 100000, 0.5, "training", 1e5) for _ in range(3)]
    lines = text(shown(("a-long-name-of-an-experiment" * 2, wide), ("b", RATES), running=("figures",) * 9), width)
    assert len(lines) == 10
    assert max(map(len, lines)) <= width


def test_several_experiments_share_the_lines_of_the_terminal():
    done = [RateProgress("0.1", 1, 9, 9, 0.9, "done", None)]
    waiting = [RateProgress("0.1", 1, 0, 9, None, "waiting", None)]
    study = [("s-one", done), ("s-two", RATES), *((f"s-{number}", waiting) for number in range(20))]
    lines = text(shown(*study), 80, 24)
    assert len(lines) <= 24 - 4
    assert [line.split()[0] for line in lines[1:6]] == ["s-two", "0.0001", "0.001", "0.01", "s-0"]
    assert lines[-2] == "and 8 experiments more"


def test_an_experiment_with_more_rates_than_lines_has_one():
    lines = text(shown(("many", RATES * 10)), 80, 24)
    assert [line.split()[:1] for line in lines] == [["rate"], ["many"], ["700"]]
    assert "700/1,500" in lines[1]


def test_without_a_time_none_is_said():
    assert text(shown(("e", RATES), left=None), 80)[-1] == "70 of 150 epochs · 4 of 12 jobs"
