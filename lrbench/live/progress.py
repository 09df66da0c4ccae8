"""How far the training of all experiments is: epochs by learning rate, the last accuracy, and the time left."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lrbench.live.job_logs import JobLog, stamp
from lrbench.live.watched import Block, Watched

WAITING, TRAINING, DONE = "waiting", "training", "done"


@dataclass(frozen=True)
class RateProgress:
    """How far the runs at one learning rate are.

    label : the rate; runs : how many are planned; epochs, planned : finished and planned ones of all runs
    accuracy : validation accuracy after the epoch that was over last; None before the first
    left : seconds that its training will still take; None where that is not known yet
    """

    label: str
    runs: int
    epochs: int
    planned: int
    accuracy: float | None
    state: str
    left: float | None


@dataclass
class _Job:
    runs: int
    epochs: int
    state: str
    log: JobLog | None = None

    @property
    def planned(self) -> int:
        return self.runs * self.epochs

    @property
    def done(self) -> int:
        if self.state == DONE:
            return self.planned
        if self.state == WAITING or self.log is None:
            return 0
        return min(self.planned, self.log.stored * self.epochs + self.log.trained)

    @property
    def running(self) -> bool:
        """Whether it is known to run, and does not wait in a queue."""
        return self.state == TRAINING and self.log is not None and self.log.speaks

    def left(self, seconds: float | None, now: float) -> float | None:
        """Seconds that it still takes, at so many an epoch."""
        if seconds is None:
            return None
        since = 0.0 if self.log is None or self.log.latest is None else min(now - self.log.latest, seconds)
        return max((self.planned - self.done) * seconds - since, 0.0)


@dataclass
class Progress:
    """The training jobs of all experiments, by what is known of each.

    needed : those that run in this call although what they write is there
    """

    experiments: Sequence[Watched]
    needed: frozenset[Block] = frozenset()
    jobs: dict[Block, _Job] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plan()

    def plan(self) -> None:
        """Take in what is planned by now; a search adds jobs after each round."""
        for experiment in self.experiments:
            for block, runs in experiment.blocks().items():
                if block not in self.jobs:
                    done = block not in self.needed and experiment.block_file(block).exists()
                    self.jobs[block] = _Job(runs, experiment.epochs, DONE if done else WAITING)
                    if done:
                        log = JobLog(_log_path(block), float(block[1]))
                        log.read(0.0)
                        self.jobs[block].log = log

    def begin(self, block: Block, log: Path) -> None:
        """A training job was started."""
        if block not in self.jobs:
            self.plan()
        if block in self.jobs:
            self.jobs[block].state = TRAINING
            self.jobs[block].log = JobLog(log, float(block[1]), stamp(log))

    def finish(self, block: Block, now: float) -> None:
        """A training job has ended well."""
        if block in self.jobs:
            self.refresh(now, [block])
            self.jobs[block].state = DONE

    def fail(self, block: Block) -> None:
        """A training job has failed; it may be tried again."""
        if block in self.jobs:
            self.jobs[block].state = WAITING

    def refresh(self, now: float, blocks: Iterable[Block] | None = None) -> None:
        """Read what the jobs that train have added to their logs."""
        for block in self.jobs if blocks is None else blocks:
            job = self.jobs[block]
            if job.state == TRAINING and job.log is not None:
                job.log.read(now)

    def rates(self, experiment: str, now: float) -> list[RateProgress]:
        """How far each learning rate of an experiment is, ascending."""
        labels = sorted({block[1] for block in self.jobs if block[0] == experiment}, key=float)
        seconds = self._seconds(experiment)
        found = []
        for label in labels:
            jobs = [job for block, job in self.jobs.items() if block[:2] == (experiment, label)]
            states = {job.state for job in jobs}
            running = [job for job in jobs if job.state == TRAINING]
            state = TRAINING if running else DONE if states == {DONE} else WAITING
            logs = [job.log for job in jobs if job.log is not None and job.log.accuracy is not None]
            last = max(logs, key=lambda log: log.latest or 0.0, default=None)
            left = self._left(jobs, seconds, now) if state == TRAINING else None
            found.append(
                RateProgress(
                    label,
                    sum(job.runs for job in jobs),
                    sum(job.done for job in jobs),
                    sum(job.planned for job in jobs),
                    None if last is None else last.accuracy,
                    state,
                    left,
                )
            )
        return found

    def total(self, now: float) -> tuple[int, int, float | None]:
        """Finished and planned epochs of all experiments, and the seconds left; None where those are not known yet."""
        lefts = [
            self._left([job for block, job in self.jobs.items() if block[0] == name], self._seconds(name), now, 1)
            for name in {block[0] for block in self.jobs}
        ]
        running = max(sum(job.running for job in self.jobs.values()), 1)
        known = None if None in lefts else sum(left for left in lefts if left is not None) / running
        jobs = self.jobs.values()
        return sum(job.done for job in jobs), sum(job.planned for job in jobs), known

    def _left(self, jobs: Sequence[_Job], seconds: float | None, now: float, beside: int | None = None) -> float | None:
        """Seconds that jobs take, so many `beside` each other; as many as run now, if not given."""
        unfinished = [job for job in jobs if job.state != DONE]
        lefts = [job.left(self._own(job, seconds), now) for job in unfinished]
        if any(left is None for left in lefts):
            return None
        running = beside or max(sum(job.running for job in unfinished), 1)
        known = [left for left in lefts if left is not None]
        return sum(known) / running

    @staticmethod
    def _own(job: _Job, seconds: float | None) -> float | None:
        own = None if job.log is None or job.state != TRAINING else job.log.seconds_per_epoch
        return seconds if own is None else own

    def _seconds(self, experiment: str) -> float | None:
        """Seconds an epoch of an experiment takes by its own jobs, else by the others'; None before the first."""
        of = {
            block: job.log.seconds_per_epoch
            for block, job in self.jobs.items()
            if job.log is not None and job.log.seconds_per_epoch is not None
        }
        own = [seconds for block, seconds in of.items() if block[0] == experiment and seconds is not None]
        every = [seconds for seconds in of.values() if seconds is not None]
        return statistics.median(own or every) if every else None


def _log_path(block: Block) -> Path:
    """Where the rule `train` has a job write its log."""
    experiment, rate, number = block
    return Path("logs") / experiment / "train" / f"lr-{rate}" / f"block-{number}.log"
