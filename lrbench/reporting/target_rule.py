"""Where targets come from, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.wording import listed, percent, target_label

BEST = {"score": "the best rate's score", "final accuracy": "the highest median final accuracy of a rate"}


def target_source(rule: Mapping[str, Any], target: float) -> str:
    """Where a relative target comes from, as "95 % of the way from chance to …"; of an absolute one, nothing.

    rule : the entry `targets` of across.json
    """
    if target not in rule["accuracies"] or rule["rule"] != "relative":
        return ""
    of = target_label(rule["shares"][rule["accuracies"].index(target)])
    return f"{of} of the way from chance to {BEST[rule['best_is']]}, rounded down"


def target_rule(rule: Mapping[str, Any], chance: float, decimals: int) -> str:
    """Where all targets come from, in one sentence.

    chance : share of the largest class in the validation data; decimals : of a percentage
    """
    targets = listed(map(target_label, rule["accuracies"]))
    several = len(rule["accuracies"]) > 1
    ground = f"chance ({percent(chance, decimals)}, always naming the largest class)"
    if rule["rule"] != "relative":
        return f"The target{'s' * several}, {targets}, stand{'s' * (not several)} in the config."
    if not several and not rule["accuracies"]:
        return f"There are no targets, because no rate gets above {ground}."
    shares = listed(map(target_label, rule["shares"]))
    verbs = "The targets, {}, are {}" if several else "The target, {}, is {}"
    return (
        f"{verbs.format(targets, shares)} of the way from {ground} to {BEST[rule['best_is']]} "
        f"({percent(rule['best'], decimals)}), rounded down."
    )
