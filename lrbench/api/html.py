"""What notebooks show of results: the answer and a table, in the notebook's own colours."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lrbench.reporting.inputs import Measured
from lrbench.reporting.sections.verdicts import verdict_rows
from lrbench.wording import MISSING, rate_label


def experiment_html(name: str, measured: Measured) -> str:
    """The answer of an experiment and its verdicts, the highest rate first."""
    verdicts = verdict_rows(measured)
    kept = [] if verdicts["target"] is None else [f"Steps until {verdicts['target']} is kept"]
    heads = [measured.rate_heading, "Verdict", "Score, %", "Final validation loss", "Runs that learned", *kept]
    rows = [
        [
            rate_label(row["learning_rate"]),
            row["verdict"] + (f" ({row['remarks']})" if row["remarks"] else ""),
            row["accuracy"],
            row["loss"],
            row["learned"],
            *([row["kept"]] if kept else []),
        ]
        for row in reversed(verdicts["rows"])
    ]
    marked = MISSING if measured.chosen is None else rate_label(measured.chosen)
    return answer_html(name, measured.recommendation["statement"], heads, rows, marked)


def answer_html(
    name: str, statement: str, heads: Sequence[str], rows: Sequence[Sequence[str]], marked: str = ""
) -> str:
    """A heading, the answer, and a table whose first column names each row; texts are escaped.

    No colour, font or script is given, so a notebook's light and dark themes show it as they show other tables.

    marked : the name of the row that is set in bold
    """
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(_row_html(row, row[0] == marked) for row in rows)
    return (
        f"<div><p><strong>{escape(name)}</strong></p><p>{escape(statement)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row_html(cells: Sequence[str], bold: bool) -> str:
    first, *others = (f"<strong>{escape(text)}</strong>" if bold else escape(text) for text in cells)
    return f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{text}</td>" for text in others) + "</tr>"
