"""Wrong configs of studies: each is refused in one sentence that says what is wrong and where, or by its schema."""

from __future__ import annotations

import jsonschema
import pytest
import yaml
from support.workspace import PROJECT

from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.settings import documents
from lrbench.settings.study import read_configs

BASE = {"dataset": {"name": "Digits", "path": "data"}, "learning_rates": [0.1, 0.01], "seeds": [0, 1]}
TWO = {"a": {}, "b": {}}
WHOLE = {"study": "s", "base": BASE, "variants": TWO}
SCHEMA = yaml.safe_load(documents.STUDY_SCHEMA.read_text(encoding="utf-8"))

# what is wrong, the sentence, and whether an editor sees it by the schema
FAULTS = [
    (WHOLE | {"study": None}, "study is empty but must be text", True),
    (WHOLE | {"study": 3}, "study is 3 but must be text; write it in quotes", True),
    (WHOLE | {"study": "Big"}, "study is 'Big' but must be 1 to 64 lower-case letters", True),
    (WHOLE | {"study": "runs"}, "study is 'runs', a name that lrbench keeps for itself; choose another", False),
    (WHOLE | {"title": ""}, "title is '' but must not be empty", True),
    (WHOLE | {"title": "\0"}, "title is '\\x00', with the unprintable character", False),
    (WHOLE | {"experiment": "x"}, "experiment is no known key; remove it or use one of base, study", True),
    (WHOLE | {"varaints": {}}, "varaints is no known key (did you mean variants?)", True),
    ({"study": "s", "variants": TWO}, "base is missing; add it, a mapping", True),
    (WHOLE | {"base": None}, "base is empty but must be a mapping", True),
    (WHOLE | {"base": [1]}, "base is [1] but must be a mapping", True),
    (
        WHOLE | {"base": BASE | {"experiment": "x"}},
        "base.experiment is given, but a variant is called s-<variant>",
        True,
    ),
    (WHOLE | {"base": BASE | {"study": "t"}}, "in every variant, study is no known key", True),
    (WHOLE | {"base": {**BASE, "epochs": 0}}, "in every variant, epochs is 0 but must be 1 or more", True),
    (WHOLE | {"variants": [TWO]}, "variants is [{'a': {}, 'b': {}}] but must be a mapping", True),
    (WHOLE | {"variants": {}}, "the study has 0 variants but must have 2 to 20", True),
    (WHOLE | {"variants": {"a": {}}}, "the study has 1 variant but must have 2 to 20", True),
    (WHOLE | {"variants": {f"v{n}": {} for n in range(21)}}, "the study has 21 variants but must have 2 to 20", True),
    (WHOLE | {"variants": {"a": {}, "B": {}}}, "variants has 'B' but a name must be 1 to 64", True),
    (WHOLE | {"variants": {"a": {}, "b": None}}, "variants.b is empty but must be a mapping, {} where nothing", True),
    (WHOLE | {"variants": {"a": {}, "b": {"experiment": "x"}}}, "variants.b.experiment is given", True),
    (WHOLE | {"variants": {"a": {}, "b": {"title": 3}}}, "in variant b, title is 3 but must be text", True),
    (WHOLE | {"variants": {"a": {}, "b": {"optimiser": {}}}}, "in variant b, optimiser is no known key (did you", True),
    (
        WHOLE | {"variants": {"a": {}, "b": {"optimizer": {"name": "sgdd"}}}},
        "in variant b, optimizer.name is 'sgdd' but must be one of adam, adamw, sgd",
        True,
    ),
    (
        WHOLE | {"variants": {"a": {}, "b": {"dataset": {"path": "nowhere"}}}},
        "in variant b, dataset.path is 'nowhere' but no such file or folder exists",
        False,
    ),
    (
        WHOLE
        | {"base": {"dataset": BASE["dataset"], "learning_rates": [0.1]}, "variants": {"a": {}, "b": {"seeds": [1]}}},
        "in variant a, seeds is missing; add it, a list",
        False,
    ),
    (
        WHOLE | {"study": "s" * 60, "variants": {"a": {}, "abcdef": {}}},
        "a name of 67 characters but must have at most 64; shorten one of the two",
        False,
    ),
    ({"study": "s", "base": BASE}, "variants and vary are both missing; add one", True),
    (WHOLE | {"vary": {"epochs": [1, 2]}}, "variants and vary are both given; remove one", True),
    ({"study": "s", "base": BASE, "vary": {}}, "vary has 0 keys but must have one", True),
    ({"study": "s", "base": BASE, "vary": {"epochs": 3}}, "vary.epochs is 3 but must be a list", True),
    ({"study": "s", "base": BASE, "vary": {"epochs": []}}, "the study has 0 variants", True),
    ({"study": "s", "base": BASE, "vary": {"epochs": [1]}}, "the study has 1 variant but", True),
    ({"study": "s", "base": BASE, "vary": {"epochs": [1, None]}}, "vary.epochs has empty but must have numbers", True),
    ({"study": "s", "base": BASE, "vary": {"epochs": [1, 1]}}, "vary has 2 values that are called '1'", True),
    ({"study": "s", "base": BASE, "vary": {"epochs.": [1, 2]}}, "vary.epochs. is no key that varies", False),
    ({"study": "s", "base": BASE, "vary": {"batch_sise": [1, 2]}}, "batch_sise is no known key (did you", False),
    ({"study": "s", "base": BASE, "vary": {"epochs.more": [1, 2]}}, "in variant 1, epochs is {'more': 1} but", False),
]


@pytest.mark.parametrize(("config", "text", "seen"), FAULTS)
def test_a_wrong_study_is_refused_in_one_sentence(work, capsys, config, text, seen):
    (work / "study.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    with pytest.raises(InputError) as caught:
        read_configs(["study.yaml"])
    said = str(caught.value)
    assert said.startswith("study.yaml: ")
    assert text in said
    assert said.endswith(".")
    assert "\n" not in said
    assert main(["check", "study.yaml"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(config) is not seen


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study: s\nstudy: t\n", "line 2, column 1: the key 'study' is written twice"),
        ("study: s\nbase: {epochs: 1, epochs: 2}\n", "line 2, column 19: the key 'epochs' is written twice"),
        ("study: s\nbase: [\n", "correct the YAML there"),
    ],
)
def test_a_study_that_is_no_yaml_is_refused_with_its_place(work, text, said):
    (work / "study.yaml").write_text(text)
    with pytest.raises(InputError, match=said):
        read_configs(["study.yaml"])


def test_the_schema_of_a_study_is_that_of_the_models_and_takes_those_that_are_shipped():
    assert documents.STUDY_SCHEMA.read_text(encoding="utf-8") == documents.study_schema_text(), "run make documents"
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    shipped = [yaml.safe_load(path.read_text()) for path in (PROJECT / "config/studies").glob("*.yaml")]
    studies = [config for config in shipped if "study" in config]
    assert len(studies) >= 6
    assert [list(validator.iter_errors(config)) for config in studies] == [[] for _ in studies]
    assert {"title", "optimizer", "dataset"} < set(SCHEMA["$defs"]["settings"]["properties"])
