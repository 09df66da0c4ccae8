"""One number has one rounding on the page: in sentences, in tables and in the descriptions of figures."""

from support import pages, stage_files
from support.histories import experiment, flat

from lrbench.reporting.sections.verdicts import verdict_rows

# Mean scores 96.0 and 95.206 %: a difference of 0.794 points, shown with one digit since the interval is not narrow;
# the scores of 0.01 differ by 0.16 % in sd.
SCORES = {0.001: (0.9584, 0.96, 0.9616), 0.01: (0.9520, 0.9521, 0.95208)}


def scored():
    return experiment({rate: [flat(one) for one in own] for rate, own in SCORES.items()})


def test_a_difference_of_scores_is_rounded_alike_in_the_answer_and_under_its_figure():
    made = stage_files.measured(scored)
    alt = pages.drawing("differences", made).alt
    assert "0.01 minus 0.001: −0.8 percentage points" in alt
    assert made.recommendation["cards"][1]["value"] == "0.8 points"


def test_a_standard_deviation_is_rounded_alike_in_the_table_of_verdicts_and_in_sentences():
    row = next(row for row in verdict_rows(stage_files.measured(scored))["rows"] if row["learning_rate"] == 0.001)
    assert row["accuracy"] == "96.0 ± 0.16"
