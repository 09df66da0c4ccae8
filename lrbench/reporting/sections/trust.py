"""The section on what a reader should know before relying on the experiment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lrbench.reporting.inputs import Measured
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.tables.plan import FIRST_SEEDS, planned_runs
from lrbench.training_words import carried_over
from lrbench.wording import counted, interval_level, listed, rate_label, rounded

VALIDATED_ON = {
    "test": ": the test set, as tutorials do. Its accuracy is thus no independent test of the chosen rate.",
    "holdout": " held out of the training set.",
    "own": ", the validation part of the data set.",
}


def trust(measured: Measured) -> list[tuple[str, str]]:
    """What a reader should know before relying on the experiment, as term and text."""
    origin = measured.tables.origin
    planned = planned_runs(origin["plan"])
    runs = measured.runs
    missing = planned - len(runs)
    lost = int((runs["non_finite"] > 0).sum())
    validation = measured.dataset["parts"]["validation"]["examples"]
    few = "; too few to tell rates apart" if measured.seeds < FEWEST_SEEDS else ""
    machines = sorted({run["machine"]["cpu"] for run in origin["runs"]})
    return [
        ("Seeds", f"{measured.seeds_a_rate}, the same at every rate{_from_first(measured)}: {_same(measured)}{few}."),
        (
            "Runs",
            f"{len(runs)} of {planned} planned runs are present"
            + (f"; {missing} missing." if missing else ".")
            + (f" In {counted(lost, 'run')} some value is not finite; they are kept and counted." if lost else ""),
        ),
        (
            "Validation",
            f"{counted(validation, 'example')}"
            + VALIDATED_ON[origin["settings"]["validation"]["protocol"]]
            + (
                " The test set took no part in the choice; accuracies on it are in the table of verdicts."
                if measured.has_test_set
                else " There is no independent test of the chosen rate." * (not measured.on_test_set)
            ),
        ),
        ("Comparisons", _comparisons(measured)),
        (
            "Machine",
            f"Computed on {listed(machines)}. On another processor the weights can come out otherwise; there a run is "
            "as good as one with another seed: compare averages and verdicts, not single runs.",
        ),
    ]


def fit_known(fit: Mapping[str, Any] | None) -> str:
    """What is known of whether `model.fit` trains these runs alike.

    fit : the record of one of them (`lrbench.tables.fit`); None where none was checked
    """
    if fit is None:
        return "Not checked for these runs. This trains one of them by model.fit itself and compares every weight:"
    run = f"checked: rate {rate_label(fit['learning_rate'])}, seed {fit['seed']}"
    with_versions = f"with {listed(f'{name} {version}' for name, version in sorted(fit['versions'].items()))}"
    if fit["identical"]:
        return (
            f"Identical ({run}), {with_versions}: model.fit gives the same {fit['weights']:,} weights, and the same "
            "losses and accuracies after each epoch, bit for bit. The other runs were not checked."
        )
    most = "an amount that is no number" if fit["largest"] is None else f"at most {_rounded_up(fit['largest'])}"
    told = f"; {listed(fit['epochs'])} of its epochs differ too" if fit["epochs"] else ""
    return (
        f"Differs ({run}), {with_versions}: model.fit gives other values for {fit['differing']:,} of "
        f"{counted(fit['weights'], 'weight')}, by {most}{told}. The other runs were not checked."
    )


def _rounded_up(value: float) -> str:
    """A number to two significant digits, however small, and none less than it."""
    if value == 0:
        return "0"
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return rounded(math.ceil(round(value / unit, 6)) * unit)


def _from_first(measured: Measured) -> str:
    """Which seeds a rate of a search has; rates are compared over those that both have."""
    return " from the first on" if FIRST_SEEDS in measured.tables.origin["plan"] else ""


def _same(measured: Measured) -> str:
    """What runs of one seed have in common at every rate."""
    if carried_over(measured.tables.origin["settings"]):
        return "same batches; at every rate but the first of the order, the weights that the rate before ended with"
    return "same first weights, same batches"


def _comparisons(measured: Measured) -> str:
    """What was compared with what, and how that is corrected."""
    pairs = measured.comparisons[["higher", "lower", "family"]].drop_duplicates()
    if pairs.empty:
        return "No pair of rates could be compared: fewer than two learned in all their planned runs."
    level = interval_level(measured.thresholds["significance"])
    text = f"{counted(len(pairs), 'pair')} of rates, each by score and by final validation loss, paired by seed" + (
        ", over the seeds that both have." if FIRST_SEEDS in measured.tables.origin["plan"] else "."
    )
    if measured.seeds == 1:
        return f"{text} With one seed there is no interval, and nothing is told apart."
    if (pairs["family"] == "chosen").any():
        text += (
            " Pairs with the recommended rate are held against the range that so many equal means would show by "
            "chance, since it was picked by its score."
        )
    if (pairs["family"] == "others").any():
        text += " All other pairs are corrected by Holm's method over them."
    return (
        f"{text} Their {level} intervals are corrected in the same way. All this says how much seeds matter on these "
        "validation examples; other examples would add an uncertainty of their own."
    )
