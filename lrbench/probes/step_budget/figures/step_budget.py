"""The figure of step budgets: what curvature and noise eat of a step's gain, at each rate along training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lrbench.probes.step_budget import ID
from lrbench.probes.step_budget.judgement import (
    TERMS,
    Budget,
    budgets,
    forecast_moment,
    refusal,
    share_text,
)
from lrbench.probes.step_budget.moments import END, EPOCH, HALF, HUNDREDTH, QUARTER, TENTH
from lrbench.reporting.drawing import style
from lrbench.reporting.drawing.panels import legend, notice, rate_panels
from lrbench.reporting.drawing.rates import Rates
from lrbench.reporting.drawing.report_figure import Drawing
from lrbench.reporting.drawing.ticks import percent_ticks
from lrbench.reporting.inputs import Measured
from lrbench.wording import MISSING, counted, listed, rate_label, rounded

NAME = "Step budget"
PLACE = 10
TICKS = {HUNDREDTH: "1 %", TENTH: "10 %", EPOCH: "epoch 1", QUARTER: "¼", HALF: "½", END: "end"}
MOST = 2.0  # times the gain, where the axis ends
UNTOLD_MARK = "?"
WIDTH = 0.55  # of a bar
CURVATURE_LOOK, NOISE_LOOK = {"alpha": 0.95}, {"alpha": 0.45}
COLUMNS = ["Rate", "Moment", "Gain", "Curvature", "Noise", "Predicted", "Measured", "Difference", "Eaten", "Uphill"]


def draw(measured: Measured, rates: Rates) -> Drawing:
    """A panel for each rate, and in it a stacked bar for each moment, in shares of the gain."""
    why = refusal(measured)
    if why:
        empty = pd.DataFrame({"learning_rate": [], "moment": []})
        text = "No step budget is shown"
        return Drawing(notice(text), empty, text, why, why, COLUMNS, [])
    made = budgets(measured.probes[ID])
    names = list(dict.fromkeys(one.name for one in made))
    drawn, panels = rate_panels(rates.values)
    for axes, rate in zip(panels, rates, strict=True):
        _draw_panel(axes, rates, rate, [one for one in made if one.learning_rate == rate], names)
    for axes in panels:
        axes.set_xticks(range(len(names)), [TICKS[name] for name in names], fontsize=7)
        axes.set(xlim=(-0.6, len(names) - 0.4), ylim=(0, MOST))
        percent_ticks(axes.yaxis)
    drawn.supylabel("Share of the gain", fontsize=9, color=style.INK)
    bar = {"linestyle": "none", "marker": "s", "markersize": 7, "markeredgewidth": 0}
    legend(
        drawn,
        rates,
        [
            ("eaten by curvature", bar | {"color": style.MUTED} | CURVATURE_LOOK),
            ("eaten by noise", bar | {"color": style.MUTED} | NOISE_LOOK),
            ("left", bar | {"color": style.GRID}),
            ("eaten, measured", {"marker": "o", "markersize": 4.5, "linestyle": "none"}),
        ],
        of=(),
    )
    seeds = max(one.seeds for one in made)
    title = _title([one for one in made if one.name == forecast_moment(made)])
    return Drawing(
        canvas=drawn,
        data=_numbers(made),
        title=title,
        caption=(
            "For each rate, along training: what a step gains to first order (100 %), and how much of it curvature and "
            "noise are predicted to eat; what is left is the net gain, and a bar above the line is a net loss. On each "
            "bar, two standard errors of the share, as far as the axis reaches. Dots: the share eaten that follows "
            "from the measured change of the loss, with two standard errors of the difference between measured and "
            f"predicted. Means over {counted(seeds, 'seed')}. Bars end at {share_text(MOST)}; no bar: the gain cannot "
            f"be told from nothing ({UNTOLD_MARK}), or the loss is not finite (×)."
        ),
        alt=f"Stacked bars of the share of a step's gain that curvature and noise eat, a panel a rate. {title}.",
        columns=COLUMNS,
        rows=[_row(one) for one in made],
        note="Changes of the loss are in nats a step; ± is a standard error.",
    )


def _draw_panel(axes: Any, rates: Rates, rate: float, made: Sequence[Budget], names: Sequence[str]) -> None:
    axes.axhline(1.0, color=style.MUTED, linewidth=0.8)
    axes.grid(visible=False, axis="x")
    colour = rates.colour(rate)
    for one in made:
        place, share = names.index(one.name), one.share
        if share is None:
            axes.text(
                place, 0.06, "×" if not one.estimates else UNTOLD_MARK, ha="center", fontsize=8, color=style.MUTED
            )
            continue
        gain = one.estimates["gain"][0]
        noise = max(one.estimates["noise"][0] / gain, 0.0)
        curvature = max(share[0] - noise, 0.0)
        top = min(curvature, MOST)
        _bar(axes, place, 0.0, 1.0, color=style.GRID, zorder=0.5)
        rates.tag(_bar(axes, place, 0.0, top, color=colour, **CURVATURE_LOOK), rate)
        rates.tag(_bar(axes, place, top, min(noise, MOST - top), color=colour, **NOISE_LOOK), rate)
        doubt = {"color": style.MUTED, "elinewidth": 0.8, "capsize": 1.8, "linestyle": "none"}
        low, high = (min(share[0] + 2 * sign * share[1], MOST) for sign in (-1, 1))
        if low < MOST:
            middle = min(share[0], MOST)
            axes.errorbar([place], [middle], yerr=[[middle - low], [high - middle]], **doubt)
        seen = 1 + one.estimates["measured"][0] / gain
        if 0 <= seen <= MOST:
            error = 2 * one.estimates["difference"][1] / gain
            look = {"color": style.INK, "marker": "o", "markersize": 3.2, "elinewidth": 0.9, "linestyle": "none"}
            axes.errorbar([place + 0.38], [seen], yerr=[error], **look)


def _bar(axes: Any, place: float, bottom: float, height: float, **look: Any) -> Any:
    return axes.bar([place], [height], WIDTH, bottom=[bottom], linewidth=0, **look)[0]


def _title(at: Sequence[Budget]) -> str:
    told = [one for one in at if one.share is not None]
    if not told:
        return f"{at[0].when[0].upper()}{at[0].when[1:]}, no rate's gain can be told from nothing"
    shares = [one.share[0] for one in told if one.share is not None]
    if len(told) > 4:
        return (
            f"{at[0].when[0].upper()}{at[0].when[1:]}, curvature and noise eat {share_text(min(shares))} to "
            f"{share_text(max(shares))} of a step's gain"
        )
    said = [f"{share_text(share)} at {rate_label(one.learning_rate)}" for share, one in zip(shares, told, strict=True)]
    return f"{at[0].when[0].upper()}{at[0].when[1:]}, curvature and noise eat {listed(said)} of a step's gain"


def _row(one: Budget) -> list[str]:
    start = [rate_label(one.learning_rate), one.when]
    if not one.estimates:
        return [*start, *["not finite"] * 6, MISSING, MISSING]
    cells = [
        f"{rounded(one.estimates[name][0])} ± {rounded(one.estimates[name][1], 1)}"
        for name in ("gain", "curvature", "noise", "predicted", "measured", "difference")
    ]
    share = MISSING if one.share is None else f"{share_text(one.share[0])} ± {share_text(one.share[1])}"
    return [*start, *cells, share, share_text(one.uphill)]


def _numbers(made: Sequence[Budget]) -> pd.DataFrame:
    rows = []
    for one in made:
        row: dict[str, Any] = {"learning_rate": one.learning_rate, "moment": one.name, "step": one.step}
        for term in TERMS:
            value, error = one.estimates.get(term, (float("nan"), float("nan")))
            row |= {term: value, f"{term}_error": error}
        share = one.share or (float("nan"), float("nan"))
        rows.append(row | {"eaten": share[0], "eaten_error": share[1], "uphill": one.uphill})
    return pd.DataFrame(rows)
