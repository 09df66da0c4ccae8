"""What you change decides what runs again: no more, no less."""

from __future__ import annotations

import os
import re
import time

import numpy as np
import pytest
import yaml
from support.workspace import CONFIG, PROJECT, write_blobs

pytestmark = pytest.mark.workflow
TABLES = {"aggregate": 1, "analyse": 1, "examine": 1, "figures": 1, "report": 1}
DOWNSTREAM = {"backpropagate": 1, **TABLES}
ANALYSIS = {"analyse": 1, "examine": 1, "figures": 1, "report": 1}
ALL = {"dataset": 1, "train": 2, **DOWNSTREAM}
CARRIED = {  # of the experiment and of the one that it is set against
    "dataset": 1,
    "train": 4,
    "aggregate": 2,
    "analyse": 2,
    "examine": 2,
    "contrast": 1,
    "figures": 2,
    "report": 2,
}
TABLE = re.compile(r"^## What you change, and what runs again$.*?^\| --- .*?\n(.*?)\n\n", re.MULTILINE | re.DOTALL)


def config(**changes):
    """A change of some keys."""
    return lambda workspace: workspace.configure(**changes)


def text(**changes):
    """The config written otherwise: comments, the order of keys and of lists."""

    def change(workspace):
        changed = {key: CONFIG[key] for key in reversed(CONFIG)} | changes
        written = "# another comment\n" + yaml.safe_dump(changed, sort_keys=False)
        (workspace.folder / "config.yaml").write_text(written)

    return change


def code(*files, comment="# changed\n"):
    """A change of files of the project, with an old time."""

    def change(workspace):
        project = workspace.take_project()
        for file in (project / name for name in files):
            assert file.exists()
            file.write_text(file.read_text() + comment)
            os.utime(file, (1, 1))

    return change


def version(distribution):
    """Another version of a library, as its metadata gives it."""

    def change(workspace):
        metadata = workspace.folder / f"site/{distribution}-99.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 99.0\n")
        workspace.search.insert(0, str(metadata.parent))

    return change


def touched(*patterns):
    """Files written anew with the same bytes, an hour later."""

    def change(workspace):
        for file in (file for pattern in patterns for file in workspace.folder.glob(pattern) if file.is_file()):
            file.write_bytes(file.read_bytes())
            os.utime(file, (time.time() + 3600,) * 2)

    return change


def other_data(workspace):
    write_blobs(workspace.folder / "blobs.npz", seed=1)


def other_container(workspace):
    path = workspace.folder / "blobs.npz"
    with np.load(path) as arrays:
        np.savez_compressed(path, **arrays)


