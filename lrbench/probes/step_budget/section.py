"""The section on the budget of steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.probes.step_budget import ID
from lrbench.probes.step_budget.judgement import (
    BEST_SHARE,
    ERRORS,
    FACTOR,
    LONGER,
    PAYS,
    SIDEWAYS,
    WHEN,
    Budget,
    budgets,
    forecast_moment,
    holds,
    largest_useful,
    refusal,
    share_text,
)
from lrbench.probes.step_budget.moments import PER_STATE, SPREAD, remembers
from lrbench.probes.step_budget.terms import Estimate
from lrbench.reporting.inputs import Measured
from lrbench.reporting.sections.section import Section
from lrbench.training_words import carried_over, scheduled
from lrbench.wording import MISSING, counted, limited, listed, rate_label, rounded

HOLDS = "step budget: what steps gain, what curvature and noise cost, and what the loss really did, along replayed runs"
NAME = "What a step gains"
ENDS = {
    LONGER: "steps could be longer",
    PAYS: "steps pay, and shorter ones would gain more",
    SIDEWAYS: "training goes sideways",
}
NAMED_RATES = 4  # in the heading


def section(measured: Measured) -> Section:
    """The section on step budgets, as the page has it."""
    return Section(ID, NAME, HOLDS, content(measured))


def content(measured: Measured) -> dict[str, Any]:
    """What the section shows: its sentences, the forecast of each rate, and batch sharpness."""
    why = refusal(measured)
    if why:
        return {"heading": f"{NAME}: not shown", "refusal": why}
    found, made = measured.probes[ID], budgets(measured.probes[ID])
    name = forecast_moment(made)
    at = [one for one in made if one.name == name]
    settings = measured.tables.origin["settings"]
    return {
        "heading": _heading(at),
        "refusal": "",
        "method": _method(measured, found),
        "meaning": _meaning(settings),
        "budgets": [budget_sentence(one) for one in at],
        "fit": _fit(made),
        "forecast": _forecast(measured, at),
        "others": _others(measured, made, name),
        "columns": [
            measured.rate_heading,
            "Eaten",
            "Steps pay up to",
            "Sweep's highest useful",
            "Within a factor of 2",
        ],
        "rows": [_row(one, largest_useful(measured)) for one in at],
        "sharpness": _sharpness(settings, made),
        "noise": _noise(settings, at),
    }


def budget_sentence(one: Budget) -> str:
    """What the steps at a rate gain and lose in a moment."""
    start = f"At {rate_label(one.learning_rate)}, {one.when}, "
    lost = f" In {one.lost} of {counted(one.seeds, 'seed')} the weights or the loss are not finite." if one.lost else ""
    if not one.estimates:
        return f"{start}the weights or the loss are not finite, so there is nothing to expand."
    share, uphill = one.share, f"{share_text(one.uphill)} of the steps point uphill"
    if one.fails:
        measured = rounded(one.estimates["measured"][0])
        lost = f" The quadratic picture fails there: the loss really changes by {measured} nats a step.{lost}"
    if share is None:
        gain, cost = one.estimates["gain"], one.estimates["cost"]
        return (
            f"{start}what a step gains cannot be told from nothing ({with_error(gain)} nats, where curvature and noise "
            f"cost {rounded(cost[0])}); {uphill}.{lost}"
        )
    if share[0] <= 0:
        return f"{start}curvature and noise eat nothing of what a step gains: {_end(one)}; {uphill}.{lost}"
    return (
        f"{start}curvature and noise eat {share_text(share[0])} (standard error {share_text(share[1])}) of what a step "
        f"gains: {_end(one)}; {uphill}.{lost}"
    )


def _end(one: Budget) -> str:
    """What follows from the share eaten, as far as its error allows."""
    share, error = one.share or (math.nan, math.nan)
    change, doubt = one.estimates["measured"]
    if one.verdict == SIDEWAYS:
        return "the steps from there raise the loss" if change > ERRORS * doubt else ENDS[SIDEWAYS]
    return ENDS[one.verdict] if abs(share - BEST_SHARE) > ERRORS * error else "steps pay"


def with_error(estimate: Estimate) -> str:
    """A value with its standard error."""
    return f"{rounded(estimate[0])} ± {rounded(estimate[1], 1)}"


def _heading(at: Sequence[Budget]) -> str:
    shares = {one.learning_rate: one.share[0] for one in at if one.share is not None}
    if not shares:
        return f"{NAME}: {at[0].when}, nothing that can be told from noise"
    if len(shares) > NAMED_RATES:
        ends = share_text(min(shares.values())), share_text(max(shares.values()))
        return f"{NAME}: {at[0].when}, curvature and noise eat {ends[0]} to {ends[1]} of it"
    said = [f"{share_text(share)} at {rate_label(rate)}" for rate, share in shares.items()]
    return f"{NAME}: {at[0].when}, curvature and noise eat {listed(said)}"


def _method(measured: Measured, found: Mapping[str, Any]) -> str:
    """What was replayed, and on which examples losses, gradients and Hessians are taken."""
    settings, runs = measured.tables.origin["settings"], found["runs"]
    seeds = len({run["seed"] for run in runs})
    of = f"the first {seeds} of {measured.seeds} seeds" if seeds < measured.seeds else f"all {seeds} seeds"
    if measured.seeds == 1:
        of = "the only seed"
    if remembers(settings["optimizer"]):
        steps = (
            f"{found['steps'] // PER_STATE} of the run's own last {SPREAD * found['steps']:,} steps up to it (fewer in "
            "a short training), each from the state before it, with a second minibatch from the same state to part "
            "curvature from noise: this optimizer's steps go on in the direction of those before, so that a single "
            "state says little. The change measured is that over all of these steps, and the gain is brought in line "
            "with it"
        )
        errors = "from the means of 8 blocks of steps, and from how the loss wavers around its trend"
    else:
        steps = (
            f"{found['steps']} steps from the state before its last step, each with an independent minibatch of "
            f"{counted(found['batch'], 'example')}"
        )
        errors = "from drawing the minibatches"
    carried = ", from the weights that the rate before ended with" if carried_over(settings) else ""
    return (
        f"The runs of {of} were trained once more{carried}, and ended with the "
        f"very weights that are stored. In each moment we look at {steps}. Steps are the optimizer's own, with its "
        f"state as it was then. Loss, gradient g and Hessian H are those of {found['held_out']:,} training examples "
        "that are in no independent minibatch, with the model in evaluation (no dropout, moving averages for batch "
        "normalisation), so that prediction and measurement speak of one loss. Means over seeds; standard errors are "
        f"{errors}; they say nothing of which examples were held out."
    )


def _meaning(settings: Mapping[str, Any]) -> str:
    peaks = (
        " Rates are peak rates; the rate in force at each moment is in the JSON file." if scheduled(settings) else ""
    )
    return (
        "To second order a step Δ changes the loss by gᵀΔ + ½ ΔᵀHΔ. The first term is the gain; the second is what "
        "curvature along the mean step and the noise of minibatches cost. Where they eat half of the gain, no other "
        "step length gains more; where they eat all of it, the loss stays where it is, and the rate up to which steps "
        f"pay is the rate divided by the share eaten.{peaks}"
    )


def _fit(made: Sequence[Budget]) -> str:
    """Where the quadratic picture fails."""
    known, failed = [one for one in made if one.estimates], [one for one in made if one.fails]
    if not known:
        return ""
    if not failed:
        return (
            f"In all {counted(len(known), 'case')} (a rate in a moment), the change measured is the change predicted, "
            "within two standard errors of their difference or a tenth of the gain or the cost."
        )
    said = limited(
        f"at {rate_label(one.learning_rate)}, {one.when} (predicted {rounded(one.estimates['predicted'][0])}, measured "
        f"{rounded(one.estimates['measured'][0])} nats a step)"
        for one in failed
    )
    return (
        f"The quadratic picture fails in {len(failed)} of {counted(len(known), 'case')} (a rate in a moment): there "
        "the measured change differs from the predicted one by more than two standard errors of their difference and"
        f" by more than a tenth of the gain or the cost: {said}."
    )


def _forecast(measured: Measured, at: Sequence[Budget]) -> str:
    """How often a rate's own state tells the largest useful rate that the sweep found."""
    found, forecasts = largest_useful(measured), [one.forecast for one in at if one.forecast is not None]
    without = len(at) - len(forecasts)
    none = f" {counted(without, 'rate')} {'has' if without == 1 else 'have'} no forecast." if without else ""
    if found is None:
        return (
            f"No rate of the sweep learned in every planned run, so there is nothing to hold forecasts against.{none}"
        )
    if not forecasts:
        return f"No rate has a forecast of the rate up to which steps pay.{none}"
    close = sum(holds(forecast, found) for forecast in forecasts)
    open_end = (
        " It is the highest rate that was tried, so the largest useful one may lie beyond it."
        if found == measured.learning_rates[-1]
        else ""
    )
    return (
        f"The rate up to which steps pay, predicted {at[0].when} from each rate's own state, is within a factor of "
        f"{FACTOR:.0f} of the highest rate on the sweep's plateau, {rate_label(found)}, for {close} of "
        f"{counted(len(forecasts), 'rate')}.{none}{open_end}"
    )


