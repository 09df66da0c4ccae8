"""What the page says beside its figures: looked up in tables and put into words, nothing computed anew."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from lrbench.reporting import words
from lrbench.reporting.inputs import Conclusions, Measured
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import at_most_points, counted, listed, rate_label, spread_points, target_label

MANY_RUNS = 60
UNSTEADINESS = {"oscillation": "Oscillation (RMS)", "largest_rise": "Largest rise, median"}
EMBEDDED_BYTES = 40_000  # tables up to this size travel inside the page
FINGERPRINT_BYTES = 80_000  # as do fingerprints, which stand in no table beside it but in tables.json
STATUSES = ("finding", "inconclusive", "passed", "not applicable")
GROUPS = {
    "finding": "Findings",
    "inconclusive": "Inconclusive",
    "passed": "Looked for and not seen",
    "not applicable": "Not applicable here",
}


def numbers(recommendation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every number that the recommendation, its confidence and the cards of the first screen rest on, each once."""
    items = list(recommendation["evidence"])
    for card in recommendation["cards"]:
        items.extend(item for item in card["evidence"] if item not in items)
    return items


def unequal_classes(measured: Measured) -> bool:
    """Whether accuracy hides much: the largest class of the validation data has over twice as many as the smallest."""
    counts = measured.dataset["parts"]["validation"]["class_counts"]
    return bool(max(counts) > 2 * min(counts))


def verdict_rows(measured: Measured) -> dict[str, Any]:
    """The verdict table: which columns it has, the target and the unsteadiness that it gives, a row for each rate.

    Columns that are there only where they say something: `final`, final accuracy, where some rate's differs from its
    score by more than what is told apart from chance or matters; `balanced`, where classes are unequal; `test`, where
    the test set took no part in the choice.
    """
    table = measured.rates
    delta = measured.across["delta"]
    apart = (table["final_val_accuracy_mean"] - table["score_mean"]).abs()
    target = _shown_target(measured.reach)
    unsteadiness = {one["learning_rate"]: one["unsteadiness"] for one in measured.across["unsteadiness"]}

    def accuracy(row: Any, column: str) -> str:
        mean = measured.accuracy(getattr(row, f"{column}_mean")).removesuffix(" %")
        sd = getattr(row, f"{column}_sd")
        return _with_spread(sd, mean, spread_points(sd))

    rows = []
    for row in table.itertuples():
        reached = measured.reach[
            (measured.reach["learning_rate"] == row.learning_rate) & (measured.reach["target"] == target)
        ]
        loss = [words.fixed(getattr(row, f"final_val_loss_{name}"), 3) for name in ("mean", "sd")]
        rows.append(
            {
                "learning_rate": row.learning_rate,
                "verdict": row.verdict,
                "remarks": _remarks(row.remarks),
                "learned": f"{row.learned} of {row.planned}",
                "accuracy": accuracy(row, "score"),
                "final": accuracy(row, "final_val_accuracy"),
                "balanced": accuracy(row, "balanced_accuracy"),
                "test": accuracy(row, "test_accuracy"),
                "loss": _with_spread(row.final_val_loss_sd, *loss),
                "best_in": f"{row.best_in} of {row.planned}",
                "first": _steps_of(reached, "first"),
                "kept": _steps_of(reached, "sustained"),
                "backtrack": words.percent(row.backtrack_median, 0).replace("not finite", words.MISSING),
                "unsteadiness": words.number(unsteadiness[row.learning_rate]),
            }
        )
    return {
        "final": delta is not None and bool((apart > delta).any()),
        "balanced": unequal_classes(measured),
        "test": not on_test_set(measured),
        "lost": bool((table["learned"] < table["planned"]).any()),
        "score_epochs": measured.across["score_epochs"],
        "unsteadiness": UNSTEADINESS[measured.across["unsteadiness_measure"]],
        "unsteadiness_is_rms": measured.across["unsteadiness_measure"] == "oscillation",
        "target": None if target is None else target_label(target),
        "target_source": "" if target is None else words.target_source(measured.target_rule, target),
        "target_rule": words.target_rule(measured.target_rule, measured.across["chance"], measured.accuracy_decimals),
        "rows": rows,
    }


