"""The measures of a run that the page shows for every rate, as the median over its runs, and defines in words.

Each is a column of the table `runs`, and is summarised in the table `rates`; `lrbench.analysis.runs` computes it. The
other columns of `runs` are those that rules of the analysis read.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A measure of one run.

    name : its column in `runs`
    heading : what the page calls it
    definition : what it is, as the page says: how it is computed, and when it is not available
    unit : of its values; shares are shown in percent
    larger_is_worse : of two runs, whether that with the larger value did worse; infinite values then count as such
    """

    name: str
    heading: str
    definition: str
    unit: str
    larger_is_worse: bool = True

    @property
    def anchor(self) -> str:
        """Where in the page its definition stands."""
        return f"def-{self.name.replace('_', '-')}"


BACKTRACK = Measure(
    "backtrack",
    "Backtrack",
    "Sum of the upward moves of training loss from epoch end to epoch end, over the sum of all moves. 0: it only "
    "falls, or does not move; 1: it only rises. Not available with one epoch.",
    unit="share",
)
MEASURES = (BACKTRACK,)