def _others(measured: Measured, made: Sequence[Budget], name: str) -> str:
    """The same count in the other moments."""
    found = largest_useful(measured)
    said = []
    for other in dict.fromkeys(one.name for one in made if one.name != name):
        forecasts = [one.forecast for one in made if one.name == other and one.forecast is not None]
        if found is not None and forecasts:
            close = sum(holds(forecast, found) for forecast in forecasts)
            said.append(f"{WHEN[other]} for {close} of {len(forecasts)}")
    return f"In the other moments it is so {listed(said)}." if said else ""


def _row(one: Budget, found: float | None) -> list[str]:
    share, forecast = one.share, one.forecast
    return [
        rate_label(one.learning_rate),
        MISSING if share is None else f"{share_text(share[0])} ± {share_text(share[1])}",
        MISSING if forecast is None else rounded(forecast),
        MISSING if found is None else rate_label(found),
        MISSING if forecast is None or found is None else "yes" if holds(forecast, found) else "no",
    ]


def _sharpness(settings: Mapping[str, Any], made: Sequence[Budget]) -> Mapping[str, Any] | None:
    """A table of batch sharpness beside its thresholds, for plain SGD and SGD with momentum."""
    rows = [one for one in made if one.sharpness is not None]
    if not rows:
        return None
    beta = settings["optimizer"].get("momentum", 0.0)
    heads = ["2(1 − β)/η", "2(1 + β)/η"] if beta else ["2/η"]
    limits = (1 - beta, 1 + beta) if beta else (1.0,)
    shown = [
        [rate_label(one.learning_rate), one.when, with_error(one.sharpness)]
        + [rounded(2 * limit / one.rate_now) if one.rate_now else MISSING for limit in limits]
        for one in rows
        if one.sharpness is not None
    ]
    note = (
        "Batch sharpness: the mean over minibatches of gᵀHg / ‖g‖², with gradient and Hessian of the minibatch's own "
        "loss. "
    ) + (
        "Of SGD with momentum it settles at 2(1 − β)/η with small batches and at 2(1 + β)/η with large ones (Andreyev "
        "et al. 2026)."
        if beta
        else "Of SGD it settles at 2/η where training is at the edge of stability (Andreyev and Beneventano 2024)."
    )
    return {"columns": ["Rate", "Moment", "Batch sharpness", *heads], "rows": shown, "note": note}


def _noise(settings: Mapping[str, Any], at: Sequence[Budget]) -> str:
    """The simple noise scale beside the batch size."""
    scales = [one for one in at if one.noise_scale is not None]
    if not scales:
        return ""
    said = [f"{rounded(one.noise_scale)} at {rate_label(one.learning_rate)}" for one in scales]
    return (
        f"The simple noise scale tr Σ / ‖g‖² (McCandlish et al. 2018), in examples, {at[0].when}: {limited(said)}. "
        f"Batches have {settings['batch_size']:,}; far below it, the noise of a minibatch's gradient outweighs the "
        "gradient."
    )