def _shown_target(reach: pd.DataFrame) -> float | None:
    """The highest target that some rate's median run keeps; else that it reaches; else that any run reaches."""
    for shown in (np.isfinite(reach["sustained_at"]), np.isfinite(reach["first_at"]), reach["first_reached"] > 0):
        if shown.any():
            return float(reach.loc[shown, "target"].max())
    return None


def _steps_of(reached: pd.DataFrame, when: str) -> str:
    """Median steps of a rate's runs to a target and how many got there, `when` first or for good (sustained)."""
    if reached.empty:
        return words.MISSING
    (row,) = reached.to_dict("records")
    count, steps = int(row[f"{when}_reached"]), float(row[f"{when}_at"])
    runs = f"{count} of {row['n']}"
    if not count:
        return "never"
    return f"{words.steps(steps)} ({runs})" if np.isfinite(steps) else f"{runs} runs"


def _remarks(ids: str) -> str:
    return ", ".join(name.replace("_", " ").replace("-", " ") for name in ids.split())


def _with_spread(sd: float, mean: str, spread: str) -> str:
    return f"{mean} ± {spread}" if np.isfinite(sd) else mean


def on_test_set(measured: Measured) -> bool:
    """Whether the validation data are the test set."""
    return bool(measured.tables.origin["settings"]["validation"]["protocol"] == "test")


def grouped_observations(conclusions: Conclusions) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """Status, its heading and its observations, in the order given; groups that hold none are left out."""
    groups = []
    for status in STATUSES:
        own = [item for item in conclusions.observations if item["status"] == status]
        if own:
            groups.append((status, GROUPS[status], own))
    return groups


def across_facts(measured: Measured) -> list[tuple[str, str]]:
    """Measures over all rates together, as term and text."""
    across, facts = measured.across, []
    if across["sensitivity"] is not None:
        grid = listed(map(rate_label, across["grid"]))
        facts.append(
            (
                "Sensitivity",
                f"{words.number(across['sensitivity'])} nats: by how much the mean final validation loss of a rate, "
                "each clipped at the loss before training, lies above the least, on average over the rates "
                f"{grid}; comparable on this grid only",
            )
        )
    plateau = across["plateau"]
    if plateau:
        limit = at_most_points(measured.thresholds["plateau"])
        rates = plateau["rates"]
        text = f"{words.rates(rates)} score within {limit} of the best"
        if len(rates) == 1:
            text = f"no tried rate next to {rate_label(rates[0])} scores within {limit} of it"
        elif plateau["decades"]:
            text += f", a factor of {words.number(10 ** plateau['decades'])} from the lowest to the highest of them"
        facts.append(("Plateau", text))
    if across["resolution"] is not None:
        tie = at_most_points(measured.thresholds["tie"])
        examples = counted(across["n_validation"], "validation example")
        facts += [
            ("Too small to matter", f"{tie}: rates that score this close to the best are practically tied"),
            (
                "Too small to see",
                f"{words.number(100 * across['resolution'])} points, the standard error of one accuracy on {examples}: "
                "a rate that is not practically tied, but scores this close to the best, is not resolved from it",
            ),
        ]
    return facts


