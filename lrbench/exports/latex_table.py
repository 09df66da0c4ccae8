"""The learning rates of an experiment as a table for LaTeX, with the intervals of score and loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from lrbench.analysis.measurements import by_seed
from lrbench.analysis.statistics import Interval, t_interval
from lrbench.api.experiment import Results
from lrbench.errors import InputError
from lrbench.identity.provenance import write_text
from lrbench.tables.analysis import FEWEST_SEEDS
from lrbench.wording import fixed, interval_level, rate_label

SUFFIX = ".tex"
NONE = "--"
ESCAPES = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "–": "--",
    "×": r"$\times$",
    "±": r"$\pm$",
    "½": r"$\frac{1}{2}$",
    "\u00a0": "~",
}


def export(results: Results, output: str) -> str:
    """Write the table to a file that a document inputs; a sentence that says so.

    Raises InputError where the file's name ends otherwise than with .tex.
    """
    if Path(output).suffix != SUFFIX:
        raise InputError(f"{output}: LaTeX inputs files whose names end with {SUFFIX}; give such a name.")
    write_text(output, latex_table(results))
    return rf"{output}: the learning rates of {results.name}; \usepackage{{booktabs}}, then \input it."


def latex_table(results: Results) -> str:
    """The table: a row for each learning rate, the highest first, the recommended one in bold."""
    measured = results.measured
    significance = measured.thresholds["significance"]
    level = escaped(interval_level(significance))

    def accuracy(share: float) -> str:
        return measured.accuracy(min(max(share, 0.0), 1.0)).removesuffix(" %")

    rows = []
    for rate in reversed(measured.learning_rates):
        (row,) = measured.rates[measured.rates["learning_rate"] == rate].to_dict("records")
        score, loss = (
            t_interval(_values(measured.runs, column, rate), significance) for column in ("score", "final_val_loss")
        )
        cells = [
            rate_label(rate),
            str(row["verdict"]),
            f"{row['learned']} of {row['planned']}",
            *_with_interval(score, accuracy),
            *_with_interval(loss, lambda value: fixed(max(value, 0.0), 3)),
        ]
        texts = [escaped(cell) if cell != NONE else NONE for cell in cells]
        if rate == measured.chosen:
            texts = [rf"\textbf{{{text}}}" for text in texts]
        rows.append(" & ".join(texts) + r" \\")
    heads = [
        measured.rate_heading,
        "Verdict",
        "Learned",
        r"Score, \%",
        f"{level} interval",
        "Loss",
        f"{level} interval",
    ]
    return "\n".join(
        [
            r"% Needs \usepackage{booktabs}. Written by lrbench export latex.",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escaped(results.recommendation.statement)} {_note(measured.score_span)}}}",
            rf"\label{{tab:lrbench-{results.name}}}",
            r"\begin{tabular}{rlrrlrl}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def escaped(text: str) -> str:
    """Text as LaTeX sets it."""
    return "".join(ESCAPES.get(character, character) for character in text)


def _note(span: str) -> str:
    return escaped(
        f"Score: validation accuracy, {span}. Loss: final validation loss in nats. Means over the runs of a rate, with "
        "Student's intervals that are not corrected for the number of rates."
    )


def _values(runs: pd.DataFrame, column: str, rate: float) -> np.ndarray:
    return by_seed(runs, column, rate).to_numpy(dtype=float)


def _with_interval(found: Interval, text: Callable[[float], str]) -> tuple[str, str]:
    """A mean and its interval; a dash for what is not finite, and for an interval of too few seeds."""
    mean = text(found.mean) if math.isfinite(found.mean) else NONE
    known = found.n >= FEWEST_SEEDS and math.isfinite(found.low)
    return mean, f"{text(found.low)} to {text(found.high)}" if known else NONE
