"""Models from files: a run by lrbench and by `model.fit`, in turn, and of the built-in network where one equals it."""

from __future__ import annotations

from benchmarks.cases import cases, in_turn
from benchmarks.contenders import BY_NAME, OF_OWN_MODELS, measured


@cases(lambda scale: in_turn(scale.rounds, [one.name for one in OF_OWN_MODELS]))
def test_own_models(case, scale, once):
    number, name = case
    once(measured, BY_NAME[name], scale, round=number, contender=name)
