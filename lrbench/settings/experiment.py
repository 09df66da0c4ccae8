"""An experiment: what a config asks for, checked, typed and frozen.

`read_experiments` makes every check that needs no data; whatever passes it can be run.
"""

from __future__ import annotations

import os
import struct
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrbench.data.formats import dataset_files
from lrbench.errors import InputError
from lrbench.identity.regular_files import unfit_as_data
from lrbench.sentences import is_blank, joined
from lrbench.settings.yaml_files import checked, read_yaml, shown, spelled_values
from lrbench.wording import rate_label

SMALLEST_FLOAT32 = 2.0**-126  # smaller numbers have fewer digits in float32, or none, and may count as 0
MAX_FLOAT32 = (2 - 2.0**-23) * 2.0**127
RESERVED_NAMES = ("default", "index", "runs")


@dataclass(frozen=True)
class Experiment:
    """One experiment. Rates and seeds are sorted; settings have every default filled in."""

    name: str
    title: str
    dataset_name: str
    dataset_path: str
    validation: Mapping[str, Any]
    train_examples: int | None
    hidden_units: tuple[int, ...]
    optimizer: Mapping[str, Any]
    learning_rates: tuple[float, ...]
    seeds: tuple[int, ...]
    epochs: int
    batch_size: int
    targets: tuple[float, ...] | Mapping[str, tuple[float, ...]]  # accuracies, or shares by the key `relative`
    thresholds: Mapping[str, float]
    training_threads: int
    seeds_per_job: int
    config_path: str

    @property
    def dataset_files(self) -> tuple[str, ...]:
        """The files that hold the data set."""
        return dataset_files(self.dataset_path)

    @property
    def split_settings(self) -> dict[str, Any]:
        """What decides which examples are trained on and which validate."""
        return {"train_examples": self.train_examples, "validation": dict(self.validation)}

    @property
    def training_settings(self) -> dict[str, Any]:
        """What decides the result of a run, beside its learning rate and its seed."""
        return {
            "batch_size": self.batch_size,
            "device": "cpu",
            "epochs": self.epochs,
            "hidden_units": list(self.hidden_units),
            "optimizer": dict(self.optimizer),
            "threads": self.training_threads,
            **self.split_settings,
        }

    @property
    def analysis_settings(self) -> dict[str, Any]:
        """What decides what is concluded from the runs."""
        targets = self.targets
        asked = (
            {key: list(shares) for key, shares in targets.items()} if isinstance(targets, Mapping) else list(targets)
        )
        return {"targets": asked, "thresholds": dict(self.thresholds)}

    @property
    def plan(self) -> dict[str, Any]:
        """Which runs the experiment consists of."""
        return {"learning_rates": list(self.learning_rates), "seeds": list(self.seeds)}

    def blocks(self) -> dict[int, tuple[int, ...]]:
        """Seeds by the job that trains them; see `seed_blocks`."""
        return seed_blocks(self.seeds, self.seeds_per_job)


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
        for rate in plan["learning_rates"]
        for block in seed_blocks(plan["seeds"], seeds_per_job)
    ]


def read_experiments(
    files: Sequence[Path | str],
    schema: Path | str,
    overrides: Mapping[str, Any] | None = None,
    folders: Sequence[Path | str] = (".",),
) -> dict[str, Experiment]:
    """The experiments that config files describe, by name.

    Parameters
    ----------
    files : config files, each a whole experiment
    schema : the JSON schema, in YAML, that holds every key's rule and default
    overrides : keys that replace those of every file, as given on the command line; text counts as the number or truth
        value that it spells where the schema asks for one
    folders : where a relative dataset.path is looked for, in this order

    Raises
    ------
    InputError
        Names every problem of the first file that has any.
    """
    rules = read_yaml(schema)
    experiments: dict[str, Experiment] = {}
    for file in files:
        experiment = _experiment(_relative(file), read_yaml(file), rules, overrides or {}, folders)
        if experiment.name in experiments:
            raise InputError(
                f"{_relative(file)}: experiment {experiment.name!r} is also the name in "
                f"{experiments[experiment.name].config_path}; give each its own name."
            )
        experiments[experiment.name] = experiment
    return experiments


