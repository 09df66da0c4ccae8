"""A look at what is there of experiments so far, while they train or after an interruption."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrbench.errors import InputError
from lrbench.places import PROJECT

if TYPE_CHECKING:
    from lrbench.live.so_far import RateSoFar, SoFar
    from lrbench.settings.experiment import Experiment

RESULTS, LOGS = Path("results"), Path("logs")


def peek(experiment: str | None, store: Path) -> None:
    """Print what is there of an experiment, a search or the variants of a study: a table of rates, never a report.

    experiment : its name, or its config file; all that were trained here if not given
    """
    from rich.console import Console

    from lrbench.live.so_far import so_far
    from lrbench.workspace.processes import working

    at_work = bool(working(".", "snakemake") or working(".", "lrbench"))
    console = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
    for number, one in enumerate(_experiments(experiment).values()):
        if number:
            console.print()
        console.print(so_far(looked_at(one, store, at_work)))


def _experiments(asked: str | None) -> Mapping[str, Experiment]:
    """The experiments that a name or a config file means."""
    from lrbench.settings.study import read_configs
    from lrbench.workspace.launch import recorded_configs
    from lrbench.workspace.making import located

    folders = (".", PROJECT)
    configs = recorded_configs(".")
    if asked is not None and asked not in configs and os.path.exists(located(asked)):
        return read_configs([located(asked)], folders=folders).experiments
    if asked is not None and asked not in configs:
        names = ", ".join(sorted(configs)) or "none"
        raise InputError(f"{asked!r} is no config file, and the experiments and studies that began here are: {names}.")
    if not configs:
        raise InputError("no experiment has begun here; name a config file, or train one by lrbench run.")
    found: dict[str, Experiment] = {}
    for name in [asked] if asked is not None else sorted(configs):
        read = read_configs([configs[name]], folders=folders)
        found |= read.experiments if name in read.studies else {name: read.experiments[name]}
    return found


def looked_at(experiment: Experiment, store: Path, at_work: bool) -> SoFar:
    """What is there of one experiment.

    at_work : whether somebody trains here, so that what a log has of an unfinished run still counts
    """
    from lrbench.live.so_far import RateSoFar, SoFar
    from lrbench.tables.plan import seeds_by_rate
    from lrbench.wording import rate_label

    plan, part = _plan(experiment)
    runs = _stored(experiment, plan, store)
    rates: list[RateSoFar] = []
    for rate, seeds in seeds_by_rate(plan).items():
        finished = {seed: runs[rate, seed] for seed in seeds if (rate, seed) in runs}
        begun = _begun(experiment, rate, [seed for seed in seeds if seed not in finished])
        rates.append(RateSoFar(rate_label(rate), len(seeds), experiment.epochs, finished, begun))
    page = Path("reports") / f"{experiment.name}.html"
    return SoFar(experiment.name, rates, part, at_work, str(page) if page.exists() else None)


def _plan(experiment: Experiment) -> tuple[Mapping[str, Any], str]:
    """The runs that are planned by now, and which part of all they are."""
    if not experiment.searches:
        return experiment.plan, ""
    from lrbench.findings.rounds import first_round
    from lrbench.live.watched import decided_rounds, present_plan

    results = RESULTS / experiment.name
    plan = present_plan(results, first_round(experiment.analysis_settings))
    rounds, ended = decided_rounds(results)
    if ended:
        return plan, "of all rounds"
    return plan, f"up to round {rounds + 1}" if rounds else "of round 1"


def _stored(experiment: Experiment, plan: Mapping[str, Any], store: Path) -> dict[tuple[float, int], float]:
    """The last validation accuracy of each run of a plan that is in the store, by rate and seed."""
    from lrbench.identity.provenance import read_sealed, run_key
    from lrbench.learning.settings import RunSettings
    from lrbench.learning.store import RunStore
    from lrbench.stages import STAGES
    from lrbench.tables.plan import seeds_by_rate

    try:
        data = read_sealed(RESULTS / experiment.name / "dataset" / "manifest.json", {"digest": str})["digest"]
    except InputError:  # no job has begun yet
        return {}
    origin = STAGES["train" if experiment.model_path is None else "train-own-model"].origin()
    runs, found = RunStore(store), {}
    for rate, seeds in seeds_by_rate(plan).items():
        for seed in seeds:
            settings = RunSettings.of(experiment.training_settings, rate, seed).as_json()
            key = run_key(settings, data, origin["code"], origin["versions"])
            try:
                runs.manifest(key)
                found[rate, seed] = float(runs.table(key, "epochs")["val_accuracy"].iloc[-1])
            except InputError:  # not there yet, or damaged, and then trained again
                continue
    return found


def _begun(experiment: Experiment, rate: float, seeds: list[int]) -> dict[int, tuple[int, float]]:
    """Finished epochs and the last accuracy of runs that are not finished, as the logs of their jobs have them."""
    from lrbench.live.job_logs import JobLog
    from lrbench.settings.experiment import seed_blocks
    from lrbench.wording import rate_label

    found: dict[int, tuple[int, float]] = {}
    for block, own in seed_blocks(seeds, experiment.seeds_per_job).items():
        log = JobLog(LOGS / experiment.name / "train" / f"lr-{rate_label(rate)}" / f"block-{block}.log", rate)
        log.read(0.0)
        found |= {seed: (log.epochs[seed], log.accuracies[seed]) for seed in own if seed in log.epochs}
    return found
