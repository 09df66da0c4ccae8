"""One run, by everybody in turn, and the bound."""

from __future__ import annotations

from benchmarks.cases import cases, in_turn
from benchmarks.contenders import BOUNDS, BY_NAME, CONTENDERS, measured


@cases(lambda scale: in_turn(scale.rounds, [one.name for one in (*CONTENDERS, *BOUNDS)]))
def test_one_run(case, scale, once):
    number, name = case
    once(measured, BY_NAME[name], scale, round=number, contender=name)
