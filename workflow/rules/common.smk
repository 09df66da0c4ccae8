# Settings of every experiment, wildcard constraints and the few helpers that rules share.

import os
import sys
from pathlib import Path

from snakemake.io import expand

from lrbench.configuration import command_line_values
from lrbench.errors import InputError
from lrbench.experiment import block_files, read_experiments
from lrbench.launch import keep_linked_folders, record_configs, refuse_other_configs
from lrbench.names import ANALYSIS_TABLES, CONCLUSIONS, FIGURES
from lrbench.provenance import (
    TRAINING_LIBRARIES,
    canonical_json,
    code_digest,
    files_digest,
    library_versions,
)
from lrbench.surroundings import check_surroundings

PROJECT = Path(workflow.basedir)
TEMPLATES = PROJECT / "templates"

# Commands run by the Python that runs snakemake, activated or not.
shell.prefix(f"set -euo pipefail; export PATH={Path(sys.executable).parent}:$PATH; ")

try:
    check_surroundings(os.getcwd())
    EXPERIMENTS = read_experiments(
        files=workflow.overwrite_configfiles or [PROJECT / "config" / "config.yaml"],
        schema=PROJECT / "workflow" / "schemas" / "config.schema.yaml",
        # as written: snakemake itself makes numbers of text
        overrides=command_line_values(workflow.config_settings.config_args or ()),
        folders=(os.getcwd(), PROJECT),
    )
    CONFIGS = {name: asked.config_path for name, asked in EXPERIMENTS.items()}
    refuse_other_configs(os.getcwd(), CONFIGS)
except InputError as error:
    print(f"lrbench: {error}", file=sys.stderr)
    sys.exit(2)


onstart:
    record_configs(os.getcwd(), CONFIGS)
    keep_linked_folders(os.getcwd())


wildcard_constraints:
    experiment=r"[a-z0-9][a-z0-9_-]*",
    learning_rate=r"[0-9.e+-]+",
    block=r"[0-9]+",


def experiment(wildcards):
    """The experiment that a job belongs to."""
    return EXPERIMENTS[wildcards.experiment]


def block_seeds(wildcards):
    """The seeds of a training job."""
    return canonical_json(experiment(wildcards).blocks()[int(wildcards.block)])


def training_settings(wildcards):
    """What decides the result of a run, beside its learning rate and its seed."""
    return canonical_json(experiment(wildcards).training_settings)


def plan(wildcards):
    """Which runs an experiment consists of."""
    return canonical_json(experiment(wildcards).plan)


def analysis_settings(wildcards):
    """What decides what is concluded from the runs of an experiment."""
    return canonical_json(experiment(wildcards).analysis_settings)


def training_origin(wildcards):
    """Code and libraries that runs come from; the process that trains checks that it has the same."""
    return canonical_json(
        {
            "code": code_digest("lrbench.learning.training"),
            "versions": library_versions(*TRAINING_LIBRARIES),
        }
    )


def code(*modules, libraries=()):
    """A params value that changes when a module, what it imports, or a library's version changes."""
    return canonical_json({"code": code_digest(*modules), "versions": library_versions(*libraries)})


def training_blocks(asked):
    """What the training jobs of an experiment write."""
    return block_files(f"results/{asked.name}/training", asked.plan, asked.seeds_per_job)


def config_in_project(asked):
    """The config file as the report names it: its path in the project, or its bare name where it lies elsewhere."""
    path = Path(asked.config_path).resolve()
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else path.name


def report_settings(asked):
    """What the report says of an experiment beside its measurements."""
    return canonical_json(
        {
            "config": config_in_project(asked),
            "dataset_name": asked.dataset_name,
            "name": asked.name,
            "title": asked.title,
        }
    )


def template_files():
    """Every file that the report's page is made from, in a fixed order."""
    return sorted(os.path.relpath(path) for path in TEMPLATES.rglob("*") if path.is_file())


PRODUCTS = [
    product
    for name, asked in EXPERIMENTS.items()
    for product in (
        f"results/{name}/dataset/manifest.json",
        *training_blocks(asked),
        f"results/{name}/backpropagation.json",
        *(
            f"results/{name}/{table}"
            for table in (
                "epochs.csv",
                "evaluations.csv",
                "steps.parquet",
                "tables.json",
            )
        ),
        *(f"results/{name}/{table}.csv" for table in ANALYSIS_TABLES),
        *(f"results/{name}/{conclusion}.json" for conclusion in CONCLUSIONS),
        f"results/{name}/analysis.json",
        *(f"reports/{name}/figures/{figure}.{kind}" for figure in FIGURES for kind in ("svg", "png", "csv")),
        f"reports/{name}/figures/figures.json",
        f"reports/{name}.html",
    )
]
