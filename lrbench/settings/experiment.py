"""An experiment: what a config asks for, checked, typed and frozen.

`read_experiments` makes every check that needs no data; whatever passes it can be run.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lrbench.data.formats import content_digest, dataset_files, format_of
from lrbench.data.formats.csv_files import CALLED as TABLE
from lrbench.errors import InputError
from lrbench.identity.model_source import source_digest
from lrbench.sentences import joined
from lrbench.settings.carried_over import CARRIED_OVER
from lrbench.settings.config import Config, data_options, training_fields
from lrbench.settings.data_sets import locate, relative, resolve_validation
from lrbench.settings.model import HIDDEN_UNITS
from lrbench.settings.model_files import BUILD, model_file
from lrbench.settings.probe_options import probe_options, probe_problems
from lrbench.settings.problems import checked
from lrbench.settings.schedules import CONSTANT
from lrbench.settings.search import limits_problems
from lrbench.settings.sections import FROM_A_CONFIG
from lrbench.settings.spelling import spelled_number, spelled_text
from lrbench.settings.yaml_files import read_yaml
from lrbench.tables.plan import LEARNING_RATES, SEEDS, seeds_by_rate
from lrbench.wording import rate_label

OF_BUILT_IN = ("backpropagation",)  # probes that work the built-in network through by hand
OF_ANY = ("mistakes",)


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    config : its settings, every default filled in, `dataset.validation` too; rates, seeds and targets ascend
    dataset_path : where the data set is, from the working directory or absolute, as `lrbench.data` takes it
    config_path : the file that describes it
    model_path : the file that builds its model, likewise; None for the built-in one
    order : where weights are carried over, the rates as they are listed, each of which begins where the one before
        ended; else empty
    companion_of : the name of the experiment that this one is set against, with the same settings and fresh weights
    searched : of a search that has ended, the plan that it came to; else None
    """

    config: Config
    dataset_path: str
    config_path: str
    model_path: str | None = None
    order: tuple[float, ...] = ()
    companion_of: str | None = None
    searched: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """Its name, which is part of paths."""
        return self.config.experiment

    @property
    def title(self) -> str:
        """The heading of its report."""
        return self.config.title or self.name

    @property
    def dataset_name(self) -> str:
        """What its report calls the data."""
        return self.config.dataset.name

    @property
    def learning_rates(self) -> tuple[float, ...]:
        """The rates that it compares; of a search the limits between which it looks."""
        return _rates(self.config)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of its runs at each rate; of a search those that a rate may have."""
        if self.config.search is not None:
            return tuple(range(self.config.search.seeds.at_most))
        return self.config.seeds or ()

    @property
    def searches(self) -> bool:
        """Whether it searches for its rates."""
        return self.config.search is not None

    @property
    def epochs(self) -> int:
        """How many epochs each run has."""
        return self.config.epochs

    @property
    def seeds_per_job(self) -> int:
        """How many seeds a training job has at most."""
        return self.config.seeds_per_job if self.config.search is None else self.config.search.seeds.first

    @property
    def probes(self) -> tuple[str, ...]:
        """The probes that measure beside its training, in the order of their names."""
        asked = self.config.probes
        if asked is not None:
            return asked
        table = self.config.dataset.image_shape is None and format_of(self.dataset_path).CALLED == TABLE
        return OF_ANY if self.model_path is not None or table or self.order else (*OF_BUILT_IN, *OF_ANY)

    def probe_options(self, probe: str) -> dict[str, Any]:
        """The settings of a probe's own section of the config, every default filled in; empty where it has none."""
        return probe_options(self.config, self.learning_rates, probe)

    @property
    def dataset_files(self) -> tuple[str, ...]:
        """The files that hold the data set."""
        return dataset_files(self.dataset_path)

    @cached_property
    def dataset_content(self) -> str:
        """The digest of the data set's files; they are read once, since there may be many thousand of them."""
        return content_digest(self.dataset_path)

    @property
    def split_settings(self) -> dict[str, Any]:
        """What decides which examples are trained on and which validate."""
        dataset = self.config.dataset
        validation: dict[str, Any] = {"protocol": dataset.validation, "examples": dataset.holdout_examples}
        if dataset.holdout_share is not None:
            validation["share"] = dataset.holdout_share
        options = dataset.model_dump(mode="json", include=set(data_options()), exclude_defaults=True)
        settings = {"train_examples": dataset.train_examples, "validation": validation}
        return settings | ({"data_options": options} if options else {})

    @property
    def model_settings(self) -> dict[str, Any]:
        """What decides which model is built: the built-in one's hidden units, or a function and the source it is in.

        Raises InputError where the file cannot be read or is no Python.
        """
        model = self.config.model
        if self.model_path is None:
            return {"hidden_units": list(HIDDEN_UNITS if model.hidden_units is None else model.hidden_units)}
        return {"build": model.build or BUILD, "source": source_digest(self.model_path)}

    @property
    def training_settings(self) -> dict[str, Any]:
        """What decides the result of a run, beside its learning rate and its seed; as JSON has it."""
        settings = self.config.model_dump(mode="json")
        schedule = self.config.learning_rate_schedule
        return {
            **{name: settings[name] for name in training_fields()},
            **({"initial_weights": {"order": list(self.order)}} if self.order else {}),
            **({} if schedule.name == CONSTANT else {"learning_rate_schedule": schedule.for_training()}),
            "device": "cpu",
            "model": self.model_settings,
            "optimizer": self.config.optimizer.for_training(),
            "threads": self.config.training_threads,
            **self.split_settings,
        }

    @property
    def analysis_settings(self) -> dict[str, Any]:
        """What decides what is concluded from the runs; as JSON has it.

        A search looks at its results in every round and tests each time, at its share of the level.
        """
        settings = self.config.model_dump(mode="json", include={"targets", "thresholds"})
        search = self.config.search
        if search is None:
            return settings
        share = {"significance": search.level / search.rounds}
        return settings | {
            "search": search.model_dump(mode="json", by_alias=True),
            "thresholds": settings["thresholds"] | share,
        }

    @property
    def plan(self) -> dict[str, Any]:
        """Which runs the experiment consists of; none of a search that has not ended."""
        if self.config.search is not None:
            return dict(self.searched or {LEARNING_RATES: [], SEEDS: []})
        return {LEARNING_RATES: list(self.learning_rates), SEEDS: list(self.seeds)}

    @property
    def largest_plan(self) -> dict[str, Any]:
        """The plan, or of a search one with as many runs as it may have at most, between its limits."""
        search = self.config.search
        if search is None:
            return self.plan
        low, high = math.log(search.rates.lowest), math.log(search.rates.highest)
        places = range(search.rates.at_most)
        rates = [math.exp(low + (high - low) * place / (search.rates.at_most - 1)) for place in places]
        return {LEARNING_RATES: rates, SEEDS: list(self.seeds)}

    def rate_before(self, learning_rate: float) -> float | None:
        """The rate with whose last weights the runs of a rate begin; None where they begin with fresh ones."""
        place = self.order.index(learning_rate) if learning_rate in self.order else 0
        return self.order[place - 1] if place else None

    def blocks(self) -> dict[int, tuple[int, ...]]:
        """Seeds by the job that trains them; see `seed_blocks`."""
        return seed_blocks(self.seeds, self.seeds_per_job)


