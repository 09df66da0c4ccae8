"""What comparing a large study takes: processor seconds and memory, of made-up runs."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest
from support.studies import sweep, write_study

pytestmark = pytest.mark.long
RATES = [0.0003 * 2**place for place in range(8)]
SECONDS, MEGABYTES = 20, 1000


def test_six_variants_of_eight_rates_and_five_seeds_compare_within_their_limits(tmp_path):
    made = {
        f"v{number}": sweep({rate: 0.95 - 0.02 * abs(place - number) for place, rate in enumerate(RATES)})
        for number in range(6)
    }
    asked = write_study(made, tmp_path)
    tables = [str(tmp_path / name / "tables.json") for name in made]
    analysed = [str(tmp_path / name / "analysis/analysis.json") for name in made]
    study = ["--study", json.dumps(asked)]
    figures = ["--figures", str(tmp_path / "s/figures"), "--config", "s.yaml", "--output", str(tmp_path / "s.html")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in (
        ["compare", *study, "--tables", *tables, "--analysed", *analysed, "--output", str(tmp_path / "results")],
        ["study", *study, "--compared", str(tmp_path / "results/study.json"), *figures],
    ):
        subprocess.run([sys.executable, "-m", "lrbench", *command], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    megabytes = after.ru_maxrss / (1000 if sys.platform == "linux" else 1e6)
    print(f"{seconds:.1f} CPU seconds, {megabytes:.0f} MB, page {(tmp_path / 's.html').stat().st_size / 1000:.0f} kB")
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
