"""`lrbench next`: what it prints of an experiment's proposals, and the config that it writes of one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.configs import config
from support.histories import Made, experiment
from support.observed import steady
from support.samples import BOUNDED, idx_folder, tree
from support.stage_files import write_experiment

from lrbench.cli import main
from lrbench.identity.provenance import write_json
from lrbench.next_config import changes_text, next_name
from lrbench.settings.experiment import read_experiments
from lrbench.settings.yaml_files import read_yaml, yaml_text

EDGE = {0.001: 0.9, 0.002: 0.93, 0.003: 0.96}  # the best at the edge, nothing else to ask for
SEEDS = (-0.0004, -0.0002, 0.0, 0.0002, 0.0005)
MODEL = "def build(input_shape, classes): ...\n"


def trained(folder: Path, scores=EDGE, seconds: float | None = 2.0, **keys) -> None:
    """A config of its own data, and results of it as if it had been trained, each run in so many seconds."""
    idx_folder(folder / "data")
    rates = f"[{', '.join(map(str, scores))}]"
    text = config(learning_rates=rates, seeds="[0, 1, 2, 3, 4]", **keys)
    (folder / "mine.yaml").write_text(f"# a comment\n{text}")
    (asked,) = read_experiments([folder / "mine.yaml"]).values()
    made = experiment({rate: steady(score, seeds=SEEDS) for rate, score in scores.items()})
    origin = made.origin | {"settings": asked.training_settings, "plan": asked.plan}
    dataset = made.dataset | {"split": asked.split_settings}
    made = Made(made.epochs, made.evaluations, made.steps, origin, dataset, asked.analysis_settings)
    write_experiment(made, folder / "results" / "mine")
    for file in (folder / "results" / "mine" / "analysis").iterdir():
        shutil.move(file, folder / "results" / "mine" / file.name)
    for run in origin["runs"] if seconds is not None else ():
        (folder / "results" / "runs" / run["run_key"]).mkdir(parents=True)
        write_json(folder / "results" / "runs" / run["run_key"] / "execution.json", {"seconds": seconds})


def refused(capsys, *words: str) -> str:
    """The one sentence with which the command refuses, after seeing that it wrote nothing."""
    before = tree(Path())
    assert main(["next", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert tree(Path()) == before
    assert printed.err.startswith("lrbench: ")
    assert printed.err.count("\n") == 1
    return printed.err.removeprefix("lrbench: ").strip()


def said(capsys, *words: str) -> str:
    assert main(["next", *words]) == 0
    return capsys.readouterr().out


def test_proposals_are_printed_with_their_time_here(here, capsys):
    trained(here)
    assert said(capsys, "mine.yaml") == (
        "mine: 1 proposal\n\n"
        "Try the learning rates 0.0045 and 0.007: 10 runs, 100 epochs in all, about 20 s of one core here\n"
        "  The recommended rate, 0.003 (96.0 %), is the largest of 3 tried; a larger one may do better. "
        "The grid's step at 0.003 is a factor of 1.5.\n"
        "    experiment: mine-2\n"
        "    learning_rates: [0.001, 0.002, 0.003, 0.0045, 0.007]\n"
        "  lrbench next mine.yaml --take beyond --write mine-2.yaml\n"
    )


def test_without_kept_times_no_time_is_said(here, capsys):
    trained(here, seconds=None)
    assert "10 runs, 100 epochs in all\n" in said(capsys, "mine.yaml")


def test_where_nothing_is_proposed_it_says_why(here, capsys):
    trained(here, {0.001: 0.9, 0.002: 0.96, 0.003: 0.9})
    printed = said(capsys, "mine.yaml")
    assert printed.startswith("mine: Nothing more to train: ")
    assert "  5 seeds tell 0.002 from every other rate that learned each time.\n" in printed
    assert refused(capsys, "mine.yaml", "--write", "new.yaml") == (
        "mine.yaml: its results propose nothing; lrbench next without --write says why."
    )


def test_a_written_config_passes_the_check_and_asks_for_just_that(here, capsys):
    trained(here, title='"1e-3"')
    assert said(capsys, "mine.yaml", "--write", "mine-2.yaml") == (
        "mine-2.yaml: the experiment mine-2: Try the learning rates 0.0045 and 0.007; "
        "train it by lrbench make mine-2.yaml\n"
    )
    assert main(["check", "mine-2.yaml"]) == 0
    old, new = (
        read_experiments([file])[name].config for file, name in (("mine.yaml", "mine"), ("mine-2.yaml", "mine-2"))
    )
    changed = {"experiment": "mine-2", "learning_rates": (0.001, 0.002, 0.003, 0.0045, 0.007)}
    assert new == old.model_copy(update=changed)


def test_an_existing_file_is_written_over_only_by_force(here, capsys):
    trained(here)
    (here / "mine-2.yaml").write_text("precious")
    assert refused(capsys, "mine.yaml", "--write", "mine-2.yaml") == (
        "mine-2.yaml: exists; name another file, or give --force to write over it."
    )
    assert refused(capsys, "mine.yaml", "--write", "mine.yaml", "--force") == (
        "mine.yaml: is the config that the proposal comes from; name another file."
    )
    assert "the experiment mine-2" in said(capsys, "mine.yaml", "--write", "mine-2.yaml", "--force")
    assert "the experiment mine-3" in said(capsys, "mine.yaml", "--write", "other.yaml")


def test_a_model_is_found_from_where_the_config_is_written(here, capsys):
    (here / "net.py").write_text(MODEL)
    (here / "sub").mkdir()
    trained(here, model="{file: net.py}")
    said(capsys, "mine.yaml", "--write", "sub/new.yaml")
    assert read_yaml("sub/new.yaml")["model"] == {"file": "../net.py"}
    assert main(["check", "sub/new.yaml"]) == 0


def test_of_carried_over_weights_the_experiment_beside_it_proposes(here, capsys):
    trained(here)
    (here / "mine.yaml").write_text((here / "mine.yaml").read_text() + "initial_weights: carried_over\n")
    (here / "results" / "mine").rename(here / "results" / "mine-fresh")
    assert "    experiment: mine-fresh-2\n    initial_weights: fresh\n    learning_rates: [" in said(
        capsys, "mine.yaml"
    )
    said(capsys, "mine.yaml", "--write", "new.yaml")
    assert main(["check", "new.yaml"]) == 0
    assert read_yaml("new.yaml")["initial_weights"] == "fresh"


def test_what_is_wrong_is_one_sentence(here, capsys):
    trained(here)
    assert refused(capsys, "mine.yaml", "--take", "beyond") == (
        "--take and --force are for --write; name the file to write by it."
    )
    assert refused(capsys, "mine.yaml", "--take", "seeds", "--write", "new.yaml") == (
        "--take is 'seeds', which is not proposed; take beyond."
    )
    assert "cannot be written" in refused(capsys, "mine.yaml", "--write", "data", "--force")
    assert "cannot be read" in refused(capsys, "other.yaml")
    (here / "mine.yaml").write_text((here / "mine.yaml").read_text().replace("3, 4]", "3]"))
    assert "tables.json: is of other settings" in refused(capsys, "mine.yaml")
    shutil.rmtree(here / "results")
    assert refused(capsys, "mine.yaml") == "mine.yaml: has no results here; train it first by lrbench make."


def test_a_changed_proposal_is_refused(here, capsys):
    trained(here)
    path = here / "results" / "mine" / "next.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"proposals": []}))
    assert "next.json: has changed since" in refused(capsys, "mine.yaml")


def test_names_that_follow():
    names = ["mine", "mine-2", "mine-9", "a-1", "a" * 64, "x-0", "runs"]
    assert [*map(next_name, names)] == ["mine-2", "mine-3", "mine-10", "a-2", "a" * 62 + "-2", "x-0-2", "runs-2"]


def test_the_lines_that_change_are_yaml_of_the_same_values(tmp_path):
    asks: dict[str, Any] = {"learning_rates": [1.18e-38, 1e-05, 0.1, 1.0, 1e6], "seeds": [0, 4294967295], "epochs": 20}
    asks["search"] = {"rates": {"from": 1e-07, "to": 1.0, "at_most": 12}, "rounds": 7, "level": 0.05}
    (tmp_path / "lines.yaml").write_text(changes_text("mine-2", asks))
    assert read_yaml(tmp_path / "lines.yaml") == {"experiment": "mine-2"} | asks


WORDS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8),
    st.sampled_from(
        ("1e-3", "yes", "null", "010", "1:30", "~", "0x1", ".5", "true", "2024-01-01", "a: b", "#", "-", "&a", "*a", "")
    ),
)
VALUES = st.one_of(WORDS, st.integers(), st.floats(allow_nan=False), st.booleans(), st.none())
CONTENT = st.dictionaries(WORDS, st.one_of(VALUES, st.lists(VALUES), st.dictionaries(WORDS, VALUES)), min_size=1)


@BOUNDED
@given(content=CONTENT)
def test_what_is_written_as_yaml_is_read_as_the_same(content, tmp_path_factory):
    file = tmp_path_factory.mktemp("yaml") / "one.yaml"
    file.write_text(yaml_text(content), encoding="utf-8")
    assert repr(read_yaml(file)) == repr(content)
