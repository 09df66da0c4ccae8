"""What the benchmarks measure and how they judge growth, apart from the page that they write."""

from __future__ import annotations

import re
import sys

import pytest
from support.workspace import PROJECT

from benchmarks.growth import Curve, Fit
from benchmarks.processes import run


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_a_fit_finds_the_fixed_part_and_the_exponent(exponent):
    sizes = [1, 2, 4, 8, 16]
    fit = Fit.of(sizes, [5 + 0.5 * size**exponent for size in sizes])
    assert (fit.base, fit.factor, fit.exponent) == pytest.approx((5, 0.5, exponent), rel=1e-3)


@pytest.mark.parametrize(
    ("what", "axis", "cost", "expected"),
    [
        ("training", "seeds", lambda n: 5 + 0.5 * n, "linear"),
        ("training", "seeds", lambda n: 700 + n, "flat"),
        ("training", "seeds", lambda n: 5 + 0.1 * n**2, "unexplained"),
        ("after training", "rates", lambda n: 5 + 0.1 * n**2, "explained"),
    ],
)
def test_growth_is_judged_by_the_part_that_grows(what, axis, cost, expected):
    sizes = [1, 2, 4, 8, 16]
    assert Curve(what, axis, "seconds", sizes, [cost(n) for n in sizes]).verdict == expected


def test_a_process_is_measured_and_its_failure_told():
    usage = run([sys.executable, "-c", "x = bytearray(60_000_000); print(len(x))"]).checked()
    assert usage.output == "60000000\n"
    assert usage.peak > 60_000_000
    assert usage.cpu > 0
    with pytest.raises(RuntimeError, match="status 3: out of luck"):
        run([sys.executable, "-c", "import sys; sys.stderr.write('out of luck'); sys.exit(3)"]).checked()


def pins(name: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+==\S+(?: ;.*?)?) \\$", (PROJECT / name).read_text(), re.MULTILINE))


def test_what_is_measured_is_what_runs():
    assert pins("requirements.lock") - pins("requirements-benchmark.lock") == set()


def test_noise_on_a_straight_line_is_no_power():
    assert Fit.of([1, 2, 4, 16], [4.1, 4.0, 4.1, 4.8]).exponent == 1
    assert Fit.of([1, 2, 4, 16], [4.6, 5.4, 6.4, 14.6]).exponent == 1
    assert Fit.of([1, 2, 4, 16], [4.1, 4.0, 4.1, 9.6]).exponent > 1.5
