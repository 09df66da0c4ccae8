"""Configs that another workflow gives when it uses this one as a module: names of files, or settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from lrbench.errors import InputError
from lrbench.settings.spelling import NUMBER
from lrbench.settings.values import shown
from lrbench.wording import listed

CONFIGS = "configs"
OF_SNAKEMAKE = "pathvars"  # a key that Snakemake reads for itself


@dataclass(frozen=True)
class GivenConfig(os.PathLike[str]):
    """A config that is given as settings; `read_yaml` returns these in place of reading its file.

    path : where the workflow keeps it as a file
    """

    path: str
    values: Mapping[str, Any]

    def __fspath__(self) -> str:
        return self.path

    def __str__(self) -> str:
        return self.path


def given_configs(config: Mapping[str, Any]) -> list[str | GivenConfig]:
    """The configs that a module statement gives: one experiment or study, or with the key `configs` a list of them.

    In a list, text is the name of a config file. Raises InputError where it is anything else.
    """
    own = {key: value for key, value in config.items() if key != OF_SNAKEMAKE}
    if CONFIGS not in own:
        return [_given(own)]
    given = own.pop(CONFIGS)
    if own:
        raise InputError(f"{CONFIGS} stands beside {listed(list(own))}; move that into one of the {CONFIGS}.")
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise InputError(f"{CONFIGS} is {shown(given)} but must be a list of config files or of their settings.")
    return [one if isinstance(one, str) else _given(one) for one in given]


def _given(values: Any) -> GivenConfig:
    if not isinstance(values, Mapping) or not ({"experiment", "study"} & values.keys()):
        raise InputError(
            f"{shown(values)} is given but must be the settings of an experiment or a study, or have the key "
            f"{CONFIGS}, a list of config files or of settings."
        )
    name = values.get("study", values.get("experiment"))
    return GivenConfig(f"results/{name}/config.yaml", _plain(values))


def _plain(value: Any) -> Any:
    """A value as `read_yaml` returns it: plain YAML, which Snakemake reads, takes `1e-3` for text."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str) and NUMBER.fullmatch(value) and isinstance(yaml.safe_load(value), str):
        return float(value)
    return value
