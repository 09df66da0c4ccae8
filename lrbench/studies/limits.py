"""What a comparison of variants leaves out, and what it cannot show."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lrbench.findings.outcomes import INCONCLUSIVE, PASSED, Outcome
from lrbench.studies.comparison import StudyAnalysis
from lrbench.studies.findings import StudyLedger, choosing, edge_words, edges_of, places
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import counted, listed, number, rate_label, sentence


def without_best(study: StudyAnalysis, ledger: StudyLedger) -> list[str]:
    """Of each variant that has no best rate, or no other rate to choose it from, why; without a full stop."""
    known, said = choosing(study), []
    for place, label in enumerate(study.labels):
        if place in known:
            continue
        if ledger.of(place, "eligible"):
            said.append(f"{label} has one rate alone, so it has no best one")
        elif ledger.of(place, "missing"):
            said.append(f"{label} has no rate at which every planned run is there and learned")
        else:
            said.append(f"{label} learned at no rate in all planned runs")
    return said


def left_out(study: StudyAnalysis, ledger: StudyLedger) -> Outcome:
    """What takes no part in the comparison: variants without a best rate, rates with missing runs, unlike seeds."""
    said = [f"{text} and is left out of what is said of best rates" for text in without_best(study, ledger)]
    for row in study.curves[study.curves["n"] < study.curves["planned"]].to_dict("records"):
        key = {"place": int(row["place"]), "learning_rate": row["learning_rate"]}
        planned, n = (int(ledger.cell("curves", name, **key)) for name in ("planned", "n"))
        lost = f"{planned - n} of {counted(planned, 'planned run')}"
        said.append(
            f"{study.labels[key['place']]} lacks {lost} at {rate_label(row['learning_rate'])}, which is no best rate"
        )
    if not ledger.cell("across", "same_seeds"):
        said.append("the variants have different seeds, and pairs count those that both have")
    if not said:
        text = "Every variant has a best rate among several, all its planned runs, and the same seeds as the others."
        return Outcome(PASSED, text)
    return Outcome(INCONCLUSIVE, sentence("; ".join(said)))


def limits(study: StudyAnalysis, ledger: StudyLedger) -> Outcome:
    """What these variants cannot show: few seeds, a coarse grid, best rates at its edge, other lengths of training."""
    seeds = int(ledger.cell("across", "seeds"))
    said = []
    if seeds < FEWEST_SEEDS:
        said.append(f"some variant has {counted(seeds, 'seed')}, with which nothing is told apart")
    edges = [place for place in places(study) if edges_of(place, ledger)]
    if edges:
        said.append(edge_words(study, edges))
    if not ledger.cell("across", "same_epochs"):
        said.append("the variants train for different numbers of epochs")
    known = choosing(study)
    steps = list(dict.fromkeys(number(ledger.of(place, "grid_factor"), 1) for place in known))
    text = "A best rate was picked by looking at the scores that it is then compared by, which flatters it a little."
    if steps:
        text = f"Best rates are known to a step of their grid, a factor of {listed(steps, 'or')}. {text}"
    if not said:
        enough = f"No best rate is at an end of its grid, and {counted(seeds, 'seed')} are enough to compare."
        return Outcome(PASSED, f"{enough} {text}")
    return Outcome(INCONCLUSIVE, f"{sentence('; '.join(said))} {text}")


RULES: Mapping[Callable[[StudyAnalysis, StudyLedger], Outcome], str] = {
    left_out: "Variants with no rate at which every planned run is there and learned, or with one rate; rates with "
    "fewer runs than planned; seeds that differ.",
    limits: "Fewer than three seeds; the factor between neighbouring rates; tied rates at an end of a grid of three "
    "rates or more; other epochs.",
}
