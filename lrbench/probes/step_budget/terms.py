"""What minibatch steps change, to second order: gain, cost of curvature and cost of noise, with standard errors.

Everything here is arithmetic on numbers that were measured of steps Δ from states θ of a run: of a loss L the gradient
g and the Hessian H at θ, and L at both ends. Δ̄ is the mean of the steps of all possible minibatches from a state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Estimate = tuple[float, float]  # a value and its standard error
BLOCKS = 8  # of steps in a window, whose means are taken as independent


@dataclass(frozen=True)
class Terms:
    """Means over steps, each with its standard error.

    gain : −gᵀΔ̄, how far the loss falls to first order
    curvature : ½ Δ̄ᵀHΔ̄, what the curvature along the mean step costs
    noise : ½ E[(Δ − Δ̄)ᵀH(Δ − Δ̄)], what it costs that steps differ from their mean
    predicted : gᵀΔ̄ + ½ E[ΔᵀHΔ], the change that the three add up to
    measured : E[L(θ + Δ) − L(θ)]
    difference : measured less predicted, paired step by step
    cost : ½ E[ΔᵀHΔ], of curvature and noise together
    uphill : share of the steps along which the loss rises to first order
    """

    gain: Estimate
    curvature: Estimate
    noise: Estimate
    predicted: Estimate
    measured: Estimate
    difference: Estimate
    cost: Estimate
    uphill: float


def of_one_state(first: np.ndarray, second: np.ndarray, measured: np.ndarray) -> Terms:
    """The budget of independent minibatch steps from one state; errors are those of drawing the minibatches.

    The mean of m steps has an m-th of their noise: ½ Δ̄ᵀHΔ̄ of that mean exceeds the cost of curvature by an m-th of the
    cost of noise, and deviations from it lack as much. Both are corrected, so that each term is unbiased.

    first : gᵀΔ of each step, shape (m,), m ≥ 3
    second : ΔₖᵀHΔₗ of each two steps, shape (m, m)
    measured : L(θ + Δ) − L(θ) of each step, shape (m,)
    """
    m, own = len(first), np.diagonal(second)
    symmetric = (second + second.T) / 2
    products, total = symmetric.sum(), own.sum()
    without = products - 2 * symmetric.sum(1) + own  # the sum of all products but those of one step
    curvature, noise = _split(products, total, m)
    costs = _split(without, total - own, m - 1)
    errors = [float(np.sqrt((m - 1) / m * np.square(cost - cost.mean()).sum())) for cost in costs]  # the jackknife's
    return Terms(
        gain=_of_independent(-first),
        curvature=(float(curvature), errors[0]),
        noise=(float(noise), errors[1]),
        predicted=_of_independent(first + own / 2),
        measured=_of_independent(measured),
        difference=_of_independent(measured - first - own / 2),
        cost=_of_independent(own / 2),
        uphill=float((first > 0).mean()),
    )


def of_window(
    first: np.ndarray, own: np.ndarray, cross: np.ndarray, measured: np.ndarray, losses: np.ndarray, length: int
) -> Terms:
    """The budget of a run's own steps in a window, from a sample of them, each with a second step Δ′ from its state.

    Δ′ has a minibatch of its own, so that the mean of ½ ΔᵀHΔ′ is ½ Δ̄ᵀHΔ̄. How far the loss changes in the whole window
    is known from its ends, and a step's first order varies with what it changes; so the mean gain is that of the
    sample, corrected by how far the sample's mean change is off (a control variate). Errors of the sample are those of
    the means of BLOCKS blocks; that of the window's change is from how far the loss goes up and down around its trend.

    first, own, cross, measured : gᵀΔ, ΔᵀHΔ, ΔᵀHΔ′ and L(θ + Δ) − L(θ) of each sampled step, shape (n,), n ≥ 3
    losses : L(θ) before each, shape (n,); the first step of the window is the first of them, its last the last
    length : steps of the window
    """
    change = float(losses[-1] + measured[-1] - losses[0]) / length
    wobble = float(np.sqrt(2 * np.square(np.diff(losses, 2)).mean() / 6)) / length
    gain, error = _of_series(measured - first)
    difference = _of_series(measured - first - own / 2)
    return Terms(
        gain=(gain - change, float(np.hypot(error, wobble))),
        curvature=_of_series(cross / 2),
        noise=_of_series((own - cross) / 2),
        predicted=(change - difference[0], float(np.hypot(difference[1], wobble))),
        measured=(change, wobble),
        difference=difference,
        cost=_of_series(own / 2),
        uphill=float((first > 0).mean()),
    )


def eaten(gain: Estimate, cost: Estimate, predicted: Estimate) -> Estimate | None:
    """The share of the gain that curvature and noise cost, and its standard error to first order.

    None where the gain is not above 0. The three errors say how gain and cost vary together: predicted = cost − gain.
    """
    if gain[0] <= 0:
        return None
    share = cost[0] / gain[0]
    covariance = (gain[1] ** 2 + cost[1] ** 2 - predicted[1] ** 2) / 2
    variance = cost[1] ** 2 + (share * gain[1]) ** 2 - 2 * share * covariance
    return share, float(np.sqrt(max(variance, 0.0))) / gain[0]


def noise_scale(variance: float, square: float, batch_size: int) -> float | None:
    """The simple noise scale tr Σ / ‖g‖² in examples (McCandlish et al. 2018); None where ‖g‖² is not above 0.

    variance : of minibatches' gradients, added up over weights; batch_size times it is tr Σ, of one example's gradient
    square : ‖g‖² of the mean gradient, as `gradient_moments` gives both
    """
    return batch_size * variance / square if square > 0 else None


def gradient_moments(gradients: np.ndarray) -> tuple[float, float]:
    """Of minibatches' gradients at one state: their variance added up over weights, and ‖g‖² of the true mean.

    The square of the mean of m gradients exceeds ‖g‖² by an m-th of the variance, which is taken off.

    gradients : shape (m, weights), m ≥ 2
    """
    m, mean = len(gradients), gradients.mean(0)
    square = float(mean @ mean)
    variance = float(np.square(gradients).sum() - m * square) / (m - 1)
    return variance, square - variance / m


def mean_of(values: np.ndarray, in_window: bool) -> Estimate:
    """The mean of a value of each step, shape (n,), and its standard error; of one state, or of steps in a window."""
    return (_of_series if in_window else _of_independent)(values)


def _split(products: np.ndarray, own: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Cost of curvature and cost of noise, from the sums of all products of m steps and of those with itself."""
    return (products - own) / (2 * m * (m - 1)), (m * own - products) / (2 * m * (m - 1))


def _of_independent(values: np.ndarray) -> Estimate:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def _of_series(values: np.ndarray) -> Estimate:
    means = np.array([block.mean() for block in np.array_split(values, min(BLOCKS, len(values)))])
    error = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else 0.0
    return float(values.mean()), error
