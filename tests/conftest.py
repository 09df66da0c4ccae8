"""Counts for the end of a test run: faults tried and survived, inputs fuzzed."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re


def pytest_terminal_summary(terminalreporter):
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    properties = [(report, name, value) for report in reports for name, value in getattr(report, "user_properties", ())]
    calls = [(report, name, value) for report, name, value in properties if report.when == "call"]
    faults = [report for report, name, _ in calls if name == "fault"]
    if faults:
        survived = sum(report.passed for report in faults)
        lost = sum(value for _, name, value in calls if name == "runs lost")
        tracebacks = sum(value for _, name, value in calls if name == "tracebacks")
        terminalreporter.write_line(
            f"faults tried: {len(faults)}, survived: {survived}, finished runs lost: {lost}, tracebacks: {tracebacks}"
        )
    fuzzed = {report.nodeid: examples(value) for report, name, value in properties if name.startswith("hypothesis-")}
    if fuzzed:
        terminalreporter.write_line(f"inputs drawn by hypothesis: {sum(fuzzed.values())}, in {len(fuzzed)} tests")


def examples(statistics: str) -> int:
    """How many inputs a test of hypothesis was given, by its statistics (as text, or that in base64)."""
    with contextlib.suppress(binascii.Error, ValueError):
        statistics = base64.b64decode(statistics, validate=True).decode()
    counts = re.findall(r"(\d+) passing(?: examples)?, (\d+) failing(?: examples)?, (\d+) invalid", statistics)
    return sum(int(number) for count in counts for number in count)
