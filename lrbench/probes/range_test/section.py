"""The section on the learning-rate range test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.probes.range_test import ID
from lrbench.probes.range_test.judgement import (
    DEFAULT_RULE,
    NAMES,
    OUTSIDE,
    PLATEAU,
    TIED,
    UNTRIED,
    VERDICT_RULE,
    Judged,
    judged,
    plateau_of,
    verdict_of,
)
from lrbench.probes.range_test.loss_curve import BETA, DIVERGED, DIVERGED_ABOVE, NOT_FINITE, WHOLE, rising_rates
from lrbench.reporting.inputs import Measured
from lrbench.reporting.sections.section import Section
from lrbench.training_words import scheduled
from lrbench.wording import MISSING, at_most_points, counted, rate_label, rate_span, rounded

HOLDS = "range test: the loss of each step of each seed while the learning rate rises, and the suggested rates"
USUAL_STEPS = 100  # of fastai's and Lightning's tests
STATE = {
    "adam": "Adam's moving averages of the gradient and of its square fill",
    "adamw": "AdamW's moving averages of the gradient and of its square fill",
    "momentum": "The velocity of SGD with momentum builds up",
    "nesterov": "The velocity of SGD with Nesterov's momentum builds up",
    "rmsprop": "RMSprop's moving average of squared gradients fills",
}


def section(measured: Measured) -> Section:
    """The section on the range test, as the page has it."""
    return Section(ID, "Range test", HOLDS, content(measured))


def content(measured: Measured) -> dict[str, Any]:
    """What the section shows: its sentences, a row for each rule, and the judged claim."""
    found, rules = measured.probes[ID], judged(measured)
    suggested = any(one.values for one in rules)
    return {
        "heading": _heading(rules),
        "method": _method(measured, found),
        "ends": _ends(found),
        "state": _state(measured),
        "few": _few(found, suggested),
        "suggested": suggested,
        "columns": [
            "Rule",
            "Median",
            "Lowest to highest",
            "Factor",
            "Practically tied",
            "Plateau",
            "Outside",
            "Not tried",
            "No suggestion",
        ],
        "rows": [_row(one) for one in rules],
        "places": _places(measured),
        "claim": "A range test finds the rate to use.",
        "verdict": verdict_of(rules),
        "parts": [(one.verdict, one.sentence) for one in rules],
        "prediction": "The rate that a range test suggests stands for a practically tied rate, whatever the seed.",
        "verdict_rule": VERDICT_RULE,
        "seeds": len(found["seeds"]),
    }


def _heading(rules: list[Judged]) -> str:
    (default,) = [one for one in rules if one.rule == DEFAULT_RULE]
    if not default.values:
        return "Range test: too few steps to suggest a rate"
    if not default.places:
        return f"Range test: suggested rates from {rounded(default.values[0])} to {rounded(default.values[-1])}"
    tied, near = default.places[TIED], default.places[PLATEAU]
    return (
        "Range test: by fastai's default rule, the suggestion stands for a practically tied rate in "
        f"{tied} of {counted(default.seeds, 'seed')}" + (f", for another of the plateau in {near}" if near else "")
    )


def _method(measured: Measured, found: Mapping[str, Any]) -> str:
    """What was done with each seed."""
    instead = ", in place of the experiment's own schedule" if scheduled(measured.tables.origin["settings"]) else ""
    steps = found["steps"]
    lowest, highest = (rate_label(found[end]) for end in ("lowest", "highest"))
    rises = (
        f"the learning rate rises from {lowest} to {highest} over the {steps:,} steps of one epoch, by equal factors"
        if steps > 1
        else f"the only step of an epoch has the learning rate {lowest}, from which it would rise to {highest}"
    )
    return (
        f"For each seed, {rises}{instead}, with the experiment's model and optimizer, the seed's own first weights and "
        "the batches of its first epoch (Smith 2017). "
        f"The losses of the batches are smoothed as in fastai, by a moving average with β = {BETA} and bias "
        f"correction. A test stops where the smoothed loss is more than {DIVERGED_ABOVE:.0f} times its least value so "
        "far, which is fastai's rule, or where a loss is not finite. Nothing of it is used by the runs above."
    )


def _ends(found: Mapping[str, Any]) -> str:
    """How the tests ended, and at which rates."""
    tests, rates = found["seeds"], rising_rates(found["lowest"], found["highest"], found["steps"])
    words = {
        DIVERGED: "stopped by that rule",
        NOT_FINITE: "met a loss that is not finite",
        WHOLE: "went on to the end",
    }
    said = []
    for end, text in words.items():
        last = sorted(float(rates[max(len(one["losses"]) - 1, 0)]) for one in tests if one["end"] == end)
        if not last:
            continue
        at = (
            f"at {rounded(last[0])}"
            if last[0] == last[-1]
            else f"at rates from {rounded(last[0])} to {rounded(last[-1])}"
        )
        said.append(f"{len(last)} {text}" + (f", {at}" if end != WHOLE else ""))
    return f"Of {counted(len(tests), 'test')}, {'; '.join(said)}."


def _state(measured: Measured) -> str:
    """What becomes of the optimizer's state during a test."""
    name = measured.tables.origin["settings"]["optimizer"]["name"]
    if name == "sgd":
        return "The optimizer is plain SGD, which keeps no state from step to step."
    return (
        f"Every test begins with a new optimizer. {STATE.get(name, 'The state of the optimizer builds up')} while the "
        "rate is still low, and nothing of it is reset or corrected, as in fastai and Lightning: what a step does at a "
        "rate also depends on the steps before it at lower rates, and a run that begins at that rate has no such steps."
    )


