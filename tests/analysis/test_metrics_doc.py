"""docs/metrics.md: every worked example comes out as written, and every measure and threshold is there."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from lrbench.settings.thresholds import Thresholds

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_worked_examples_come_out():
    text = DOCUMENT.read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, "metrics.md", str(DOCUMENT), 0)
    lines: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(examples, out=lines.append)
    assert result.failed == 0, "".join(lines)
    assert result.attempted > 40


@pytest.mark.parametrize("threshold", list(Thresholds.model_fields))
def test_every_threshold_is_explained(threshold):
    assert f"**`{threshold}`**" in DOCUMENT.read_text(encoding="utf-8")
