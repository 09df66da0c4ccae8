"""Observation of trust: what the reader should know before relying on the numbers."""

from __future__ import annotations

from lrbench.analysis.results import Analysis
from lrbench.analysis.series import MINIMUM_SEEDS
from lrbench.findings.confidence import HIGH, one_seed_decides, small_validation_set
from lrbench.findings.evidence import FINDING, PASSED, Ledger, Outcome, observation
from lrbench.wording import counted, rate_label


@observation(
    rule="concerns: validation on the test set, fewer than 3 seeds, missing runs, a confidence that is not high, a "
    "small validation set, a single seed that decides, a recommended rate some of whose runs exploded",
    table="rates",
)
def trust(analysis: Analysis, ledger: Ledger) -> Outcome:
    """Say what the reader should know before relying on the numbers."""
    concerns = _concerns(analysis, ledger)
    planned = ledger.computed("total", table="rates", column="planned")
    seeds = ledger.computed("fewest_seeds")
    least = "" if seeds == ledger.computed("most_seeds") else "at least "
    facts = [f"{least}{counted(seeds, 'seed')} at each rate"]
    if not ledger.computed("missing_runs"):
        facts.insert(0, "the planned run is present" if planned == 1 else f"all {planned} planned runs are present")
    pairs = ledger.computed("rows", table="comparisons", measure="score")
    if pairs:
        facts.append(f"{counted(pairs, 'pair')} of rates compared")
    text = "; ".join(facts)
    if concerns:
        return Outcome(FINDING, f"Before relying on this: {'; '.join(concerns)}. Otherwise: {text}.")
    return Outcome(
        PASSED,
        f"Nothing speaks against relying on this: {text}, the confidence is high, and validation examples were kept "
        "apart from the test set.",
    )


def _concerns(analysis: Analysis, ledger: Ledger) -> list[str]:
    seeds, missing = ledger.computed("fewest_seeds"), ledger.computed("missing_runs")
    concerns = []
    if analysis.origin["settings"]["validation"]["protocol"] == "test":
        concerns.append("validation ran on the test set, so no accuracy here is an independent test of the rate chosen")
    if seeds < MINIMUM_SEEDS:
        concerns.append(
            f"with {counted(seeds, 'seed')} {'a' if seeds == ledger.computed('most_seeds') else 'at some'} rate, what "
            "the seed does cannot be told from what the rate does"
        )
    if missing:
        planned = ledger.computed("total", table="rates", column="planned")
        concerns.append(f"{missing} of {planned} planned runs {'is' if missing == 1 else 'are'} missing")
    if analysis.choice is None:
        return [*concerns, "no rate learned in all its planned runs, so none is recommended"]
    level = analysis.recommendation["confidence"]
    if level != HIGH:
        state = "cannot be assessed" if level == "not assessable" else f"is {level}"
        concerns.append(f"the confidence in the recommended rate {state}")
    exploded = ledger.cell("rates", "exploded", learning_rate=analysis.choice.chosen)
    if exploded:
        chosen = analysis.choice.chosen
        runs = counted(ledger.cell("rates", "n", learning_rate=chosen), "run")
        concerns.append(f"at the recommended {rate_label(chosen)} the training loss exploded in {exploded} of {runs}")
    doubts = [*small_validation_set(analysis, ledger), *one_seed_decides(analysis, ledger)]
    return [*concerns, *(f"{text[0].lower()}{text[1:].removesuffix('.')}" for text in doubts)]
