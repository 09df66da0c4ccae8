"""A run of snakemake as its events tell it: takes them one by one, and says what is worth a line."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from logging import WARNING, LogRecord
from pathlib import Path

from lrbench.live.lines import OWN_WORDS, TRAIN, answer, rate_line, stage_line
from lrbench.live.progress import DONE, Progress
from lrbench.live.screens import Screen
from lrbench.live.view import Shown
from lrbench.live.watched import Block, Told
from lrbench.places import SAYS_REPORTS

PASSED_OVER = (  # snakemake's events that say nothing which is not shown otherwise
    "run_info",
    "resources_info",
    "workflow_started",
    "rulegraph",
    "job_started",
    "group_info",
    "shellcmd",
)
NOISE = (  # how other lines of snakemake begin that say nothing of this run
    "Assuming unrestricted shared filesystem usage",
    "Building DAG of jobs",
    "Conda environments: ignored",
    "DAG of jobs will be updated",
    "Execute ",
    "Select jobs to execute",
    "Singularity containers: ignored",
    "Updating checkpoint dependencies",
    "Using shell:",
    "host: ",
)
SUBMITTED = " has been submitted with SLURM jobid "
AFTER_FAILURE = ("Complete log(s):", "Elapsed time:")
NOTHING = "Nothing to be done"


@dataclass(frozen=True)
class _Job:
    rule: str
    wildcards: dict[str, str]

    @property
    def block(self) -> Block | None:
        """Which training job it is; None where it is another one."""
        if self.rule != TRAIN:
            return None
        return self.wildcards["experiment"], self.wildcards["learning_rate"], self.wildcards["block"]

    @property
    def name(self) -> str:
        return self.wildcards.get("experiment") or self.wildcards.get("study") or ""


class Show:
    """Shows one run.

    screen : where; told : what the workflow says of its experiments; clock : gives seconds
    """

    def __init__(self, screen: Screen, told: Told, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen, self._told, self._clock = screen, told, clock
        self._lock = threading.RLock()
        self._progress: Progress | None = None
        self._running: dict[int, _Job] = {}
        self._jobs = (0, 0)
        self._said: set[tuple[str, str]] = set()  # rates of experiments that are known to be trained
        self._written: set[str] = set()  # pages
        self._failed = self._nothing = False
        self._ended = threading.Event()
        self._ticking: threading.Thread | None = None

    def take(self, record: LogRecord) -> bool:
        """Take in an event; whether that was all, so that snakemake's own words for it are not shown."""
        event = str(getattr(record, "event", None) or "")
        if not self._told.experiments:  # another workflow's, or nobody has told yet
            return self.is_noise(record)
        with self._lock:
            if record.levelno >= WARNING:
                self._failed = self._failed or record.levelno > WARNING
                if event == "job_error":
                    self._fail(record)
                return False
            if event == "job_info":
                self._begin(record)
            elif event == "job_finished":
                self._finish(record)
            elif event == "progress":
                self._jobs = int(getattr(record, "done", 0)), int(getattr(record, "total", 0))
            elif event not in PASSED_OVER:
                self._nothing = self._nothing or str(record.msg).startswith(NOTHING)
                return self.is_noise(record)
        return True

    def is_noise(self, record: LogRecord) -> bool:
        """Whether a line of snakemake that is no event says nothing of this run."""
        if getattr(record, "event", None) or record.levelno >= WARNING:
            return False
        words = str(record.msg or "")
        return not words or words.startswith(NOISE if self._failed else NOISE + AFTER_FAILURE) or SUBMITTED in words

    def pass_on(self, words: str, style: str = "") -> None:
        """Show words of snakemake itself."""
        with self._lock:
            self._screen.pass_on(words, style)

    def _begin(self, record: LogRecord) -> None:
        wildcards = {name: str(value) for name, value in dict(getattr(record, "wildcards", None) or {}).items()}
        job = _Job(str(getattr(record, "rule_name", "")), wildcards)
        self._running[int(getattr(record, "jobid", -1))] = job
        if self._progress is None:
            self._progress = Progress(self._told.experiments, self._told.needed)
            self._note_trained(silently=True)
        logs = list(getattr(record, "log", None) or [])
        if job.block is not None and logs:
            self._progress.begin(job.block, Path(str(logs[0])))
        if job.rule in OWN_WORDS:
            self._screen.pause()
        else:
            self._show()
        if self._ticking is None:
            self._ticking = threading.Thread(target=self._tick, name="lrbench-live", daemon=True)
            self._ticking.start()

    def _finish(self, record: LogRecord) -> None:
        job = self._running.pop(int(getattr(record, "job_id", -1)), None)
        if job is None or self._progress is None:
            return
        if job.block is not None:
            self._progress.finish(job.block, self._clock())
            self._note_trained()
        results = next((one.results for one in self._told.experiments if one.name == job.name), None)
        line = stage_line(job.rule, job.wildcards, results)
        if job.rule in ("report", "study"):
            self._written.add(job.name)
        if line:
            self._screen.line(line)
        self._show()

    def _fail(self, record: LogRecord) -> None:
        job = self._running.pop(int(getattr(record, "jobid", -1)), None)
        if job is not None and job.block is not None and self._progress is not None:
            self._progress.fail(job.block)

    def _note_trained(self, silently: bool = False) -> None:
        """Say of each rate that is trained by now that it is, once."""
        assert self._progress is not None  # noqa: S101
        for experiment in self._told.experiments:
            for rate in self._progress.rates(experiment.name, self._clock()):
                key = experiment.name, rate.label
                if rate.state != DONE:
                    self._said.discard(key)  # a search has asked for more of its runs
                elif key not in self._said:
                    self._said.add(key)
                    if not silently:
                        self._screen.line(rate_line(experiment.name, rate))

    def _tick(self) -> None:
        while not self._ended.wait(self._screen.interval):
            with self._lock:
                try:
                    if not self._ended.is_set():
                        self._show()
                except OSError:  # nobody reads any more
                    return

    def _show(self) -> None:
        """Show how far the run is, as it is now."""
        if self._progress is None or any(job.rule in OWN_WORDS for job in self._running.values()):
            return
        now = self._clock()
        self._progress.plan()
        self._progress.refresh(now)
        epochs, planned, left = self._progress.total(now)
        several = len(self._told.experiments) > 1
        jobs = [job for job in self._running.values() if job.rule != TRAIN]
        others = [f"{job.rule} {job.name}".strip() if several else job.rule for job in jobs]
        of = [(one.name, self._progress.rates(one.name, now)) for one in self._told.experiments]
        self._screen.show(Shown(of, epochs, planned, left, self._jobs, others), now)

    def close(self) -> None:
        """Leave the screen as it stays: after a run that went well, with the answers and their pages."""
        if self._ended.is_set():
            return
        self._ended.set()
        with self._lock:
            self._screen.pause()
            done, jobs = self._jobs
            if done < jobs or not (jobs or self._nothing):
                return
            for name, (results, page) in self._told.pages.items():
                said = answer(name, results)
                if said and page.exists() and (name in self._written or self._told.whole()):
                    self._screen.line(said, "bold")
                    if SAYS_REPORTS not in os.environ:
                        self._screen.line(f"The report: {page}")
