"""The JSON schema and the table of keys are those of the models, and an addition is declared in one place."""

from __future__ import annotations

import pytest
import yaml

from lrbench.identity.code import _import_closure
from lrbench.settings import documents
from lrbench.settings.config import Config
from lrbench.settings.thresholds import Thresholds

README = documents.TABLE.read_text(encoding="utf-8")
ROWS = {
    "epochs": "passes over the training examples | 1 to 10,000 | 10 | the tutorial's",
    "batch_size": "examples per step | examples, 1 to 100,000,000 | 32 | the tutorial's and Keras'",
    "dataset.train_examples": "train on the first so many examples of a fixed shuffle "
    "| examples, 1 to 100,000,000 | all | for quick looks",
    "seeds": "one run per seed at each rate; the same seeds for all rates "
    "| 1 to 1,000 of them, each 0 to 4,294,967,295, no two alike | – (chosen by `search`) "
    "| five tell apart what two cannot",
    "model.hidden_units": "units of each hidden ReLU layer, first to last; `[]` for none "
    "| units, 0 to 16 of them, each 1 to 16,384 | `[128, 64]` | the tutorial's network; not with `file`",
    "optimizer.name": "the optimizer, as in Keras | `adam`, `adamw`, `sgd`, `momentum`, `nesterov`, `rmsprop` | `adam` "
    "| the tutorial's",
    "optimizer.momentum": "share of the step before that is added (momentum, nesterov, rmsprop) "
    "| above 0 to below 1; rmsprop: 0 to below 1 | 0.9; rmsprop: 0 | the usual one; rmsprop: Keras' preset",
    "optimizer.epsilon": "added to the denominator (adam, adamw, rmsprop) | above 0 to 1 | 1e-7 | Keras' preset",
    "optimizer.centered": "subtract the mean from the mean square (rmsprop) | true or false | false | Keras' preset",
    "thresholds.significance": "level of tests; intervals have 1 − level | probability, above 0 to below 1 | 0.05 "
    "| the usual one",
}


def test_the_schema_and_the_table_of_keys_are_those_of_the_models():
    hint = "run make documents"
    assert documents.SCHEMA.read_text(encoding="utf-8") == documents.schema_text(), hint
    assert documents.readme_text(README) == README, hint


@pytest.mark.parametrize("key", ROWS)
def test_the_table_says_of_a_key_all_that_is_declared(key):
    assert f"\n| `{key}` | {ROWS[key]} |\n" in README


def test_the_schema_says_what_an_editor_checks():
    schema = yaml.safe_load(documents.SCHEMA.read_text(encoding="utf-8"))
    properties = schema["properties"]
    assert schema["required"] == ["experiment", "dataset"]
    assert schema["anyOf"] == [{"required": ["learning_rates", "seeds"]}, {"required": ["search"]}]
    assert properties["epochs"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 10000,
        "default": 10,
        "description": "passes over the training examples",
    }
    assert properties["seeds"]["items"] == {"type": "integer", "minimum": 0, "maximum": 4294967295}
    assert (properties["seeds"]["minItems"], properties["seeds"]["maxItems"]) == (1, 1000)
    assert properties["title"]["type"] == "string"
    assert [one["properties"]["name"]["const"] for one in properties["optimizer"]["oneOf"]] == [
        *("adam", "adamw", "sgd", "momentum", "nesterov", "rmsprop")
    ]
    assert "$ref" not in documents.SCHEMA.read_text(encoding="utf-8")


def test_every_default_that_is_a_number_has_a_reason():
    fields = {**Config.model_fields, **Thresholds.model_fields}
    without = [
        name
        for name, field in fields.items()
        if isinstance(field.default, int | float) and not field.json_schema_extra["why"]
    ]
    assert without == []


def test_no_module_of_the_settings_and_no_pydantic_is_in_what_training_imports():
    closure = _import_closure(("lrbench.learning.training",))
    assert "lrbench.learning.settings" in closure
    assert [name for name in closure if name.startswith("lrbench.settings")] == []
    assert [name for name, path in closure.items() if "pydantic" in path.read_text(encoding="utf-8")] == []