def foreign_targets(
    targets: Iterable[str], products: Container[str], experiments: Mapping[str, Experiment]
) -> list[str]:
    """A sentence for each target of snakemake that is a file under results or reports and that no job makes.

    Parameters
    ----------
    targets : names of rules, and paths from the working directory
    products : every file that the experiments' jobs write
    experiments : the experiments by name, as `read_experiments` gives them
    """
    known = " and ".join(f"{name} (in {experiment.config_path})" for name, experiment in experiments.items())
    said = []
    for target in map(os.path.normpath, targets):
        place, _, rest = target.partition(os.sep)
        name = rest.split(os.sep)[0].removesuffix(".html")
        if place not in ("results", "reports") or target in products:
            continue
        if name in experiments:
            said.append(f"{target}: the experiment {name} makes no such file; ask for one that it makes.")
        else:
            said.append(
                f"{target}: the experiment {name!r} is not among those of this call, which are {known}; "
                "give the config file that has it, by --configfile after the target."
            )
    return said


def _relative(path: Path | str) -> str:
    return os.path.relpath(path)


def _experiment(
    file: str,
    config: dict[str, Any],
    rules: Mapping[str, Any],
    overrides: Mapping[str, Any],
    folders: Sequence[Path | str],
) -> Experiment:
    config = config | spelled_values(overrides, rules)
    filled, problems = checked(config, rules)
    problems.extend(_experiment_problems(filled))
    path = ""
    dataset = filled.get("dataset")
    if isinstance(dataset, dict) and isinstance(dataset.get("path"), str):
        path = _located(dataset["path"], folders)
        if not path:
            problems.append(
                f"dataset.path is {shown(dataset['path'])} but no such file or folder exists in "
                f"{' or '.join(dict.fromkeys(map(_relative, folders)))}; "
                "give a folder of IDX files or an .npz file"
            )
        else:
            problems.extend(_data_problems(path))
    if problems:
        raise InputError(f"{file}: {joined(problems)}")
    dataset = filled["dataset"]
    validation = {"protocol": dataset["validation"], "examples": dataset.get("holdout_examples")}
    return Experiment(
        name=filled["experiment"],
        title=filled.get("title", filled["experiment"]),
        dataset_name=dataset["name"],
        dataset_path=path,
        validation=validation,
        train_examples=_whole(dataset.get("train_examples")),
        hidden_units=tuple(int(units) for units in filled["model"]["hidden_units"]),
        optimizer={
            key: float(value) if isinstance(value, int) and not isinstance(value, bool) else value
            for key, value in filled["optimizer"].items()
        },
        learning_rates=tuple(sorted(map(float, filled["learning_rates"]))),
        seeds=tuple(sorted(map(int, filled["seeds"]))),
        epochs=int(filled["epochs"]),
        batch_size=int(filled["batch_size"]),
        targets=_targets(filled["targets"]),
        thresholds={name: float(value) for name, value in sorted(filled["thresholds"].items())},
        training_threads=int(filled["training_threads"]),
        seeds_per_job=int(filled["seeds_per_job"]),
        config_path=file,
    )


def _targets(value: Any) -> Any:
    """Accuracies or, in a mapping, shares: sorted."""
    if isinstance(value, Mapping):
        return {key: _targets(shares) for key, shares in value.items()}
    return tuple(sorted(set(map(float, value))))


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _located(path: str, folders: Iterable[Path | str]) -> str:
    if "\0" in path:
        return ""
    try:
        for folder in folders:
            candidate = os.path.join(folder, os.path.expanduser(path))
            if os.path.exists(candidate):
                return candidate if os.path.isabs(path) else _relative(candidate)
    except OSError:
        pass
    return ""


