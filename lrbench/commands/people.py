"""The subcommands that people call: check a config, run the workflow, check that results are what they say."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrbench.errors import InputError
from lrbench.places import DEFAULT_CONFIG, PROJECT
from lrbench.wording import rate_label

if TYPE_CHECKING:
    from lrbench.settings.experiment import Experiment

DEFAULT_CORES = "3"  # as in the Makefile
RUN_USAGE = "lrbench run [CONFIG ...] [--cores N] [-- OPTION ...]"
RUN = """\
Run the workflow in this folder: check the configs and the headers of their data, train, write the reports.

  lrbench new mine.yaml              a commented config to edit, of the experiment `mine`
  lrbench run mine.yaml              train; the last line says where the report is
  lrbench run mine.yaml -- --dry-run    what would run; options of snakemake stand after --
  lrbench run                        the default experiment: three rates on MNIST, one to five minutes

Results, reports and logs are written here; a second call runs only what changed.
After a kill: lrbench ready, then lrbench run mine.yaml -- --unlock, then lrbench run mine.yaml."""


def check(
    config: Sequence[str], report: bool = False, build: bool = False, time: bool = False, cores: int | None = None
) -> None:
    """Check config files and their data's headers, and say what they ask for.

    report : only say where their reports are written
    build : also build each model, which runs a person's own file, and say its layers and how long training will take
    time : also try a few steps of each experiment, and say how long training will take with so many jobs side by side,
        and what of it is in the store; cores : DEFAULT_CORES if not given
    """
    from lrbench.sentences import printable
    from lrbench.settings.study import read_configs
    from lrbench.workspace.launch import refuse_other_configs
    from lrbench.workspace.making import located
    from lrbench.workspace.surroundings import check_surroundings

    files = [located(file) for file in config]
    if report:
        for page in _pages(files):
            print(printable(str(page)))
        return
    check_surroundings(".")
    asked = read_configs(files, folders=(".", PROJECT))
    experiments = asked.experiments
    refuse_other_configs(".", asked.configs)
    from lrbench.learning.outline import check_outline

    for experiment in experiments.values():
        check_outline(experiment.dataset_path, experiment.split_settings)
    for name, experiment in experiments.items():
        print(f"{name}: {_asked(experiment)} x {experiment.epochs} epochs on {printable(experiment.dataset_name)}")
        if build:
            from lrbench.learning.trying import tried

            given = (
                experiment.training_settings,
                experiment.largest_plan,
                experiment.dataset_path,
                experiment.model_path,
            )
            for line in tried(*given):
                print(printable(line), flush=True)
    if time:
        from lrbench.commands.times import say_times

        say_times(experiments, cores or int(DEFAULT_CORES))


def new(file: Path, source: str, force: bool) -> None:
    """Write a commented config, whole or not at all.

    source : the name of the config that comes with lrbench and that it begins as
    force : also over an existing file
    """
    from lrbench.identity.provenance import write_text
    from lrbench.sentences import printable
    from lrbench.settings.shipped import config_named_after, shipped_configs

    if os.path.lexists(file) and not force:
        raise InputError(f"{file}: exists; name another file, or give --force to write over it.")
    write_text(file, config_named_after(file, shipped_configs()[source]))
    print(printable(f"{file}: edit it, then train it by lrbench run {shlex.quote(str(file))}"))


def run(config: Sequence[str], cores: str | None, snakemake: Sequence[str]) -> int:
    """Run the workflow here on config files, the default experiment if none is given; snakemake's exit status.

    snakemake : further words of its command line
    """
    from lrbench.workspace.making import located

    return _train(
        [located(file) for file in config] or [str(DEFAULT_CONFIG)], [f"--cores={cores or DEFAULT_CORES}", *snakemake]
    )


def _asked(experiment: Experiment) -> str:
    """The rates and seeds that a config asks for; of a search the most that it may ask for."""
    rates, seeds = experiment.learning_rates, len(experiment.seeds)
    search = experiment.config.search
    if search is None:
        return f"{len(rates)} learning rates x {seeds} seeds"
    limits = " to ".join(map(rate_label, rates))
    return f"a search from {limits}, at most {search.rates.at_most} learning rates x {seeds} seeds"


def make(
    config: Sequence[str],
    configs: str | None,
    cores: str | None,
    workflow_profile: str | None,
    slurm_status_command: str | None,
    unlock: bool,
) -> int:
    """Check config files, run snakemake on them, and say where their reports are; snakemake's exit status."""
    from lrbench.workspace.making import config_files, located

    named = [*config, *(config_files(configs) if configs is not None else [])]
    if not named:
        raise InputError("no config file is given; name one; lrbench new writes one to begin with.")
    flags = {
        "--cores": cores or (None if workflow_profile else DEFAULT_CORES),
        "--workflow-profile": None if workflow_profile is None else located(workflow_profile),
        "--slurm-status-command": slurm_status_command,
    }
    given = [f"{flag}={value}" for flag, value in flags.items() if value is not None]
    return _train([located(file) for file in named], given, unlock)