def trust(measured: Measured) -> list[tuple[str, str]]:
    """What a reader should know before relying on the experiment, as term and text."""
    origin = measured.tables.origin
    planned = len(measured.learning_rates) * measured.seeds
    runs = measured.runs
    missing = planned - len(runs)
    lost = int((runs["non_finite"] > 0).sum())
    validation = measured.dataset["parts"]["validation"]["examples"]
    few = "; too few to tell rates apart" if measured.seeds < FEWEST_SEEDS else ""
    machines = sorted({run["machine"]["cpu"] for run in origin["runs"]})
    return [
        (
            "Seeds",
            f"{counted(measured.seeds, 'seed')} a rate, the same at every rate: same first weights, same batches{few}.",
        ),
        (
            "Runs",
            f"{len(runs)} of {planned} planned runs are present"
            + (f"; {missing} missing." if missing else ".")
            + (f" In {counted(lost, 'run')} some value is not finite; they are kept and counted." if lost else ""),
        ),
        (
            "Validation",
            f"{counted(validation, 'example')}"
            + (
                ": the test set, as tutorials do. Its accuracy is thus no independent test of the chosen rate."
                if on_test_set(measured)
                else " held out of the training set. The test set took no part in the choice; accuracies "
                "on it are in the table of verdicts."
            ),
        ),
        ("Comparisons", _comparisons(measured)),
        (
            "Machine",
            f"Computed on {listed(machines)}. On another processor the weights can come out otherwise; there a run is "
            "as good as one with another seed: compare averages and verdicts, not single runs.",
        ),
    ]


def _comparisons(measured: Measured) -> str:
    """What was compared with what, and how that is corrected."""
    pairs = measured.comparisons[["higher", "lower", "family"]].drop_duplicates()
    if pairs.empty:
        return "No pair of rates could be compared: fewer than two learned in all their planned runs."
    level = words.level(measured.thresholds["significance"])
    text = f"{counted(len(pairs), 'pair')} of rates, each by score and by final validation loss, paired by seed."
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


@dataclass(frozen=True)
class Download:
    """A file to save: inside the page where it is small, beside it otherwise."""

    name: str
    about: str
    href: str
    inside: bool


def downloads(measured: Measured, name: str) -> list[Download]:
    """The experiment's tables: small ones as data in the page, large ones as links to the files beside it."""
    tables = {
        "runs": (measured.runs, "every measure of every run; accuracies as shares, losses in nats"),
        "rates": (measured.rates, "every measure of every learning rate, with its verdict; accuracies as shares"),
        "comparisons": (
            measured.comparisons,
            "every pair of rates, paired by seed; accuracies as shares, losses in nats",
        ),
        "reach": (measured.reach, "steps to each target, by rate"),
        "targets": (measured.targets, "steps to each target, by run"),
        "epochs": (measured.tables.epochs, "what Keras' history holds, for every run and epoch"),
        "fingerprints": (_fingerprints(measured), "SHA-256 of the final weights of every run"),
    }
    made = []
    for table, (frame, about) in tables.items():
        data = "data:text/csv;charset=utf-8," + quote(_csv(frame), safe=",.-+:_")
        fingerprints = table == "fingerprints"
        inside = len(data) <= (FINGERPRINT_BYTES if fingerprints else EMBEDDED_BYTES)
        if fingerprints and not inside:
            continue
        made.append(Download(f"{table}.csv", about, data if inside else f"../results/{name}/{table}.csv", inside))
    for file, about in (
        ("evaluations.csv", "losses, accuracies, gradient norm and update ratio at every evaluated step"),
        ("steps.parquet", "the loss of every batch of every run"),
        ("recommendation.json", "the recommendation with its evidence"),
        ("observations.json", "every observation with its evidence"),
        ("claims.json", "every claim with its evidence"),
        ("backpropagation.json", "one step of training worked through, every number of its section"),
        ("tables.json", "settings, run keys, versions, digests and the SHA-256 of every run's final weights"),
    ):
        made.append(Download(file, about, f"../results/{name}/{file}", inside=False))
    return made


def _fingerprints(measured: Measured) -> pd.DataFrame:
    runs = measured.tables.origin["runs"]
    return pd.DataFrame(
        {
            "learning_rate": [run["learning_rate"] for run in runs],
            "seed": [run["seed"] for run in runs],
            "sha256": [run["weights"]["final"] for run in runs],
        }
    )


def _csv(frame: pd.DataFrame) -> str:
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, na_rep="NaN", lineterminator="\n")
    return buffer.getvalue()