def _data_problems(path: str) -> Iterator[str]:
    """What speaks against reading a data set's files at all, seen without opening them."""
    try:
        files = dataset_files(path)
    except InputError as error:
        yield f"dataset.path: {str(error).removesuffix('.')}"
        return
    for file in files:
        reason = unfit_as_data(file)
        if reason:
            yield f"dataset.path: {file} {reason}; give a folder of IDX files or an .npz file"


def _experiment_problems(filled: Mapping[str, Any]) -> list[str]:
    """What a schema cannot say."""
    problems = []
    if filled.get("experiment") in RESERVED_NAMES:
        problems.append(f"experiment is {filled['experiment']!r}, a name that lrbench keeps for itself; choose another")
    lists = {key: filled.get(key) for key in ("learning_rates", "seeds", "targets")}
    if isinstance(filled.get("targets"), dict):
        lists["targets.relative"] = filled["targets"].get("relative")
    for key, values in lists.items():
        if isinstance(values, list):
            numbers = [float(value) for value in values if _is_number(value)]
            for number, times in Counter(numbers).items():
                if times > 1:
                    problems.append(f"{key} has {rate_label(number)} {times} times; write each once")
    problems.extend(_float32_problems(filled))
    problems.extend(_text_problems(filled))
    dataset = filled.get("dataset")
    if isinstance(dataset, dict):
        holdout = dataset.get("validation") == "holdout"
        if holdout and "holdout_examples" not in dataset:
            problems.append("dataset.holdout_examples is missing; add it, since dataset.validation is holdout")
        if not holdout and "holdout_examples" in dataset:
            problems.append("dataset.holdout_examples is given but dataset.validation is not holdout; remove one")
    return problems


def _text_problems(filled: Mapping[str, Any]) -> Iterator[str]:
    dataset = filled.get("dataset")
    parts = dataset if isinstance(dataset, dict) else {}
    texts = {"title": filled.get("title"), **{f"dataset.{key}": parts.get(key) for key in ("name", "path")}}
    for key, text in texts.items():
        unprintable = [c for c in str(text) if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")]
        if isinstance(text, str) and unprintable:
            yield f"{key} is {shown(text)}, with the unprintable character {unprintable[0]!r}; leave that out"
        elif isinstance(text, str) and text and is_blank(text) and key != "dataset.path":
            yield f"{key} is {shown(text)}, in which nothing is visible; write some words"


def _float32_problems(filled: Mapping[str, Any]) -> Iterator[str]:
    """Numbers that are 0, 1 or another number of the config in float32, in which weights are updated."""
    rates = filled.get("learning_rates")
    labels: dict[float, str] = {}
    for place, rate in enumerate(rates if isinstance(rates, list) else []):
        if not _is_number(rate) or not 0 < rate <= MAX_FLOAT32:
            continue
        if rate < SMALLEST_FLOAT32:
            yield (
                f"learning_rates[{place}] is {rate} but must be {SMALLEST_FLOAT32!r} or more, "
                "the least that float32 holds in full"
            )
            continue
        label = rate_label(rate)
        same = labels.setdefault(_float32(rate), label)
        if same != label:
            yield f"learning_rates has {same} and {label}, which are the same number in float32; write one of them"
    optimizer = filled.get("optimizer")
    for key, value in optimizer.items() if isinstance(optimizer, dict) else ():
        if _is_number(value) and 0 < value < SMALLEST_FLOAT32:
            yield f"optimizer.{key} is {value}, which float32 does not hold in full; write {SMALLEST_FLOAT32!r} or more"
        elif _is_number(value) and 0 < value < 1 and _float32(value) == 1:
            yield f"optimizer.{key} is {value}, which is 1 in float32; write a smaller number"


def _float32(value: float) -> float:
    """The number of float32 that is nearest to a value."""
    (nearest,) = struct.unpack("f", struct.pack("f", value))
    return float(nearest)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e300 < value < 1e300
