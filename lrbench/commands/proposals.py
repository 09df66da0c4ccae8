"""What to train next, on the command line: the proposals of an experiment, and the config that one of them asks for."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrbench.errors import InputError
from lrbench.next_config import FRESH
from lrbench.places import PROJECT

if TYPE_CHECKING:
    from lrbench.settings.experiment import Experiment


def what_next(config: str, take: str | None, write: Path | None, force: bool, store: Path) -> None:
    """Print what an experiment's results propose, or write the config of one proposal.

    take : the rule of the proposal; the first if not given
    write : where to write its config; without it all proposals are printed
    force : also over an existing file
    """
    from lrbench.commands.searches import with_plan
    from lrbench.sentences import printable
    from lrbench.settings.companions import companion
    from lrbench.settings.experiment import read_experiments
    from lrbench.workspace.making import located

    (experiment,) = read_experiments([located(config)], folders=(".", PROJECT)).values()
    experiment = with_plan(
        companion(experiment) or experiment
    )  # where weights are carried over, no rate says anything alone
    content, runs = _read(experiment)
    if write is None:
        if take is not None or force:
            raise InputError("--take and --force are for --write; name the file to write by it.")
        for line in _lines(config, experiment, content, _seconds_per_epoch(runs, store, experiment.epochs)):
            print(printable(line))
        return
    proposal = _chosen(experiment, content, take)
    name = _write(experiment, proposal, write, force)
    print(printable(f"{write}: the experiment {name}: {proposal['title']}; train it by lrbench make {_word(write)}"))


def _word(path: Path | str) -> str:
    return shlex.quote(str(path))


def _read(experiment: Experiment) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """The content of an experiment's next.json and its runs; InputError where they are missing or of other settings."""
    from lrbench.identity.provenance import read_json
    from lrbench.tables.conclusions import NEXT, files_of_analysis
    from lrbench.tables.experiment import read_tables
    from lrbench.tables.names import ANALYSIS_INDEX, TABLES_INDEX

    results = Path("results") / experiment.name
    if not (results / ANALYSIS_INDEX).exists():
        raise InputError(f"{experiment.config_path}: has no results here; train it first by lrbench make.")
    tables = read_tables(results / TABLES_INDEX, experiment.training_settings, experiment.plan)
    files = files_of_analysis(results / ANALYSIS_INDEX, ("next",), experiment.analysis_settings, tables.digest)
    return read_json(files["next"], NEXT), tables.origin["runs"]


def _seconds_per_epoch(runs: list[Mapping[str, Any]], store: Path, epochs: int) -> float | None:
    """The median over the runs of the seconds that an epoch took, with its evaluations; None if no time is kept."""
    import statistics

    from lrbench.identity.provenance import read_json

    seconds = []
    for run in runs:
        try:
            seconds.append(float(read_json(store / run["run_key"] / "execution.json", {"seconds": float})["seconds"]))
        except InputError:  # a run's times are no part of its result, and may be gone
            continue
    return statistics.median(seconds) / epochs if seconds else None


def _lines(config: str, experiment: Experiment, content: Mapping[str, Any], seconds: float | None) -> Iterator[str]:
    from lrbench.next_config import changes_text
    from lrbench.training_words import duration
    from lrbench.wording import counted

    proposals = content["proposals"]
    yield f"{experiment.name}: {counted(len(proposals), 'proposal') if proposals else content['statement']}"
    name = _free_name(experiment.name)
    for proposal in proposals:
        cost = f"{counted(proposal['runs'], 'run')}, {counted(proposal['epochs'], 'epoch')} in all"
        long = "" if seconds is None else f", about {duration(seconds * proposal['epochs'])} of one core here"
        asks = (FRESH if experiment.companion_of is not None else {}) | proposal["asks"]
        yield ""
        yield f"{proposal['title']}: {cost}{long}"
        yield f"  {proposal['reason']}"
        yield from (f"    {line}" for line in changes_text(name, asks).splitlines())
        yield f"  lrbench next {_word(config)} --take {proposal['rule']} --write {_word(name + '.yaml')}"
    if not proposals:
        yield from (f"  {one['reason']}" for one in content["settled"])


def _free_name(name: str, write: Path | None = None) -> str:
    """The first of the names that follow an experiment's that has no results and no config here, but that to write."""
    from lrbench.next_config import next_name

    name = next_name(name)
    while any(
        Path(place).exists() and (write is None or Path(place).absolute() != write.absolute())
        for place in (f"results/{name}", f"reports/{name}.html", f"{name}.yaml")
    ):
        name = next_name(name)
    return name


def _chosen(experiment: Experiment, content: Mapping[str, Any], take: str | None) -> Mapping[str, Any]:
    proposals = {proposal["rule"]: proposal for proposal in content["proposals"]}
    if not proposals:
        raise InputError(
            f"{experiment.config_path}: its results propose nothing; lrbench next without --write says why."
        )
    if take is not None and take not in proposals:
        raise InputError(f"--take is {take!r}, which is not proposed; take {' or '.join(proposals)}.")
    return proposals[take] if take is not None else content["proposals"][0]


def _write(experiment: Experiment, proposal: Mapping[str, Any], write: Path, force: bool) -> str:
    """Write the config of a proposal, whole or not at all; the name of its experiment."""
    from lrbench.identity.provenance import write_text
    from lrbench.settings.yaml_files import read_yaml, yaml_text

    if os.path.lexists(write) and not force:
        raise InputError(f"{write}: exists; name another file, or give --force to write over it.")
    if os.path.exists(write) and os.path.samefile(write, experiment.config_path):
        raise InputError(f"{write}: is the config that the proposal comes from; name another file.")
    name = _free_name(experiment.name, write)
    content = read_yaml(experiment.config_path) | {"experiment": name} | dict(proposal["asks"])
    if experiment.companion_of is not None:
        content |= FRESH
    if experiment.model_path is not None:
        beside = os.path.relpath(experiment.model_path, write.parent)
        content["model"] = content["model"] | {"file": beside}
    write_text(write, yaml_text(content))
    return name
