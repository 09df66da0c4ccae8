"""What the page says beside its figures: looked up in tables and put into words, nothing computed anew."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from lrbench.names import rate_label
from lrbench.reporting import words
from lrbench.reporting.inputs import Conclusions, Measured
from lrbench.wording import counted, listed, points, target_label

MANY_RUNS = 60
EMBEDDED_BYTES = 40_000  # tables up to this size travel inside the page
FINGERPRINT_BYTES = 80_000  # as do fingerprints, which stand in no table beside it but in tables.json
STATUSES = ("finding", "inconclusive", "passed", "not applicable")
GROUPS = {
    "finding": "Findings",
    "inconclusive": "Inconclusive",
    "passed": "Looked for and not seen",
    "not applicable": "Not applicable here",
}


@dataclass(frozen=True)
class Fact:
    """One answer of the first screen: a question, the answer in a few words, and what it rests on."""

    question: str
    value: str
    detail: str
    rate: float | None = None


def answer(measured: Measured, conclusions: Conclusions) -> tuple[Fact, ...]:
    """Which rate, by how much, which are unstable, how sure."""
    advice = conclusions.recommendation
    chosen = advice["chosen"]
    return (
        Fact(
            "Which rate?",
            rate_label(chosen) if chosen is not None else "none",
            _verdict_counts(measured),
            chosen,
        ),
        _lead(measured, chosen, advice["tied"]),
        _unstable(measured),
        Fact(
            "How sure?",
            advice["confidence"] or "not assessable",
            advice["confidence_reason"] or "There is no recommended rate to be sure of.",
        ),
    )


def _verdict_counts(measured: Measured) -> str:
    counts = measured.rates["verdict"].value_counts()
    return f"{counted(len(measured.rates), 'rate')} tried: " + ", ".join(
        f"{count} {verdict}" for verdict, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _lead(measured: Measured, chosen: float | None, tied: list[float]) -> Fact:
    question = "By how much?"
    rivals = measured.rates[measured.rates["eligible"] & (measured.rates["learning_rate"] != chosen)]
    if chosen is None or rivals.empty:
        return Fact(question, words.MISSING, "There is no pair of rates to compare.")
    rival = float(rivals.sort_values(["score_mean", "learning_rate"], ascending=[False, True])["learning_rate"].iloc[0])
    higher, lower = max(chosen, rival), min(chosen, rival)
    pairs = measured.comparisons
    found = pairs[(pairs["higher"] == higher) & (pairs["lower"] == lower) & (pairs["measure"] == "score")]
    if found.empty:
        return Fact(question, words.MISSING, "There is no pair of rates to compare.")
    row = found.iloc[0]
    sign = 1 if chosen == higher else -1
    low, high = sorted((sign * row["low"], sign * row["high"]))
    decimals = words.accuracy_decimals(measured.dataset["parts"]["validation"]["examples"])
    interval = ""
    if np.isfinite(low):
        interval = f", 95 % interval {points(low, decimals)} to {points(high, decimals)}"
    tie = "; practically tied" if rival in tied else ""
    return Fact(
        question,
        f"{points(sign * row['difference'], decimals)} points",
        f"of accuracy ahead of {rate_label(rival)}, the next best{interval}{tie}. n = "
        f"{counted(int(row['n']), 'seed')}.",
    )


def _unstable(measured: Measured) -> Fact:
    rates = measured.rates
    unstable = list(rates.loc[rates["unstable"], "learning_rate"])
    lost = [
        f"{rate_label(row.learning_rate)} {row.verdict} ({row.planned - row.learned} of {row.planned} runs)"
        for row in rates.itertuples()
        if row.verdict in ("diverges", "fails to learn")
    ]
    missing = [rate_label(row.learning_rate) for row in rates.itertuples() if not row.complete]
    if len(lost) > 4:
        lost = [f"{counted(len(lost), 'rate')} diverge or fail to learn"]
    detail = "; ".join(lost + ([f"runs missing at {listed(missing)}"] if missing else []))
    return Fact(
        "Which are unstable?",
        words.rates(unstable) if unstable else "none",
        f"{detail}."
        if detail
        else "Every run at every rate learned."
        if (rates["learned"] == rates["planned"]).all()
        else "",
    )


def verdict_rows(measured: Measured) -> dict[str, Any]:
    """The verdict table: the target, where it comes from, the fluctuation, and a row for each rate, lowest first."""
    short = not np.isfinite(measured.rates["oscillation_median"]).any()
    fluctuation = "largest_rise" if short else "oscillation"
    decimals = words.accuracy_decimals(measured.dataset["parts"]["validation"]["examples"])
    target = _shown_target(measured.reach)
    rows = []
    for row in measured.rates.itertuples():
        reached = measured.reach[
            (measured.reach["learning_rate"] == row.learning_rate) & (measured.reach["target"] == target)
        ]
        rows.append(
            {
                "learning_rate": row.learning_rate,
                "verdict": row.verdict,
                "remarks": _remarks(row.remarks),
                "learned": f"{row.learned} of {row.planned}",
                "accuracy": _with_spread(
                    row.score_mean, row.score_sd, lambda value: words.percent(value, decimals).removesuffix(" %")
                ),
                "loss": _with_spread(
                    row.final_val_loss_mean, row.final_val_loss_sd, lambda value: words.fixed(value, 3)
                ),
                "best_in": f"{row.best_in} of {row.planned}",
                "first": _steps_of(reached, "first"),
                "kept": _steps_of(reached, "sustained"),
                "backtrack": words.percent(row.backtrack_median, 0).replace("not finite", words.MISSING),
                "fluctuation": words.number(getattr(row, f"{fluctuation}_median")).replace("not finite", words.MISSING),
            }
        )
    return {
        "fluctuation": fluctuation.replace("_", " ").capitalize(),
        "target": None if target is None else target_label(target),
        "target_source": "" if target is None else words.target_source(measured.target_rule, target),
        "target_rule": words.target_rule(measured.target_rule, measured.chance, decimals),
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


def _with_spread(mean: float, sd: float, text: Any) -> str:
    return f"{text(mean)} ± {text(sd)}" if np.isfinite(sd) else str(text(mean))


def grouped_observations(conclusions: Conclusions) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """Status, its heading and its observations, in the order given; groups that hold none are left out."""
    groups = []
    for status in STATUSES:
        own = [item for item in conclusions.observations if item["status"] == status]
        if own:
            groups.append((status, GROUPS[status], own))
    return groups


def across_facts(across: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Measures over all rates together, as term and text."""
    facts = []
    if across.get("sensitivity") is not None:
        grid = listed(map(rate_label, across["grid"]))
        facts.append(
            (
                "Sensitivity",
                f"{words.number(across['sensitivity'])} nats over the rates {grid}; comparable on this grid only",
            )
        )
    plateau = across.get("plateau")
    if plateau:
        text = f"{listed(map(rate_label, plateau['rates']))} lie within one accuracy point of the best"
        if plateau["decades"]:
            text += f", a factor of {words.number(10 ** plateau['decades'])}"
        elif len(plateau["rates"]) == 1:
            text = f"only {rate_label(plateau['rates'][0])} lies within one accuracy point of the best"
        facts.append(("Plateau", text))
    if across.get("eta_squared") is not None:
        facts.append(
            (
                "Spread of accuracy due to the rate",
                f"{words.percent(across['eta_squared'], 0)} of the variance of the score",
            )
        )
    if across.get("resolution") is not None:
        facts.append(
            (
                "Resolution",
                f"{words.number(100 * across['resolution'])} points, the standard error of one accuracy on this "
                "validation set; scores closer than that "
                "count as practically tied",
            )
        )
    return facts


