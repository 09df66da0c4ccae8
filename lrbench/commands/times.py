"""How long the training that configs ask for will take here, said before it starts."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrbench.learning.timing import Times
    from lrbench.settings.experiment import Experiment

STORE = Path("results/runs")


def experiment_times(experiment: Experiment, cores: int, planned: set[str]) -> tuple[str, float]:
    """What is said of an experiment's training, and its seconds on so many cores.

    planned : keys of runs that other experiments of the call train, to which those of this one are added
    """
    from lrbench.identity.provenance import run_key
    from lrbench.learning.settings import RunSettings
    from lrbench.learning.timing import measured
    from lrbench.settings.experiment import seed_blocks
    from lrbench.stages import STAGES
    from lrbench.tables.plan import seeds_by_rate

    settings, plan = experiment.training_settings, experiment.largest_plan
    jobs = [
        (rate, seeds)
        for rate, own in seeds_by_rate(plan).items()
        for seeds in seed_blocks(own, experiment.seeds_per_job).values()
    ]
    rate, seeds = jobs[0]
    times = measured(settings, rate, seeds[0], experiment.dataset_path, experiment.model_path)
    origin = STAGES["train" if experiment.model_path is None else "train-own-model"].origin()
    missing, stored, shared = [], 0, 0
    for rate, seeds in jobs:
        count = 0
        for seed in seeds:
            run = RunSettings.of(settings, rate, seed).as_json()
            key = run_key(run, times.data, origin["code"], origin["versions"])
            if not experiment.searches and (STORE / key / "manifest.json").is_file():
                stored += 1
            elif key in planned:
                shared += 1
            else:
                count += 1
            planned.add(key)
        if count:
            missing.append(count)
    seconds = together([times.begin + count * times.run for count in missing], cores, cores_here())
    return said(times, sum(missing), stored, shared, seconds, cores, experiment.searches), seconds


def said(times: Times, runs: int, stored: int, shared: int, seconds: float, cores: int, at_most: bool) -> str:
    """The estimate in a sentence.

    runs : to train; stored : that the store has; shared : that another experiment of the call trains
    at_most : of a search, which may be done with fewer
    """
    from lrbench.training_words import duration
    from lrbench.wording import counted, significant

    parts = [f"{counted(runs, 'run')} to train"]
    parts += [f"{counted(stored, 'run')} in the store"] if stored else []
    parts += [f"{counted(shared, 'run')} trained with another experiment"] if shared else []
    if not runs:
        return f"nothing to train: {', '.join(parts[1:])}"
    short = f", of which this machine has {cores_here()}" if cores > cores_here() else ""
    step, evaluation = significant(1000 * times.step), significant(1000 * times.evaluation)
    return (
        f"training takes {'at most ' * at_most}about {duration(seconds)} on {counted(cores, 'core')}{short}: "
        f"{', '.join(parts)}, each about {duration(times.run)} ({times.steps:,} steps of {step} ms, "
        f"{counted(times.evaluations, 'evaluation')} of {evaluation} ms)"
    )


def together(jobs: Iterable[float], cores: int, here: int) -> float:
    """Seconds until all jobs are over, the longest begun first, so many side by side.

    jobs : the seconds of each alone; here : cores of this machine; where more jobs run than that, each is slower
    """
    longest = sorted(jobs, reverse=True)
    side_by_side = max(min(cores, len(longest)), 1)
    ends = [0.0] * side_by_side
    for seconds in longest:
        heapq.heapreplace(ends, ends[0] + seconds * max(side_by_side / here, 1.0))
    return max(ends)


def cores_here() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def say_times(experiments: Mapping[str, Experiment], cores: int) -> None:
    """Print how long the training of each experiment takes, and of several all together."""
    from lrbench.sentences import printable
    from lrbench.training_words import duration
    from lrbench.wording import counted

    planned: set[str] = set()
    each: list[float] = []
    for name, experiment in experiments.items():
        line, seconds = experiment_times(experiment, cores, planned)
        print(printable(f"{name}: {line}"), flush=True)
        each.append(seconds)
    if len(each) > 1:
        print(f"all together about {duration(sum(each))} on {counted(cores, 'core')}")