LARGE = ("--max-checksum-file-size", "10")  # Snakemake then takes every file for a large one and goes by its time
CHANGES = {
    "nothing": (config(), {}),
    "a learning rate added": (config(learning_rates=[0.1, 0.01, 0.001]), {"train": 1, **DOWNSTREAM}),
    "a learning rate removed": (config(learning_rates=[0.1]), DOWNSTREAM),
    "rates or seeds in another order": (config(learning_rates=[0.01, 0.1], seeds=[1, 0]), {}),
    "seeds added": (config(seeds=[0, 1, 2, 3]), {"train": 2, **DOWNSTREAM}),
    "a seed removed": (config(seeds=[0]), {"train": 2, **DOWNSTREAM}),
    "`seeds_per_job`": (config(seeds_per_job=1), {"train": 4, **TABLES}),
    "`epochs`": (config(epochs=3), {"train": 2, **DOWNSTREAM}),
    "`batch_size`": (config(batch_size=16), {"train": 2, **DOWNSTREAM}),
    "`optimizer`": (config(optimizer={"name": "sgd"}), {"train": 2, **DOWNSTREAM}),
    "`initial_weights`": (config(initial_weights="carried_over", probes=["mistakes"]), CARRIED),
    "`learning_rate_schedule`": (
        config(learning_rate_schedule={"name": "cosine"}),
        {"train": 2, **DOWNSTREAM},
    ),
    "`model`": (config(model={"hidden_units": [9]}), {"train": 2, **DOWNSTREAM}),
    "`dataset.validation`": (
        config(dataset=CONFIG["dataset"] | {"validation": "holdout", "holdout_examples": 60}),
        ALL,
    ),
    "`targets`": (config(targets=[0.5]), ANALYSIS),
    "`thresholds`": (config(thresholds={"tie": 0.02}), ANALYSIS),
    "`title`": (config(title="Another"), {"report": 1}),
    "`probes`: one left out": (config(probes=[]), {"figures": 1, "report": 1}),
    "comments, the order of keys": (text(), {}),
    "the data": (other_data, ALL),
    "the data's container": (other_container, ALL),
    "a file touched: data, a table or a manifest": (touched("*.npz", "results/tiny/**/*.*"), {}),
    "a large file touched: data, epochs, evaluations or steps": (
        touched("*.npz", "results/tiny/e*.csv", "results/tiny/steps.parquet", "results/runs/*/*.parquet"),
        {},
    ),
    "a template or the stylesheet": (code("templates/report.css"), {"report": 1}),
    "code that trains, even a comment": (code("lrbench/learning/training.py"), {"train": 2, **DOWNSTREAM}),
    "code that reads data": (code("lrbench/data/sources.py"), ALL),
    "code that puts tables together": (code("lrbench/learning/store.py"), TABLES),
    "code that works backpropagation through": (
        code("lrbench/probes/backpropagation/measurement.py"),
        {"backpropagate": 1, "figures": 1, "report": 1},
    ),
    "code that examines mistakes": (
        code("lrbench/probes/mistakes/counts.py"),
        {"examine": 1, "figures": 1, "report": 1},
    ),
    "code that analyses": (code("lrbench/analysis/statistics.py"), ANALYSIS),
    "code that draws": (code("lrbench/reporting/drawing/style.py"), {"figures": 1, "report": 1}),
    "code that writes the page": (code("lrbench/reporting/page.py"), {"report": 1}),
    "code that reads configs, the command line": (
        code(
            *(f"lrbench/{name}.py" for name in ("cli", "flags", "commands/stages", "workspace/upkeep")),
            *(f"lrbench/settings/{name}.py" for name in ("experiment", "config", "arguments", "yaml_files")),
        ),
        {},
    ),
    "TensorFlow's version, Keras'": (version("tensorflow"), {"train": 2, **DOWNSTREAM}),
    "numpy's version": (version("numpy"), {"train": 2, **DOWNSTREAM}),
    "pandas' version, scipy's": (version("scipy"), ANALYSIS),
    "matplotlib's version": (version("matplotlib"), {"figures": 1, "report": 1}),
    "Pillow's version": (version("pillow"), ALL),
    "`--cores`": (config(), {}),
}
OPTIONS = {"a large file touched: data, epochs, evaluations or steps": LARGE, "`--cores`": ("--cores", "1")}


@pytest.mark.parametrize("change", CHANGES)
def test_what_you_change_and_what_runs_again(change, workspace):
    make, expected = CHANGES[change]
    make(workspace)
    assert workspace.jobs(*OPTIONS.get(change, ())) == expected


def documented_rows() -> dict[str, list[str]]:
    rows = TABLE.search((PROJECT / "docs/design.md").read_text())[1].splitlines()
    cells = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows)
    return {change: re.findall("`([a-z]+)`", jobs) for change, jobs, *_ in cells}


def test_the_table_in_the_documents_says_just_that():
    assert documented_rows() == {change: list(jobs) for change, (_, jobs) in CHANGES.items()}


def test_the_same_data_in_another_container_train_nothing(workspace):
    before, tables = workspace.trained(), workspace.tables()
    other_container(workspace)
    workspace.up_to("results/tiny/rates.csv")
    assert workspace.trained() == before
    assert workspace.tables().keys() == tables.keys()


def test_a_version_that_metadata_alone_gives_trains_nothing(workspace):
    before = workspace.trained()
    version("tensorflow")(workspace)
    output = workspace.up_to("results/tiny/training/lr-0.1/block-0.json", status=1)
    assert "nothing was trained" in output
    assert workspace.trained() == before


