"""Counts for the end of a test run, faults tried and inputs fuzzed; and how many inputs a run draws."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest


def pytest_configure(config):
    if asks_for_long(config) and importlib.util.find_spec("hypothesis"):  # the environment for clusters has none
        from hypothesis import settings
        from support.samples import LONG_PROFILE

        settings.register_profile(LONG_PROFILE)
        settings.load_profile(LONG_PROFILE)  # before test modules are imported, in every worker


def asks_for_long(config) -> bool:
    """Whether `-m` chooses the tests that take long."""
    return re.search(r"(?<!not )\blong\b", config.getoption("markexpr")) is not None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Tests of bad input belong to both runs: few inputs every day, many where tests may take long."""
    if asks_for_long(config):
        for item in items:
            if item.get_closest_marker("fuzz"):
                item.add_marker(pytest.mark.long)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item, call):
    """Have the report of a test of bad input, which workers send on, say how many inputs the test was given."""
    statistics = getattr(item, "hypothesis_statistics", None)
    if call.when == "call" and statistics and item.get_closest_marker("fuzz"):
        item.user_properties.append(("inputs", inputs_drawn(statistics)))


def inputs_drawn(statistics: str) -> int:
    """How many inputs hypothesis gave to a test, by its statistics; those not drawn to their end do not count."""
    counts = re.findall(r"(\d+) passing, (\d+) failing, and \d+ invalid test cases", statistics)
    return sum(int(passing) + int(failing) for passing, failing in counts)


def pytest_terminal_summary(terminalreporter):
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    write_faults(terminalreporter, reports)
    write_kills(terminalreporter, reports)
    called = [report for report in reports if getattr(report, "when", None) == "call"]
    properties = [(report, name, value) for report in called for name, value in report.user_properties]
    fuzzed = [(report, value) for report, name, value in properties if name == "inputs"]
    if fuzzed:
        failed = sum(report.failed for report, _ in fuzzed)
        terminalreporter.write_line(
            f"inputs fuzzed: {sum(value for _, value in fuzzed)}, in {len(fuzzed)} tests, of which failed: {failed}"
        )


def write_faults(terminalreporter, reports):
    """A line on the tests that recorded a fault; one is survived where no part of its test failed, its end included."""
    last = {report.nodeid: dict(report.user_properties) for report in reports if hasattr(report, "user_properties")}
    for report in reports:
        if getattr(report, "when", None) == "teardown":  # says all that the test recorded
            last[report.nodeid] = dict(report.user_properties)
    faults = {name: recorded for name, recorded in last.items() if "fault" in recorded}
    if faults:
        survived = faults.keys() - {report.nodeid for report in reports if getattr(report, "failed", False)}
        lost, tracebacks = (
            sum(recorded.get(what, 0) for recorded in faults.values()) for what in ("runs lost", "tracebacks")
        )
        terminalreporter.write_line(
            f"faults tried: {len(faults)}, survived: {len(survived)}, finished runs lost: {lost}, "
            f"tracebacks: {tracebacks}"
        )


def write_kills(terminalreporter, reports):
    """A line on the kills at random moments that tests counted."""
    called = [report for report in reports if getattr(report, "when", None) == "call"]
    recorded = [value for report in called for name, value in report.user_properties if name == "kills"]
    if recorded:
        names = ("tried", "met something running", "met a write", "trained twice", "bytes that differ", "tracebacks")
        counts = {name: sum(counts.get(name, 0) for counts in recorded) for name in names}
        terminalreporter.write_line("kills " + ", ".join(f"{name}: {count}" for name, count in counts.items()))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def project(here):
    """A folder to work in, with something that a config can name as its data."""
    (here / "data").mkdir()
    return here


@pytest.fixture
def work(here):
    """A folder to work in, with a data set and its manifest."""
    from support.samples import idx_folder

    idx_folder(here / "data")
    from lrbench.identity.provenance import write_sealed

    write_sealed(here / "manifest.json", {"digest": "d"})
    return here


@pytest.fixture
def tables(work):
    """The folder to work in, with the tables of one run and their analysis."""
    from support.commands import write_experiment

    write_experiment(work)
    return work


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """The finished run of the tiny experiment, one for all processes of the tests.

    Tests read it and run snakemake on copies of it: while one copies it, nothing in it may change.
    """
    from support.shared import made_once
    from support.workspace import Workspace, write_blobs

    def run(folder):
        workspace = Workspace(folder)
        write_blobs(folder / "blobs.npz")
        workspace.configure()
        workspace.snakemake()

    return Workspace(made_once(tmp_path_factory, "base", run))


@pytest.fixture
def at_work(tmp_path_factory):
    """Starts a process of a name, with arguments, in a folder."""
    programs, started = tmp_path_factory.mktemp("programs"), []

    def start(folder, name: str, *arguments: str, seconds: float = 60) -> subprocess.Popen:
        (programs / name).write_text(f"import time\nprint('', flush=True)\ntime.sleep({seconds})")
        command = [sys.executable, str(programs / name), *arguments]
        started.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE))
        started[-1].stdout.readline()
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
