"""Budgets over seeds: which steps pay, where the quadratic picture fails, and up to which rate steps would pay."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrbench.probes.step_budget import ID
from lrbench.probes.step_budget.moments import END, EPOCH, HALF, HUNDREDTH, QUARTER, TENTH
from lrbench.probes.step_budget.terms import Estimate, eaten
from lrbench.reporting.inputs import Measured
from lrbench.wording import rate_label, rounded

WHEN = {
    HUNDREDTH: "after 1 % of the first epoch",
    TENTH: "after 10 % of the first epoch",
    EPOCH: "after epoch 1",
    QUARTER: "after a quarter of training",
    HALF: "after half of training",
    END: "at the end of training",
}  # in the order of training, but that the first epoch may be longer than a quarter or a half of it
LOST, UNTOLD, LONGER, PAYS, SIDEWAYS = "lost", "not told", "could be longer", "pay", "sideways"
ERRORS = 2.0  # standard errors that tell a value from another
BEST_SHARE = 0.5  # of the gain, eaten: steps of another length then gain less
WHOLE_SHARE = 1.0
NEGLIGIBLE = 0.1  # of the gain or the cost, whichever is larger: a difference that changes no conclusion
FACTOR = 2.0  # within which a forecast is taken to hold
TERMS = ("cost", "curvature", "difference", "gain", "measured", "noise", "predicted")


@dataclass(frozen=True)
class Budget:
    """The budget of the steps at one rate in one moment: means over seeds, with their standard errors.

    step : the last step of the moment
    seeds : how many were replayed; lost : of how many the weights, the loss or a term is not finite
    estimates : by the names of `TERMS`; empty where all are lost
    uphill, noise_scale : means of the share of steps that point uphill, and of the noise scale where it is known
    sharpness : batch sharpness, where it is measured
    rate_now : the learning rate in force
    """

    learning_rate: float
    name: str
    step: int
    seeds: int
    lost: int
    estimates: Mapping[str, Estimate]
    uphill: float
    noise_scale: float | None
    sharpness: Estimate | None
    rate_now: float

    @property
    def when(self) -> str:
        """The moment in words."""
        return WHEN[self.name]

    @property
    def share(self) -> Estimate | None:
        """The share of the gain that is eaten; None where the gain cannot be told from nothing."""
        if not self.estimates:
            return None
        gain, cost, predicted = (self.estimates[name] for name in ("gain", "cost", "predicted"))
        return eaten(gain, cost, predicted) if gain[0] > ERRORS * gain[1] else None

    @property
    def verdict(self) -> str:
        """Whether steps pay."""
        if not self.estimates:
            return LOST
        if self.share is None:
            return UNTOLD
        share = self.share[0]
        return LONGER if share < BEST_SHARE else PAYS if share < WHOLE_SHARE else SIDEWAYS

    @property
    def forecast(self) -> float | None:
        """The rate up to which steps would pay, if they grew with it and the rest stayed; None where not known."""
        share = self.share
        return self.learning_rate / share[0] if share is not None and share[0] > 0 else None

    @property
    def fails(self) -> bool:
        """Whether the measured change differs from the predicted one beyond its error, and by more than a trifle."""
        if not self.estimates:
            return False
        difference, error = self.estimates["difference"]
        largest = max(abs(self.estimates[name][0]) for name in ("gain", "cost"))
        return abs(difference) > ERRORS * error and abs(difference) > NEGLIGIBLE * largest


def budgets(found: Mapping[str, Any]) -> list[Budget]:
    """The budgets of every rate, ascending, in the order of training."""
    rates = sorted({float(run["learning_rate"]) for run in found["runs"]})
    made = []
    for rate in rates:
        runs = [run for run in found["runs"] if run["learning_rate"] == rate]
        for place, moment in enumerate(runs[0]["moments"]):
            made.append(_budget(rate, moment["name"], [run["moments"][place] for run in runs]))
    return made


def _budget(rate: float, name: str, seen: Sequence[Mapping[str, Any]]) -> Budget:
    kept = [one for one in seen if one["terms"] is not None]
    estimates = {term: _mean([one["terms"][term] for one in kept]) for term in TERMS} if kept else {}
    scales = [one["noise_scale"] for one in kept if one["noise_scale"] is not None]
    sharp = [one["sharpness"] for one in kept if one["sharpness"] is not None]
    return Budget(
        learning_rate=rate,
        name=name,
        step=seen[0]["step"],
        seeds=len(seen),
        lost=len(seen) - len(kept),
        estimates=estimates,
        uphill=sum(one["terms"]["uphill"] for one in kept) / len(kept) if kept else math.nan,
        noise_scale=sum(scales) / len(scales) if scales else None,
        sharpness=_mean(sharp) if sharp else None,
        rate_now=float(seen[0]["learning_rate_now"]),
    )


def _mean(estimates: Sequence[Mapping[str, float]]) -> Estimate:
    n = len(estimates)
    return sum(one["value"] for one in estimates) / n, math.sqrt(sum(one["error"] ** 2 for one in estimates)) / n


def refusal(measured: Measured) -> str:
    """Why nothing is shown, a sentence; empty where something is."""
    found = measured.probes[ID]
    if found["refused"] == "few":
        return "There are too few training examples to hold some of them out, so no budget was measured."
    if found["refused"]:
        return (
            "TensorFlow has no second derivative of an operation of this model, so the cost of curvature and of noise "
            "cannot be computed, and no budget was measured."
        )
    stored = {(run["learning_rate"], run["seed"]): run["weights"]["final"] for run in measured.tables.origin["runs"]}
    for run in found["runs"]:
        if stored.get((run["learning_rate"], run["seed"])) != run["final_weights"]:
            return (
                f"The run of learning rate {rate_label(run['learning_rate'])} and seed {run['seed']} ended with other "
                "weights when it was replayed than the stored run has, so what was measured on the way would be of "
                "another training: nothing of it is shown. lrbench verify says what differs."
            )
    if not any(run["moments"] for run in found["runs"]):
        return "Training has too few steps to look at, so no budget was measured."
    return ""


def forecast_moment(found: Sequence[Budget]) -> str:
    """The name of the moment from which forecasts are made: the first epoch's end, fixed in advance."""
    names = [one.name for one in found]
    return EPOCH if EPOCH in names else names[-1]


def largest_useful(measured: Measured) -> float | None:
    """The highest rate of the sweep's plateau; None where no rate learned in every planned run."""
    plateau = measured.across["plateau"]
    return max(float(rate) for rate in plateau["rates"]) if plateau else None


def holds(forecast: float, found: float) -> bool:
    """Whether a forecast is within a factor of two of what the sweep found."""
    return found / FACTOR <= forecast <= found * FACTOR


def share_text(share: float) -> str:
    """A share of the gain in percent, to two digits and whole numbers from ten on."""
    return f"{rounded(100 * share)} %"