def _rates(config: Config) -> tuple[float, ...]:
    if config.search is not None:
        return config.search.rates.lowest, config.search.rates.highest
    return config.learning_rates or ()


def seed_blocks(seeds: Iterable[int], seeds_per_job: int) -> dict[int, tuple[int, ...]]:
    """Seeds by the job that trains them: block k holds those with seed // seeds_per_job = k."""
    blocks: dict[int, list[int]] = {}
    for seed in seeds:
        blocks.setdefault(seed // seeds_per_job, []).append(seed)
    return {block: tuple(seeds) for block, seeds in sorted(blocks.items())}


def block_files(folder: Path | str, plan: Mapping[str, Any], seeds_per_job: int) -> list[str]:
    """Where the training jobs of a plan write the keys of their runs: one file for each rate and block of seeds."""
    return [
        f"{folder}/lr-{rate_label(rate)}/block-{block}.json"
        for rate, seeds in seeds_by_rate(plan).items()
        for block in seed_blocks(seeds, seeds_per_job)
    ]


def read_experiments(
    files: Sequence[os.PathLike[str] | str],
    overrides: Mapping[str, Any] | None = None,
    folders: Sequence[Path | str] = (".",),
) -> dict[str, Experiment]:
    """The experiments that config files describe, by name.

    Parameters
    ----------
    files : config files, each a whole experiment
    overrides : keys that replace those of every file, as given on the command line; text counts as the number or truth
        value that it spells where a setting is one
    folders : where a relative dataset.path is looked for, in this order; a model.file first beside its config

    Raises
    ------
    InputError
        Names every problem of the first file that has any.
    """
    experiments: dict[str, Experiment] = {}
    for file in files:
        experiment, problems = checked_experiment(
            relative(file), {**read_yaml(file), **spelled_text(dict(overrides or {}))}, folders
        )
        if experiment is None:
            raise InputError(f"{relative(file)}: {joined(problems)}")
        if experiment.name in experiments:
            raise InputError(
                f"{relative(file)}: experiment {experiment.name!r} is also the name in "
                f"{experiments[experiment.name].config_path}; give each its own name."
            )
        experiments[experiment.name] = experiment
    return experiments


def checked_experiment(
    file: str, values: Mapping[str, Any], folders: Sequence[Path | str]
) -> tuple[Experiment | None, list[str]]:
    """The experiment of a config's values, None where there are problems; and every problem, without its full stop.

    file : the config, from the working directory; folders : as for `read_experiments`
    """
    config, problems = checked(values, Config, FROM_A_CONFIG)
    places = [os.path.dirname(file) or ".", *folders]
    path, more = locate(values.get("dataset"), places)
    problems.extend(more)
    protocol = ""
    if path and not problems:
        protocol, more = resolve_validation(path, config.dataset)
        problems.extend(more)
    model_path, more = model_file(values.get("model"), places)
    problems.extend(more)
    if model_path is not None and not problems:
        problems.extend(
            f"probes has {name}, which works the built-in network through by hand; leave it out, since model.file "
            "builds the model"
            for name in config.probes or ()
            if name in OF_BUILT_IN
        )
    if not problems:
        problems.extend(limits_problems(config.search))
        problems.extend(probe_problems(config, _rates(config)))
    carried = config is not None and config.initial_weights == CARRIED_OVER
    if problems:
        return None, problems
    order = tuple(float(spelled_number(rate)) for rate in values["learning_rates"]) if carried else ()
    dataset = config.dataset.model_copy(update={"validation": protocol})
    return Experiment(config.model_copy(update={"dataset": dataset}), path, file, model_path, order), []