def trust(measured: Measured) -> list[tuple[str, str]]:
    """What a reader should know before relying on the experiment, as term and text."""
    origin = measured.tables.origin
    planned = len(measured.learning_rates) * measured.seeds
    runs = measured.runs
    missing = planned - len(runs)
    lost = int((runs["non_finite"] > 0).sum())
    pairs = len(measured.comparisons[["higher", "lower"]].drop_duplicates())
    validation = measured.dataset["parts"]["validation"]["examples"]
    on_test = origin["settings"]["validation"]["protocol"] == "test"
    few = "; too few to tell rates apart" if measured.seeds < 3 else ""
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
            f"{validation:,} examples"
            + (
                ": the test set, as tutorials do. Its accuracy is thus no independent test of the chosen rate."
                if on_test
                else " held out of the training set; the test set was not looked at to choose."
            ),
        ),
        (
            "Comparisons",
            f"{counted(pairs, 'pair')} of rates, each by accuracy and by validation loss, with Holm's "
            "correction of p values over all pairs. Intervals, and the tests behind observations and claims, stand "
            "each for itself unless they are said to be corrected. All of them say how much seeds matter on these "
            "validation examples; other examples would add an uncertainty of their own."
            if pairs
            else "No pair of rates could be compared.",
        ),
        (
            "Machine",
            f"Computed on {listed(machines)}; on another processor the last digits may differ.",
        ),
    ]


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
        "runs": (measured.runs, "every measure of every run"),
        "rates": (measured.rates, "every measure of every learning rate, with its verdict"),
        "comparisons": (measured.comparisons, "every pair of rates, paired by seed"),
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
