"""What stands under the figure of the sweep: measures over all rates together."""

from __future__ import annotations

from lrbench.reporting.inputs import Measured
from lrbench.wording import at_most_points, counted, listed, rate_label, rate_span, rounded


def across_facts(measured: Measured) -> list[tuple[str, str]]:
    """Measures over all rates together, as term and text."""
    across, facts = measured.across, []
    if across["sensitivity"] is not None:
        grid = listed(map(rate_label, across["grid"]))
        facts.append(
            (
                "Sensitivity",
                f"{rounded(across['sensitivity'])} nats: by how much the mean final validation loss of a rate, "
                "each clipped at the loss before training, lies above the least, on average over the rates "
                f"{grid}; comparable on this grid only",
            )
        )
    plateau = across["plateau"]
    if plateau:
        limit = at_most_points(measured.thresholds["plateau"])
        rates = plateau["rates"]
        text = f"{rate_span(rates)} score within {limit} of the best"
        if len(rates) == 1:
            text = f"no tried rate next to {rate_label(rates[0])} scores within {limit} of it"
        elif plateau["decades"]:
            text += f", a factor of {rounded(10 ** plateau['decades'])} from the lowest to the highest of them"
        facts.append(("Plateau", text))
    if across["resolution"] is not None:
        tie = at_most_points(measured.thresholds["tie"])
        examples = counted(across["n_validation"], "validation example")
        facts += [
            ("Too small to matter", f"{tie}: rates that score this close to the best are practically tied"),
            (
                "Too small to see",
                f"{rounded(100 * across['resolution'])} points, the standard error of one accuracy on {examples}: "
                "a rate that is not practically tied, but scores this close to the best, is not resolved from it",
            ),
        ]
    return facts
