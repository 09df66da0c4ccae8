"""The JSON schema of a study's config, for editors: made from those of the study and of an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.settings.study import MOST_VARIANTS, VARIANT_NAME, StudyConfig

SETTINGS = "settings"  # of base and of a variant: any keys of an experiment but its name
FEWEST_VARIANTS = 2


def study_schema(experiment: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a study; `experiment` is that of an experiment, with every section written out."""
    own = StudyConfig.model_json_schema()
    parts = {**experiment, "properties": _without_name(experiment["properties"])}
    settings = _partial(parts) | {"description": "any keys of an experiment but its name"}
    properties = {name: _described(name, own) for name in own["properties"]}
    properties["base"] |= {"$ref": f"#/$defs/{SETTINGS}"}
    properties["variants"] |= {
        "type": "object",
        "minProperties": FEWEST_VARIANTS,
        "maxProperties": MOST_VARIANTS,
        "propertyNames": {"pattern": f"^{VARIANT_NAME}$"},
        "additionalProperties": {"$ref": f"#/$defs/{SETTINGS}"},
    }
    values = {
        "type": "array",
        "minItems": FEWEST_VARIANTS,
        "maxItems": MOST_VARIANTS,
        "uniqueItems": True,
        "items": {"type": ["number", "string", "boolean", "array"]},
    }
    properties["vary"] |= {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": values}
    return {
        "type": "object",
        "additionalProperties": False,
        "description": own["description"],
        "properties": properties,
        "required": ["study", "base"],
        "oneOf": [{"required": ["variants"]}, {"required": ["vary"]}],
        "$defs": {SETTINGS: settings},
    }


def _without_name(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: schema for name, schema in properties.items() if name != "experiment"}


def _described(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A property of the study, as the model has it; of one that is a mapping its description alone."""
    own = schema["properties"][name]
    if name in ("base", "variants", "vary"):
        return {"description": own["description"]}
    alternatives = own.get("anyOf", [own])
    plain = next(one for one in alternatives if one.get("type") != "null")
    kept = {key: value for key, value in plain.items() if key in ("maxLength", "minLength", "pattern", "type")}
    return {"description": own["description"], **kept}


def _partial(schema: Any, of_keys: bool = False) -> Any:
    """A schema of which nothing is required, since base and a variant are each a part of an experiment.

    of_keys : whether its keys are those of a config, and none of the schema's own
    """
    if isinstance(schema, list):
        return [_partial(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        "anyOf" if key == "oneOf" and not of_keys else key: _partial(value, of_keys=key == "properties")
        for key, value in schema.items()
        if of_keys or key not in ("default", "required", "$schema", "title")
    }
