"""The figures of a report on disk: their files, and the contract of the index that says what each shows.

A figure is a module, of the report's or of a probe's; its id is the module's name with dashes.
"""

from __future__ import annotations

from types import NoneType

FIGURES_INDEX = "figures.json"  # beside the figures: written with them, read by the page
KINDS = ("svg", "png", "pdf", "csv")  # each figure is drawn as SVG, PNG and PDF, with its data as CSV
INDEX = {
    "figures": [
        {
            "alt": str,
            "caption": str,
            "columns": [str],
            "id": str,
            "name": str,
            "note": str,
            "rows": [[str]],
            "section": (str, NoneType),  # the section that shows it; None: among the figures
            "title": str,
        }
    ],
    "made_from": dict,
    "rates": [{"learning_rate": float, "marker": str}],
}


def figure_id(module: str) -> str:
    """The id of the figure that a module draws."""
    return module.rpartition(".")[2].replace("_", "-")


def figure_files(figure: str) -> list[str]:
    """The names of a figure's files."""
    return [f"{figure}.{kind}" for kind in KINDS]