def _few(found: Mapping[str, Any], suggested: bool) -> str:
    """A sentence where an epoch has fewer steps than range tests usually have; else nothing."""
    steps = found["steps"]
    if steps >= USUAL_STEPS and suggested:
        return ""
    text = f"An epoch has {counted(steps, 'step')} here; range tests of fastai and Lightning take {USUAL_STEPS}."
    if suggested:
        return f"{text} Smoothing averages over about {1 / (1 - BETA):.0f} steps, so suggestions are rough."
    kept = (
        "After the steps that these programs leave out at both ends, fewer than two are left, so no rate is suggested."
    )
    return f"{text} {kept}" if steps < USUAL_STEPS else kept


def _row(one: Judged) -> list[str]:
    """A rule's suggestions: their median, range and factor, and in how many seeds they lie where."""
    name = NAMES[one.rule]
    middle = len(one.values) // 2
    values = one.values
    cells = [MISSING] * 3
    if values:
        median = values[middle] if len(values) % 2 else (values[middle - 1] * values[middle]) ** 0.5
        spread = (f"{rounded(values[0])} to {rounded(values[-1])}", rounded(one.factor))
        cells = [rounded(median), *(spread if len(values) > 1 else (MISSING, MISSING))]
    counts = [str(one.places[place]) if one.places else MISSING for place in (TIED, PLATEAU, OUTSIDE, UNTRIED)]
    return [f"{name[0].upper()}{name[1:]}", *cells, *counts, str(one.seeds - len(values))]


def _places(measured: Measured) -> str:
    """Which rates are practically tied and which form the plateau, and for which a suggestion stands."""
    tied, flat = [float(rate) for rate in measured.recommendation["tied"]], plateau_of(measured)
    if len(measured.learning_rates) < 2:
        return "The sweep has one learning rate, so there is nothing to hold the suggestions against."
    if not flat:
        return "No rate of the sweep learned in every planned run, so there is nothing to hold the suggestions against."
    tie, limit = (at_most_points(measured.thresholds[name]) for name in ("tie", "plateau"))
    best = (
        f"Practically tied, within {tie} of the best score: {rate_span(tied)}. "
        if tied
        else "None is practically tied. "
    )
    peaks = " The rates of the sweep are peak rates." if scheduled(measured.tables.origin["settings"]) else ""
    return (
        "A suggestion stands for the tried rate nearest to it on a logarithmic scale, and for none where it lies "
        "outside the grid by more than half the distance of the last two rates there: outside the plateau where the "
        "grid ends outside it, and where the grid ends on the plateau, not tried. "
        f"{best}Plateau, within {limit} of the best score: {rate_span(flat)}. Median: on the logarithmic scale; "
        "factor: the highest suggestion over the lowest. The last five columns count seeds. fastai takes the slope of "
        "the loss by the logarithm of the rate, Lightning by the rate itself, which finds the same fall steeper the "
        f"lower the rate is.{peaks}"
    )