def test_a_rate_added_trains_that_rate_alone(workspace):
    workspace.configure(learning_rates=[0.1, 0.01, 0.001])
    assert workspace.jobs() == {"train": 1, **DOWNSTREAM}
    before = workspace.trained()
    workspace.up_to("results/tiny/tables.json")
    after = workspace.trained()
    assert before.items() < after.items()
    assert len(after) == 6
    assert workspace.jobs("results/tiny/tables.json") == {}


def test_a_rate_removed_and_added_again_trains_nothing(workspace):
    before, tables = workspace.trained(), workspace.tables()
    workspace.configure(learning_rates=[0.1])
    assert workspace.jobs() == DOWNSTREAM
    workspace.up_to("results/tiny/rates.csv")
    assert workspace.tables() != tables
    workspace.configure()
    assert workspace.jobs() == TABLES
    workspace.snakemake()
    assert workspace.trained() == before
    assert workspace.tables() == tables


def test_a_probe_left_out_and_added_again_trains_nothing_and_gives_the_same_page(workspace):
    before, page = workspace.trained(), (workspace.folder / "reports/tiny.html").read_bytes()
    workspace.configure(probes=[])
    workspace.snakemake()
    without = (workspace.folder / "reports/tiny.html").read_text()
    assert "backpropagation" not in without.lower()
    assert "loss-along-step" not in without
    (workspace.folder / "results/tiny/backpropagation.json").unlink()
    assert workspace.jobs() == {}
    workspace.configure()
    assert workspace.jobs() == {"backpropagate": 1, "figures": 1, "report": 1}
    workspace.snakemake()
    assert workspace.trained() == before
    assert (workspace.folder / "reports/tiny.html").read_bytes() == page


def test_the_template_of_a_probe_is_one_of_the_page(workspace):
    code("lrbench/probes/backpropagation/section.html.j2")(workspace)
    assert workspace.jobs() == {"report": 1}
    workspace.configure(probes=[])
    workspace.snakemake()
    template = workspace.project / "lrbench/probes/backpropagation/section.html.j2"
    template.write_text(template.read_text() + "{# again #}\n")
    assert workspace.jobs() == {}


def test_seeds_appended_train_their_own_blocks(workspace):
    workspace.configure(seeds=[0, 1, 2, 3])
    assert workspace.jobs() == {"train": 2, **DOWNSTREAM}
    before = workspace.trained()
    workspace.configure(seeds=[0, 1, 2, 3], learning_rates=[0.1])  # one block is enough
    workspace.up_to("results/tiny/tables.json")
    assert before.items() < workspace.trained().items()
    assert len(workspace.trained()) == 6


def test_a_seed_removed_trains_no_run(workspace):
    before = workspace.trained()
    workspace.configure(seeds=[0])
    workspace.up_to("results/tiny/tables.json")
    assert workspace.trained() == before
    assert len(workspace.read("results/tiny/tables.json")["runs"]) == 2


def test_another_number_of_seeds_per_job_trains_no_run(workspace):
    before, tables = workspace.trained(), workspace.tables()
    workspace.configure(seeds_per_job=1)
    workspace.up_to("results/tiny/rates.csv")
    assert workspace.trained() == before
    assert workspace.tables() == tables


def test_epochs_changed_and_changed_back_trains_once(workspace):
    before, tables = workspace.trained(), workspace.tables()
    workspace.configure(epochs=3, learning_rates=[0.1])  # one rate is enough
    workspace.up_to("results/tiny/tables.json")
    between = workspace.trained()
    assert before.items() < between.items()
    assert len(between) == 6
    workspace.configure()
    workspace.up_to("results/tiny/rates.csv")
    assert workspace.trained() == between
    assert workspace.tables() == tables


def test_a_damaged_run_is_an_error_and_is_mended_on_demand(workspace):
    tables = workspace.tables()
    damaged = next(iter(sorted(workspace.folder.glob("results/runs/*/epochs.parquet"))))
    damaged.write_bytes(damaged.read_bytes()[:100])
    (workspace.folder / "results/tiny/tables.json").unlink()
    output = workspace.up_to("results/tiny/tables.json", status=1)
    assert "epochs.parquet: does not have the digest that its manifest gives" in output
    assert "--forcerun train" in output
    assert workspace.jobs()["aggregate"] == 1
    workspace.up_to("results/tiny/rates.csv", "--forcerun", "train")
    assert workspace.tables() == tables
