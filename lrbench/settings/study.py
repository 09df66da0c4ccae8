"""A study: several experiments that differ in what is studied, described by one config; each is a variant.

`read_configs` reads any config: one that has the key `study` is a study, any other a single experiment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml

from lrbench.errors import InputError
from lrbench.sentences import joined
from lrbench.settings.companions import with_companions
from lrbench.settings.data_sets import relative
from lrbench.settings.experiment import Experiment, checked_experiment, read_experiments
from lrbench.settings.merging import merged_settings
from lrbench.settings.problems import NAME_RULE, checked
from lrbench.settings.sections import FROM_A_CONFIG, LeftOut, Section, setting
from lrbench.settings.spelling import spelled_text
from lrbench.settings.values import Name, Text, shown
from lrbench.settings.yaml_files import read_yaml
from lrbench.training_words import axis_words
from lrbench.wording import counted, listed, rate_label

STUDY = "study"
MOST_VARIANTS = 20
MOST_CHARACTERS = 64  # of the name of an experiment
VARIANT_NAME = r"[a-z0-9][a-z0-9_-]{0,63}"


class StudyConfig(Section):
    """A study as its config has it: what all variants share, and in what they differ, in one of two ways."""

    study: Name = setting(meaning="name of the study; a variant is the experiment <study>-<variant>")
    title: Annotated[Text | None, LeftOut()] = setting(None, meaning="heading of its page", absent="its name")
    base: dict[str, Any] = setting(meaning="a whole experiment without its name")
    variants: Annotated[dict[str, Any] | None, LeftOut()] = setting(
        None, meaning="by the name of a variant, the keys in which it differs from base"
    )
    vary: Annotated[dict[str, Any] | None, LeftOut()] = setting(
        None, meaning="one key of base, `dataset.train_examples` for one in a section, and its values: a variant each"
    )


@dataclass(frozen=True)
class Variant:
    """One experiment of a study.

    name : within the study; label : what its page calls it
    value : its place on the study's axis, where that is one of numbers; else None
    changes : in what it differs from base, in YAML on one line
    """

    name: str
    label: str
    value: float | None
    changes: str
    experiment: Experiment


@dataclass(frozen=True)
class Study:
    """Several experiments that differ in what is studied.

    axis : the key that `vary` names; None where the variants are named one by one
    variants : in the order of the config; along an axis of numbers, ascending
    """

    name: str
    title: str
    config_path: str
    axis: str | None
    variants: tuple[Variant, ...]

    @property
    def as_argument(self) -> dict[str, Any]:
        """What the commands that compare its variants are told of it; as JSON has it."""
        return {
            "axis": self.axis,
            "name": self.name,
            "title": self.title,
            "variants": [
                {
                    "analysis": variant.experiment.analysis_settings,
                    "changes": variant.changes,
                    "dataset_name": variant.experiment.dataset_name,
                    "label": variant.label,
                    "name": variant.experiment.name,
                    "plan": variant.experiment.plan,
                    "settings": variant.experiment.training_settings,
                    "value": variant.value,
                }
                for variant in self.variants
            ],
        }


@dataclass(frozen=True)
class Asked:
    """What config files ask for: every experiment by name, the variants of studies among them, and the studies."""

    experiments: Mapping[str, Experiment]
    studies: Mapping[str, Study] = field(default_factory=dict)

    @property
    def configs(self) -> dict[str, str]:
        """The config file of each experiment and of each study."""
        found = {name: experiment.config_path for name, experiment in self.experiments.items()}
        return found | {name: study.config_path for name, study in self.studies.items()}

    @property
    def pages(self) -> list[str]:
        """The names of the pages that answer: of each study its comparison, of other experiments their reports."""
        variants = {variant.experiment.name for study in self.studies.values() for variant in study.variants}
        return [*(name for name in self.experiments if name not in variants), *self.studies]


def read_configs(
    files: Sequence[os.PathLike[str] | str],
    overrides: Mapping[str, Any] | None = None,
    folders: Sequence[Path | str] = (".",),
) -> Asked:
    """The experiments and studies that config files describe; arguments as for `read_experiments`.

    overrides : replace keys of every experiment, and of every variant

    Raises InputError, which names every problem of the first file that has any.
    """
    experiments: dict[str, Experiment] = {}
    studies: dict[str, Study] = {}
    taken: dict[str, str] = {}
    for file in files:
        values = read_yaml(file)
        if STUDY in values:
            study = _study(relative(file), values, overrides or {}, folders)
            own = {variant.experiment.name: variant.experiment for variant in study.variants}
        else:
            study, own = None, read_experiments([file], overrides, folders)
        for name in [*own, *([study.name] if study else [])]:
            if name in taken:
                kind = "study" if study and name == study.name else "experiment"
                raise InputError(
                    f"{relative(file)}: {kind} {name!r} is also the name in {taken[name]}; give each its own name."
                )
            taken[name] = relative(file)
        experiments.update(own)
        if study:
            studies[study.name] = study
    return Asked(with_companions(experiments), studies)


def names_in(values: Mapping[str, Any]) -> set[str]:
    """The names of the experiment, or of the study and its variants, that a config has; none where it is none."""
    if STUDY not in values:
        return {str(values["experiment"])} if "experiment" in values else set()
    config, problems = checked(dict(values), StudyConfig, FROM_A_CONFIG)
    if problems or list(_problems(config, {})):
        return {str(values[STUDY])}
    return {config.study, *(f"{config.study}-{name}" for name, *_ in _changes(config))}


def _study(file: str, values: Mapping[str, Any], overrides: Mapping[str, Any], folders: Sequence[Path | str]) -> Study:
    config, problems = checked(dict(values), StudyConfig, FROM_A_CONFIG)
    if not problems:
        problems = list(_problems(config, overrides))
    if problems:
        raise InputError(f"{file}: {joined(problems)}")
    variants, wrong = [], dict[str, list[str]]()
    changed = list(_changes(config))
    for name, label, value, change in changed:
        title = f"{config.title or config.study}: {label}"
        own = {"title": title} | merged_settings(config.base, change) | spelled_text(dict(overrides))
        experiment, found = checked_experiment(file, own | {"experiment": f"{config.study}-{name}"}, folders)
        if experiment is not None and experiment.searches:
            found = ["search is given, but a study compares listed rates; list learning_rates and seeds"]
        for problem in found:
            wrong.setdefault(problem, []).append(name)
        if experiment is not None:
            variants.append(Variant(name, label, value, _one_line(change), experiment))
    if wrong:
        problems = [f"{_of_variants(names, len(changed))} {problem}" for problem, names in wrong.items()]
        raise InputError(f"{file}: {joined(problems)}")
    if all(variant.value is not None for variant in variants):
        variants.sort(key=lambda variant: variant.value or 0.0)
    axis = next(iter(config.vary)) if config.vary else None
    return Study(config.study, config.title or config.study, file, axis, tuple(variants))


def _of_variants(names: Sequence[str], count: int) -> str:
    if len(names) == count:
        return "in every variant,"
    return f"in variant{'s' * (len(names) > 1)} {listed(names)},"


def _problems(config: StudyConfig, overrides: Mapping[str, Any]) -> Iterator[str]:
    """What speaks against a study whose parts have the right types, before any variant is looked at."""
    for where, values in (("base.", config.base), ("--config ", overrides)):
        if "experiment" in values:
            yield f"{where}experiment is given, but a variant is called {config.study}-<variant>; remove it"
    if (config.variants is None) == (config.vary is None):
        given = "are both given; remove one" if config.vary else "are both missing; add one"
        yield f"variants and vary {given}"
        return
    if config.vary is not None and len(config.vary) != 1:
        yield f"vary has {len(config.vary)} keys but must have one; name each variant under variants"
        return
    if wrong := list(_misshapen(config)):
        yield from wrong
        return
    names = [name for name, *_ in _changes(config)]
    if not 2 <= len(names) <= MOST_VARIANTS:
        yield f"the study has {counted(len(names), 'variant')} but must have 2 to {MOST_VARIANTS}"
    for name in dict.fromkeys(names):
        if (length := len(f"{config.study}-{name}")) > MOST_CHARACTERS:
            yield (
                f"the variant {shown(name)} is the experiment {shown(f'{config.study}-{name}')}, a name of {length} "
                f"characters but must have at most {MOST_CHARACTERS}; shorten one of the two"
            )
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"vary has {names.count(name)} values that are called {name!r}; write each once"
    for name, changes in (config.variants or {}).items():
        if "experiment" in changes:
            yield f"variants.{name}.experiment is given, but a variant has its name from the study; remove it"


def _misshapen(config: StudyConfig) -> Iterator[str]:
    for key, values in (config.vary or {}).items():
        if key == "experiment" or not all(key.split(".")):
            yield f"vary.{key} is no key that varies; name one of base, with a dot before a key in a section"
        if not isinstance(values, list):
            yield f"vary.{key} is {shown(values)} but must be a list"
            continue
        for value in values:
            if isinstance(value, Mapping) or value is None:
                yield f"vary.{key} has {shown(value)} but must have numbers, text or lists; else use variants"
    for name, changes in (config.variants or {}).items():
        if not re.fullmatch(VARIANT_NAME, name):
            yield f"variants has {shown(name)} but a name {NAME_RULE}"
        if not isinstance(changes, Mapping):
            yield f"variants.{name} is {shown(changes)} but must be a mapping, {{}} where nothing differs from base"


def _changes(config: StudyConfig) -> Iterator[tuple[str, str, float | None, dict[str, Any]]]:
    """Of each variant: its name, its label, its value on an axis of numbers, and the keys that it changes."""
    for name, change in (config.variants or {}).items():
        yield name, name, None, change
    for key, values in (config.vary or {}).items():
        for value in values:
            text = _label(value)
            name = re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-") or "variant"
            label = text if isinstance(value, str | bool) else f"{axis_words(key)} {text}"
            yield name, label, float(value) if _is_number(value) else None, _nested(key, value)


def _nested(key: str, value: Any) -> dict[str, Any]:
    first, _, rest = key.partition(".")
    return {first: _nested(rest, value) if rest else value}


def _label(value: Any) -> str:
    if isinstance(value, list):
        return "–".join(map(_label, value)) or "none"
    return rate_label(value) if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e300


def _one_line(change: Mapping[str, Any]) -> str:
    text = str(yaml.safe_dump(dict(change), default_flow_style=True, sort_keys=False, width=10_000)).strip()
    return text[1:-1] or "nothing: the base"
