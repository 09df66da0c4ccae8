"""What subcommands take as JSON: the shape of each, in the words of JSON Schema, and the check against it."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Mapping
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.provenance import strict_json
from lrbench.places import PROJECT

SCHEMA = PROJECT / "workflow" / "schemas" / "config.schema.yaml"


def json_argument(flag: str, shape: Callable[[], Mapping[str, Any]]) -> Callable[[str], Any]:
    """A converter for argparse: JSON text in, the value out where it has the shape.

    The converter raises ArgumentTypeError where the text is no JSON (argparse adds the usage) and InputError
    where it is JSON of another shape.
    """

    def convert(text: str) -> Any:
        try:
            value = strict_json(text)
        except (ValueError, RecursionError) as error:
            raise argparse.ArgumentTypeError(f"{text[:60]!r} is not JSON") from error
        from lrbench.settings.yaml_files import StrictValidator, violations

        problems = violations(value, shape(), StrictValidator)
        if problems:
            raise InputError(f"{flag}: " + "; ".join(problems) + ".")
        return value

    return convert


def split_shape() -> dict[str, Any]:
    """`{train_examples, validation}`, as `Experiment.split_settings` gives it."""
    dataset = _config()["dataset"]["properties"]
    examples = {**dataset["holdout_examples"], "type": ["integer", "null"]}
    validation = {
        **_mapping(protocol={"type": "string", "enum": dataset["validation"]["enum"]}, examples=examples),
        "if": {"properties": {"protocol": {"const": "holdout"}}},
        "then": {"properties": {"examples": dataset["holdout_examples"]}},
    }
    return _mapping(
        train_examples={**dataset["train_examples"], "type": ["integer", "null"]},
        validation=validation,
    )


def settings_shape() -> dict[str, Any]:
    """`Experiment.training_settings`."""
    config = _config()
    return _mapping(
        batch_size=config["batch_size"],
        device={"type": "string", "enum": ["cpu"]},
        epochs=config["epochs"],
        hidden_units=config["model"]["properties"]["hidden_units"],
        optimizer=config["optimizer"],
        threads=config["training_threads"],
        **split_shape()["properties"],
    )


def plan_shape() -> dict[str, Any]:
    """`Experiment.plan`."""
    config = _config()
    return _mapping(learning_rates={**config["learning_rates"], "uniqueItems": True}, seeds=seeds_shape())


def analysis_shape() -> dict[str, Any]:
    """`Experiment.analysis_settings`."""
    config = _config()
    thresholds = config["thresholds"]["properties"]
    return _mapping(targets=config["targets"], thresholds=_mapping(**thresholds))


def seeds_shape() -> dict[str, Any]:
    """A list of seeds, none of them twice."""
    return {**_config()["seeds"], "uniqueItems": True}


def origin_shape() -> dict[str, Any]:
    """`{code, versions}`: what runs come from."""
    return _mapping(code={"type": "string"}, versions={"type": "object", "additionalProperties": {"type": "string"}})


def code_shape() -> dict[str, Any]:
    """`{code, versions}` of a stage, and of the report the digest of its `templates`."""
    shape = origin_shape()
    return shape | {"properties": shape["properties"] | {"templates": {"type": "string"}}}


def heading_shape() -> dict[str, Any]:
    """What a report says of its experiment beside the measurements: texts by name."""
    text = {"type": "string"}
    return {**_mapping(config=text, dataset_name=text, name=text, title=text), "additionalProperties": True}


def page_shape() -> dict[str, Any]:
    """Settings of an experiment, and where its page and what that rests on lie."""
    text = {"type": "string", "minLength": 1}
    paths = dict.fromkeys(("analysed", "backpropagation", "blocks", "dataset", "figures", "page"), text)
    return _mapping(
        **paths,
        analysis=analysis_shape(),
        experiment=heading_shape(),
        plan=plan_shape(),
        seeds_per_job={"type": "integer", "minimum": 1},
        settings=settings_shape(),
    )


@functools.cache
def _config() -> Mapping[str, Any]:
    from lrbench.settings.yaml_files import read_yaml

    properties: Mapping[str, Any] = read_yaml(SCHEMA)["properties"]
    return properties


def _mapping(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }
