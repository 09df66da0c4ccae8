"""Commands called wrongly: one sentence on standard error, status 2, nothing written."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys

import builders
import pytest
import stage_files
from commands import PROJECT, arguments, made_from, write_experiment
from conclusions import conclusions
from hypothesis import given
from hypothesis import strategies as st
from samples import ORIGIN, SETTINGS, as_json, fuzz, idx_folder, tree

from lrbench.cli import DISTRIBUTION, main
from lrbench.errors import WorkError
from lrbench.provenance import write_json
from lrbench.tables.analysis import ANALYSIS_TABLES

FLAGS = [
    (command, flag.removeprefix("--").replace("-", "_"))
    for command in ("dataset", "train", "backpropagate", "aggregate", "analyse", "figures", "report")
    for flag in arguments(command)[1::2]
    if flag != "--templates"  # the one that has a default
]
JSON = ("split", "settings", "expect", "seeds", "plan", "analysis", "experiment")
JSON_FLAGS = [pair for pair in FLAGS if pair[1] in JSON]


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A folder to work in, with a data set and its manifest."""
    monkeypatch.chdir(tmp_path)
    idx_folder(tmp_path / "data")
    (tmp_path / "manifest.json").write_text('{"digest": "d"}')
    return tmp_path


FIGURE = {"alt": "a", "caption": "c", "columns": [], "id": "loss", "note": "", "rows": [], "title": "t"}


def complaint(work, capsys, call):
    """Standard error of a call that is refused with status 2 before anything is printed or written."""
    before = tree(work)
    try:
        status = main(call)
    except SystemExit as ended:
        status = ended.code
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    assert tree(work) == before
    return printed.err


def test_no_command_is_a_usage_error(work, capsys):
    assert complaint(work, capsys, []).endswith("lrbench: error: the following arguments are required: COMMAND\n")


def test_an_unknown_command_is_a_usage_error(work, capsys):
    error = complaint(work, capsys, ["analyze"])
    assert "lrbench: error: argument COMMAND: invalid choice: 'analyze' (choose from " in error


@pytest.mark.parametrize(("command", "flag"), FLAGS)
def test_every_argument_is_required(work, capsys, command, flag):
    error = complaint(work, capsys, arguments(command, **{flag: None}))
    name = flag.replace("_", "-")
    assert error.endswith(f"lrbench {command}: error: the following arguments are required: --{name}\n")


@pytest.mark.parametrize(("command", "flag"), FLAGS)
def test_every_argument_needs_a_value(work, capsys, command, flag):
    call = arguments(command, **{flag: None})
    error = complaint(work, capsys, [*call, f"--{flag.replace('_', '-')}"])
    assert f"error: argument --{flag.replace('_', '-')}: expected " in error


@pytest.mark.parametrize("text", ["", "{", "[0,]", "NaN", "[1e999]", '"\\ud800"', "'a'", "1" * 5000, "[" * 100000])
@pytest.mark.parametrize(("command", "flag"), JSON_FLAGS)
def test_text_that_is_no_json_is_a_usage_error(work, capsys, command, flag, text):
    error = complaint(work, capsys, arguments(command, **{flag: text}))
    assert error.endswith(f"lrbench {command}: error: argument --{flag}: {text[:60]!r} is not JSON\n")


OPTIMIZERS = "adam, adamw, sgd, momentum, nesterov, rmsprop"
SHAPES = {
    ("dataset", "split", "[]"): "the whole is [] but must be a mapping",
    ("dataset", "split", "{}"): (
        "train_examples is missing; add it, a whole number or null; validation is missing; add it, a mapping"
    ),
    ("dataset", "split", '{"train_examples": null, "validation": {"protocol": "holdout", "examples": null}}'): (
        "validation.examples is empty but must be a whole number"
    ),
    ("dataset", "split", '{"train_examples": 0, "validation": {"protocol": "none", "examples": 1.0}}'): (
        "train_examples is 0 but must be 1 or more; "
        "validation.examples is 1.0 but must be a whole number or null; "
        "validation.protocol is 'none' but must be one of test, holdout"
    ),
    ("train", "seeds", '{"a": 1}'): "the whole is {'a': 1} but must be a list",
    ("train", "seeds", "0"): "the whole is 0 but must be a list",
    ("train", "seeds", "[]"): "the whole is [] but must have at least 1 item",
    ("train", "seeds", "[0, 0]"): "the whole is [0, 0] but must have each item once",
    ("train", "seeds", '["0"]'): "[0] is '0' but must be a whole number",
    ("train", "seeds", "[1.0]"): "[0] is 1.0 but must be a whole number",
    ("train", "seeds", "[-1]"): "[0] is -1 but must be 0 or more",
    ("train", "settings", "[]"): "the whole is [] but must be a mapping",
    ("train", "settings", as_json(SETTINGS | {"epochs": 2.0})): "epochs is 2.0 but must be a whole number",
    ("train", "settings", as_json(SETTINGS | {"device": "gpu"})): "device is 'gpu' but must be one of cpu",
    ("train", "settings", as_json(SETTINGS | {"hidden_units": 3})): "hidden_units is 3 but must be a list",
    ("train", "settings", as_json(SETTINGS | {"optimizer": {"name": "lion"}})): (
        f"optimizer.name is 'lion' but must be one of {OPTIMIZERS}"
    ),
    ("train", "settings", as_json(SETTINGS | {"optimizer": {"name": "sgd", "beta_1": 0.9}})): (
        "optimizer.beta_1 is no known key; remove it or use one of name"
    ),
    ("train", "settings", as_json({k: v for k, v in SETTINGS.items() if k != "threads"})): (
        "threads is missing; add it, a whole number"
    ),
    ("train", "expect", "{}"): "code is missing; add it, text; versions is missing; add it, a mapping",
    ("train", "expect", '{"code": "c", "versions": {"keras": 3}}'): "versions.keras is 3 but must be text",
    ("aggregate", "plan", "[0.1]"): "the whole is [0.1] but must be a mapping",
    ("aggregate", "plan", '{"learning_rates": [0], "seeds": [0]}'): (
        "learning_rates[0] is 0 but must be greater than 0"
    ),
    ("aggregate", "settings", "null"): "the whole is empty but must be a mapping",
    ("figures", "settings", "7"): "the whole is 7 but must be a mapping",
    ("figures", "plan", '{"learning_rates": [], "seeds": [0]}'): ("learning_rates is [] but must have at least 1 item"),
    ("report", "experiment", '{"name": "mine", "title": 3}'): (
        "config is missing; add it, text; dataset_name is missing; add it, text; title is 3 but must be text"
    ),
}


@pytest.mark.parametrize(("call", "problem"), SHAPES.items(), ids=lambda value: str(value)[:50])
def test_json_of_another_shape_is_refused_in_one_sentence(work, capsys, call, problem):
    command, flag, text = call
    assert complaint(work, capsys, arguments(command, **{flag: text})) == f"lrbench: --{flag}: {problem}.\n"


@pytest.mark.parametrize("text", ["0", "-0.1", "nan", "inf", "1e-400"])
def test_a_learning_rate_is_a_number_above_0(work, capsys, text):
    error = complaint(work, capsys, arguments("train", learning_rate=f"{text}"))
    assert error.endswith(f"error: argument --learning-rate: {text!r} is not a number greater than 0\n")


def test_a_learning_rate_in_words_is_refused(work, capsys):
    error = complaint(work, capsys, arguments("train", learning_rate="fast"))
    assert error.endswith("error: argument --learning-rate: invalid _learning_rate value: 'fast'\n")


@pytest.mark.parametrize("text", ["", ".", "/"])
@pytest.mark.parametrize("command", ["dataset", "train", "report"])
def test_an_output_needs_a_name(work, capsys, command, text):
    error = complaint(work, capsys, arguments(command, output=text))
    assert error.endswith(f"error: argument --output: {text!r} is not the name of a file\n")


# folders that cannot be written


def test_a_manifest_below_a_file_is_refused(work, capsys):
    (work / "file").touch()
    error = complaint(work, capsys, arguments("dataset", output="file/out.json"))
    assert error == "lrbench: file: cannot be written (File exists); give a place that can, then run again.\n"
    error = complaint(work, capsys, arguments("dataset", output="file/folder/out.json"))
    assert error == (
        "lrbench: file/folder: cannot be written (Not a directory); give a place that can, then run again.\n"
    )


def test_a_manifest_in_place_of_a_folder_is_refused(work, capsys):
    (work / "folder").mkdir()
    error = complaint(work, capsys, arguments("dataset", output="folder"))
    assert error == "lrbench: folder: cannot be written (Is a directory); give a place that can, then run again.\n"


def test_a_store_below_a_file_is_refused_before_anything_is_trained(work, capsys):
    (work / "file").touch()
    error = complaint(work, capsys, arguments("train", store="file/runs"))
    assert error == "lrbench: file/runs: cannot be written (Not a directory); give a place that can, then run again.\n"


def test_a_full_disk_is_failed_work(work, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lrbench.provenance.sync", full)
    before = tree(work)
    assert main(arguments("dataset")) == 1
    assert capsys.readouterr().err == (
        "lrbench: out.json: No space left on device; make it writable or free some space, then run again.\n"
    )
    assert tree(work) == before


def test_failed_work_has_status_1(work, capsys, monkeypatch):
    def fail(*_):
        raise WorkError("it did not\nwork.")

    monkeypatch.setattr("lrbench.learning.manifest.dataset_manifest", fail)
    assert main(arguments("dataset")) == 1
    assert capsys.readouterr().err == "lrbench: it did not work.\n"


# input tables


@pytest.mark.parametrize("command", ["train", "backpropagate", "aggregate"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read (No such file or directory); make it with snakemake"),
        ("", "is not JSON or is cut short; delete it and run snakemake again"),
        ("[]", "holds no JSON mapping; delete it and run snakemake again"),
        ("{}", "lacks digest, so it is not a file of this stage; delete it and run snakemake again"),
        (
            '{"digest": 1}',
            "holds something else under digest than this stage writes; delete it and run snakemake again",
        ),
    ],
)
def test_a_wrong_manifest_of_the_data_is_refused(work, capsys, command, content, problem):
    (work / "manifest.json").unlink()
    if content is not None:
        (work / "manifest.json").write_text(content)
    (work / "runs").mkdir()
    assert complaint(work, capsys, arguments(command)) == f"lrbench: manifest.json: {problem}.\n"


BLOCK = "blocks/lr-0.1/block-0.json"


def write_block(work, content):
    (work / BLOCK).parent.mkdir(parents=True)
    (work / BLOCK).write_text(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, f"{BLOCK}: cannot be read (No such file or directory); make it with snakemake"),
        ("{", f"{BLOCK}: is not JSON or is cut short; delete it and run snakemake again"),
        (
            '{"runs": []}',
            f"{BLOCK}: lacks learning_rate, so it is not a file of this stage; delete it and run snakemake again",
        ),
        (
            '{"learning_rate": "0.1", "runs": [0]}',
            f"{BLOCK}: holds something else under learning_rate, runs than this stage writes; "
            "delete it and run snakemake again",
        ),
        (
            '{"learning_rate": 0.1, "runs": [{"seed": 0, "run_key": "other"}]}',
            f"{BLOCK}: its run of learning rate 0.1 and seed 0 is not the one that the settings ask for; "
            "delete the file and run snakemake again",
        ),
        (
            '{"learning_rate": 0.1, "runs": []}',
            "1 of 1 runs are in none of the blocks, learning rate 0.1 with seed 0 among them; run snakemake again",
        ),
    ],
)
def test_a_wrong_block_is_refused(work, capsys, content, problem):
    if content is not None:
        write_block(work, content)
    assert complaint(work, capsys, arguments("aggregate")) == f"lrbench: {problem}.\n"


def test_a_block_holds_a_seed_at_least(work, capsys):
    error = complaint(work, capsys, arguments("aggregate", seeds_per_job="0"))
    assert "argument --seeds-per-job: '0' is not a number of 1 or more" in error


def test_a_run_that_the_store_lacks_is_named(work, capsys):
    from lrbench.provenance import run_key

    key = run_key(SETTINGS | {"learning_rate": 0.1, "seed": 0}, "d", ORIGIN["code"], ORIGIN["versions"])
    block = {"learning_rate": 0.1, "runs": [{"seed": 0, "run_key": key}]}
    write_block(work, json.dumps(block))
    error = complaint(work, capsys, arguments("aggregate"))
    assert error == (
        f"lrbench: runs/{key}/manifest.json: cannot be read (No such file or directory); "
        "run snakemake with --forcerun train, which trains that run again.\n"
    )


@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read (No such file or directory); make it with snakemake"),
        (b"\x89PNG", "is not JSON or is cut short; delete it and run snakemake again"),
        (
            b'{"name": "tea"}',
            "lacks files, expected, plan, runs, settings, so it is not a file of this stage; "
            "delete it and run snakemake again",
        ),
    ],
)
def test_a_foreign_description_of_tables_is_refused(work, capsys, command, content, problem):
    if content is not None:
        (work / "tables.json").write_bytes(content)
    assert complaint(work, capsys, arguments(command)) == f"lrbench: tables.json: {problem}.\n"


@pytest.fixture
def tables(work):
    """The folder with the tables of one run in it."""
    write_experiment(work)
    return work


@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
@pytest.mark.parametrize("name", ["epochs.csv", "evaluations.csv", "steps.parquet"])
def test_a_truncated_table_is_refused(tables, capsys, command, name):
    file = tables / name
    file.write_bytes(file.read_bytes()[:-2])
    assert complaint(tables, capsys, arguments(command)) == (
        f"lrbench: {name}: has changed since tables.json was written; delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
def test_tables_of_other_settings_are_refused(tables, capsys, command):
    call = arguments(command, settings=as_json(SETTINGS | {"epochs": 2}))
    assert complaint(tables, capsys, call) == (
        "lrbench: tables.json: is of other settings than those asked for; delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
@pytest.mark.parametrize(
    "changed", [{"digest": "e"}, {"split": {"train_examples": 7, "validation": SETTINGS["validation"]}}]
)
def test_a_manifest_of_other_data_is_refused(tables, capsys, command, changed):
    file = tables / "manifest.json"
    write_json(file, json.loads(file.read_text()) | changed)
    assert complaint(tables, capsys, arguments(command)) == (
        "lrbench: manifest.json: is of other data than the tables; delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize("command", ["figures", "report"])
@pytest.mark.parametrize("name", [*(f"{table}.csv" for table in ANALYSIS_TABLES), "claims.json"])
def test_an_analysis_that_was_changed_since_is_refused(tables, capsys, command, name):
    file = tables / "analysis" / name
    file.write_bytes(file.read_bytes() + b"\n")
    assert complaint(tables, capsys, arguments(command)) == (
        f"lrbench: analysis/{name}: has changed since analysis/analysis.json was written; "
        "delete it and run snakemake again.\n"
    )


def pictures(tables):
    """The index of figures drawn from this analysis; the pictures are beside it."""
    return stage_files.write_pictures(tables / "figures", made_from(tables))


def test_without_figures_there_is_no_report(tables, capsys):
    assert complaint(tables, capsys, arguments("report")) == (
        "lrbench: figures/figures.json: cannot be read (No such file or directory); make it with snakemake.\n"
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"figures": ["loss"]}, "holds something else under figures than this stage writes"),
        ({"made_from": {"analysis": "0"}}, "is of another analysis"),
    ],
)
def test_a_foreign_index_of_figures_is_refused(tables, capsys, change, problem):
    index = pictures(tables)
    write_json(index, json.loads(index.read_text()) | change)
    assert complaint(tables, capsys, arguments("report")) == (
        f"lrbench: figures/figures.json: {problem}; delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize(
    ("svg", "sealed", "problem"),
    [
        (None, False, "cannot be read (No such file or directory); run snakemake again"),
        (b"<svg ", False, "has changed since figures/figures.json was written; delete it and run snakemake again"),
        (b"\xff", True, "cannot be read (not text); make it with snakemake"),
        (b"picture", True, "has no <svg in it; delete it and run snakemake again"),
    ],
)
def test_foreign_figures_are_refused(tables, capsys, svg, sealed, problem):
    index = pictures(tables)
    shown = {"figures": [FIGURE]}
    write_json(index, json.loads(index.read_text()) | shown)
    (tables / "figures" / "loss.svg").unlink()
    if svg is not None:
        (tables / "figures" / "loss.svg").write_bytes(svg)
    if sealed:
        stage_files.seal(index)
    assert complaint(tables, capsys, arguments("report")) == f"lrbench: figures/loss.svg: {problem}.\n"


@pytest.mark.parametrize("counts", [[], [0, 0], [2, -1], [1.0], [True], 3])
@pytest.mark.parametrize("command", ["analyse", "figures", "report"])
def test_a_manifest_that_counts_no_examples_is_refused(tables, capsys, command, counts):
    path = tables / "manifest.json"
    content = json.loads(path.read_text())
    content["parts"]["validation"]["class_counts"] = counts
    path.write_text(json.dumps(content))
    assert complaint(tables, capsys, arguments(command)) == (
        "lrbench: manifest.json: holds something else under parts than this stage writes; "
        "delete it and run snakemake again.\n"
    )


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (None, ": cannot be filled in ('report.html.j2' not found in search path: 'templates')"),
        ("{{ 1 +", ", line 1: cannot be filled in (unexpected 'end of template')"),
        ("{{ nobody }}", ": cannot be filled in ('nobody' is undefined)"),
    ],
)
def test_a_broken_template_is_refused(tables, capsys, template, problem):
    pictures(tables)
    (tables / "templates").mkdir()
    for name in ("report.css", "theme.js"):
        (tables / "templates" / name).touch()
    if template is not None:
        (tables / "templates" / "report.html.j2").write_text(template)
    error = complaint(tables, capsys, arguments("report", templates="templates"))
    assert error.startswith(f"lrbench: templates/report.html.j2{problem}")
    assert error.endswith("; restore the templates, or delete the tables and run snakemake again.\n")


CONCLUDED = conclusions(builders.measured((0.1,), seeds=1, epochs=1))
OBSERVATION, CLAIM = CONCLUDED.observations[0], CONCLUDED.claims[0]


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("across", {"grid": "0.1"}, "grid"),
        ("recommendation", {"tied": None}, "tied"),
        ("recommendation", {"statement": None}, "statement"),
        ("recommendation", {"evidence": [5]}, "evidence"),
        ("observations", {"observations": [5]}, "observations"),
        ("observations", {"observations": [{"id": "one"}]}, "observations"),
        ("observations", {"observations": [OBSERVATION | {"threshold": 5}]}, "observations"),
        ("claims", {"claims": [{"parts": 5}]}, "claims"),
        ("claims", {"claims": [CLAIM | {"figure": []}]}, "claims"),
    ],
)
def test_foreign_conclusions_are_refused(tables, capsys, name, content, key):
    path = tables / "analysis" / f"{name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | content))
    stage_files.seal(tables / "analysis" / "analysis.json")
    assert complaint(tables, capsys, arguments("report")) == (
        f"lrbench: analysis/{name}.json: holds something else under {key} than this stage writes; "
        "delete it and run snakemake again.\n"
    )


def test_figures_below_a_file_are_refused(tables, capsys):
    (tables / "file").touch()
    error = complaint(tables, capsys, arguments("figures", output="file/figures"))
    assert error == (
        "lrbench: file/figures: cannot be written (Not a directory); give a place that can, then run again.\n"
    )


# what is loaded


def loaded(code, folder):
    """The heavy modules among those loaded after running this code in a new process."""
    names = "{'tensorflow', 'keras', 'pandas', 'matplotlib', 'pyarrow', 'numpy', 'jinja2', 'jsonschema'}"
    program = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(sorted(set(sys.modules) & {names}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("call", [["--help"], ["--version"], ["train", "--help"], []])
def test_help_loads_no_library(work, call):
    assert loaded(f"from lrbench.cli import main; main({call})", work) == "[]"


def test_dataset_loads_numpy_and_no_tensorflow(work):
    call = arguments("dataset")
    assert loaded(f"from lrbench.cli import main; main({call})", work) == "['jsonschema', 'numpy']"
    assert (work / "out.json").exists()


def test_check_loads_neither_numpy_nor_tensorflow(work):
    (work / "config.yaml").write_text(
        "{experiment: mine, dataset: {name: D, path: data}, learning_rates: [0.1], seeds: [0]}"
    )
    assert loaded("from lrbench.cli import main; main(['check', 'config.yaml'])", work) == "['jsonschema']"


def test_the_version_is_that_of_the_distribution(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"lrbench {importlib.metadata.version(DISTRIBUTION)}\n"


# whatever the arguments


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-1, 3),
        st.floats(),
        st.text(max_size=4),
        st.sampled_from(["test", "sgd"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*SETTINGS, "protocol", "examples", "name", "code", "versions", "seeds", "learning_rates"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@fuzz(100)
@given(call=st.sampled_from(JSON_FLAGS), value=JSON)
def test_any_json_is_taken_or_refused(tmp_path, monkeypatch, call, value):
    monkeypatch.chdir(tmp_path)
    command, flag = call
    reached = []
    monkeypatch.setattr(f"lrbench.commands.{command}", lambda options: reached.append(getattr(options, flag)))
    try:
        status = main(arguments(command, **{flag: json.dumps(value)}))
    except SystemExit as ended:
        status = ended.code
    assert (status, reached) in [(2, []), (0, [value])]
    assert tree(tmp_path) == {}
