"""Whatever a config holds: experiments or one sentence."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.configs import BASE, KEYS, OPTIMIZERS, config
from support.samples import assert_sentence, fuzz, tree

from lrbench.errors import InputError
from lrbench.settings.experiment import read_experiments
from lrbench.settings.yaml_files import command_line_values

LIKELY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70000),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.dates(),
    st.binary(max_size=4),
    st.sampled_from([*OPTIMIZERS.split(", "), "holdout", "test", "data", "1e-3", "mine", "runs", "a/b"]),
)
VALUES = st.recursive(
    LIKELY,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["name", "path", "validation", "holdout_examples", "train_examples", "hidden_units", "beta_1", "rho"]
            )
            | st.integers()
            | st.none(),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=10,
)
CONFIGS = st.dictionaries(st.sampled_from(KEYS.split(", ")) | st.text(max_size=6), VALUES, max_size=12)


def one_sentence_or_experiments(folder):
    """Read the folder's config; what comes of it is a result or one sentence, and no file."""
    before = tree(folder)
    try:
        experiments = read_experiments([folder / "config.yaml"])
    except InputError as error:
        assert_sentence(error, "config.yaml" if str(error).startswith("config") else f"{folder / 'config.yaml'}")
    else:
        assert len(experiments) == 1
    assert tree(folder) == before


@fuzz(50)
@given(mapping=CONFIGS)
def test_any_mapping_gives_experiments_or_one_sentence(project, mapping):
    right = {"experiment": "mine", "dataset": {"name": "D", "path": "data"}, "learning_rates": [0.1], "seeds": [0]}
    for content in (mapping, right | mapping):
        (project / "config.yaml").write_text(yaml.safe_dump(content, allow_unicode=False), encoding="utf-8")
        one_sentence_or_experiments(project)


YAML_PIECES = st.lists(
    st.sampled_from(
        [
            *(f"{key}: {value}\n" for key, value in BASE.items()),
            "epochs: ",
            "title: ",
            "!!int ",
            "!!float ",
            "!!bool ",
            "!!timestamp ",
            "!!binary ",
            "!!set ",
            "!!omap ",
            "!!pairs ",
            "!!null ",
            "!!merge ",
            "<<: ",
            "? ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "&a ",
            "*a",
            "|\n ",
            ">\n ",
            "'",
            '"\\ud800"',
            "1:59:99",
            "010",
            "08",
            "1_000",
            "yes",
            "=",
            "0b",
            "0x_",
            "0o7",
            "2001-01-01",
            "2001-99-01 1:1:1",
            ".nan",
            "%YAML 9.9\n",
            "---\n",
            "\n",
            " ",
            "~",
            "\t",
            "\x85",
            "\x00",
            "\ufeff",
        ]
    ),
    max_size=12,
).map("".join)


@fuzz(50)
@given(text=YAML_PIECES | st.text(max_size=60))
def test_any_text_gives_experiments_or_one_sentence(project, text):
    (project / "config.yaml").write_text(text, encoding="utf-8")
    one_sentence_or_experiments(project)


@fuzz(50)
@given(content=st.binary(max_size=80))
def test_any_bytes_give_experiments_or_one_sentence(project, content):
    (project / "config.yaml").write_bytes(content)
    one_sentence_or_experiments(project)


@fuzz(50)
@given(overrides=CONFIGS)
def test_any_overrides_give_experiments_or_one_sentence(project, overrides):
    (project / "config.yaml").write_text(config())
    try:
        (experiment,) = read_experiments([project / "config.yaml"], overrides).values()
    except InputError as error:
        assert_sentence(error, "config.yaml: ")
    else:
        assert experiment.config_path == "config.yaml"


ENTRIES = st.tuples(
    st.sampled_from(KEYS.split(", ")) | st.text(max_size=6),
    st.text(alphabet="[]{}:,'\"0123456789.eE-+_ \nabt&*!", max_size=20)
    | st.sampled_from(["[1e-3,.5]", "{name: D, path: data}", "true", "2024", "'010'", "[" * 3000, "1" * 5000]),
).map("=".join)


@fuzz(50)
@given(entries=st.lists(ENTRIES, max_size=4))
def test_any_command_line_gives_experiments_or_one_sentence(project, entries):
    (project / "config.yaml").write_text(config())
    try:
        (experiment,) = read_experiments([project / "config.yaml"], command_line_values(entries)).values()
    except InputError as error:
        assert_sentence(error, "--config " if str(error).startswith("--config") else "config.yaml: ")
    else:
        assert experiment.config_path == "config.yaml"