def _train(files: Sequence[str], given: Sequence[str], unlock: bool = False) -> int:
    from lrbench.workspace.making import run, snakemake_command

    check(files)
    status = 0
    if unlock:
        status = run(snakemake_command(files, [*given, "--unlock", "--quiet=all"]))
    status = status or run(snakemake_command(files, given))
    if status == 0 and all(os.path.exists(page) for page in _pages(files)):  # a dry run, for one, writes none
        print("The report: " if len(files) == 1 else "The reports: ", end="")
        check(files, report=True)
    return status


def _pages(files: Sequence[str]) -> list[Path]:
    """Where the reports of config files are written, of a study its page."""
    from lrbench.settings.study import read_configs

    return [Path("reports").absolute() / f"{name}.html" for name in read_configs(files, folders=(".", PROJECT)).pages]


def verify(
    tables: Sequence[Path],
    data: Sequence[str],
    store: Path,
    pages: Sequence[Mapping[str, Any]] | None,
    studies: Sequence[Mapping[str, Any]],
    templates: Path,
    run: str | None,
    draw: int | None,
    models: Sequence[str] | None,
    fit: bool,
) -> None:
    """Compute what pages rest on again, train a stored run anew, and compare."""
    from lrbench.learning.store import RunStore
    from lrbench.learning.verification import choose_run
    from lrbench.learning.verification import verify as verify_run
    from lrbench.rechecking import recheck, recheck_study
    from lrbench.tables.experiment import check_tables
    from lrbench.workspace.surroundings import check_address_space

    check_address_space()
    if len(tables) != len(data):
        raise InputError(f"--data names {len(data)} for {len(tables)} of --tables; name one for each.")
    if pages is not None and len(pages) != len(tables):
        raise InputError(f"--pages describes {len(pages)} for {len(tables)} of --tables; describe one for each.")
    if models is not None and len(models) != len(tables):
        raise InputError(f"--models names {len(models)} for {len(tables)} of --tables; name one for each, - for none.")
    key, place = choose_run(tables, run, draw)
    for path in tables:
        check_tables(path)
    for path, page in zip(tables, pages or (), strict=False):
        print(f"lrbench: {recheck(page, path, store, templates)}", flush=True)
    for study in studies:
        print(f"lrbench: {recheck_study(study, templates)}", flush=True)
    model = None if models is None or models[place] == "-" else models[place]
    if not fit:
        print(f"lrbench: {verify_run(key, data[place], RunStore(store), model)}")
        return
    from lrbench.learning.fitting import compare_fit, said_of_fit
    from lrbench.tables.fit import fit_file, write_fit

    record = compare_fit(key, data[place], RunStore(store), model)
    write_fit(fit_file(tables[place]), record)
    print(f"lrbench: {said_of_fit(record)}")


def export(
    kind: str, config: str, output: str, experiment: str | None, rate: float | None, seed: int | None, store: Path
) -> None:
    """Take what was trained into another tool: a run's model, or the results of an experiment.

    kind : keras, or one of lrbench.exports
    output : file or folder to write, or the address of a store
    experiment : which of those that the config brings; if not given its own, but of a study one must be named
    rate, seed : of the run whose model it is; the recommended rate and the lowest seed if not given
    """
    from lrbench.api.experiment import load
    from lrbench.exports import MODULES
    from lrbench.exports import export as exported
    from lrbench.identity.provenance import read_json, read_sealed
    from lrbench.learning.exporting import SAVERS, run_of
    from lrbench.learning.store import RunStore
    from lrbench.learning.verification import TABLES_SHAPE
    from lrbench.settings.study import read_configs
    from lrbench.tables.conclusions import RECOMMENDATION
    from lrbench.workspace.making import located
    from lrbench.workspace.surroundings import check_address_space

    if kind not in MODULES:  # it loads TensorFlow
        check_address_space()
    elif (rate, seed) != (None, None):
        raise InputError(f"--rate and --seed name the run whose model is saved; leave them out for {kind}.")
    if not output:
        raise InputError("no place to write is named; give a file, a folder or an address.")
    asked = read_configs([located(config)], folders=(".", PROJECT))
    experiments = asked.experiments
    if asked.studies if experiment is None else experiment not in experiments:
        raise InputError(f"{config}: its experiments are {', '.join(experiments)}; name one with --experiment.")
    own = experiments[experiment or next(iter(experiments))]
    results = Path("results") / own.name
    if kind in MODULES:
        print(f"lrbench: {exported(kind, load(results), output)}")
        return
    runs = read_sealed(results / "tables.json", TABLES_SHAPE)["runs"]
    if rate is None:
        rate = read_json(results / "recommendation.json", RECOMMENDATION)["chosen"]
        if rate is None:
            raise InputError(f"{results}: no rate is recommended; name one with --rate.")
    key = run_of(runs, rate, min(run["seed"] for run in runs) if seed is None else seed)
    print(f"lrbench: {SAVERS[kind](key, own.dataset_path, RunStore(store), Path(output), own.model_path)}")
