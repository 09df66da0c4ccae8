"""Numbers and tables as the page has them."""

from __future__ import annotations

from collections.abc import Sequence


def number(value: float) -> str:
    """Three significant digits, more where a whole number has more."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.3f}"


def spread(values: Sequence[float]) -> str:
    """From the least to the largest."""
    return f"{number(min(values))}–{number(max(values))}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
