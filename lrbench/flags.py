"""The flags of each subcommand: what the command line takes, and the function that is called with it.

A flag is called as the parameter of the function that it is for; a test holds them together.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
from collections.abc import Callable
from pathlib import Path

from lrbench.argument_types import cores, count, file, learning_rate
from lrbench.commands import documents, people, proposals, searches, sharing, stages, studies, upkeep
from lrbench.commands import peek as peeking
from lrbench.exports import MODULES
from lrbench.parsers import Completion, Parser
from lrbench.places import DEFAULT_CONFIG
from lrbench.registry import PROBES
from lrbench.settings.json_arguments import json_argument
from lrbench.settings.shipped import shipped_configs
from lrbench.shared_flags import (
    take,
    take_analysis,
    take_blocks,
    take_code,
    take_conclusions,
    take_json,
    take_model,
    take_plan,
    take_removal,
    take_runs,
    take_tables,
    take_templates,
)

DISTRIBUTION = "learning-rate-bench"


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; what it returns has `handler`, and that function's parameters by name."""
    made = Parser(prog="lrbench", description="Which learning rate, and why?")
    version = importlib.metadata.version(DISTRIBUTION)
    made.add_argument("--version", action="version", version=f"lrbench {version}")
    made.add_argument("--print-completion", action=Completion, help="print what has a shell complete this command line")
    subcommands = made.add_subparsers(required=True, metavar="COMMAND")

    def command(handler: Callable[..., int | None], text: str, name: str = "") -> Parser:
        name = name or handler.__name__
        added = subcommands.add_parser(name, help=text, description=text, allow_abbrev=False)
        added.set_defaults(handler=handler)
        return added

    _add_people(command)
    _add_stages(command)
    _add_studies(command)
    _add_upkeep(command)
    return made


Command = Callable[..., Parser]


def _add_people(command: Command) -> None:
    add = command(people.check, "Check config files and say what they ask for.")
    add.add_argument("config", nargs="+", help="config files; each is looked for here, then in the project")
    add.add_argument("--report", action="store_true", help="only say where their reports are written")
    text = "also build each model, which runs your own file, and say its layers and how long training will take"
    add.add_argument("--build", action="store_true", help=text)
    text = "also try a few steps of each, and say how long training will take here, and what of it is stored already"
    add.add_argument("--time", action="store_true", help=text)
    text = f"for --time: jobs that run side by side; {people.DEFAULT_CORES} if not given"
    add.add_argument("--cores", type=count, metavar="N", help=text)

    add = command(people.new, "Write a commented config to begin with.")
    add.add_argument("file", type=file, help="file to write; the experiment is called as it is")
    text = "which of the configs that come with lrbench; `config`, the default experiment, if not given"
    add.add_argument("--from", dest="source", choices=list(shipped_configs()), default=DEFAULT_CONFIG.stem, help=text)
    add.add_argument("--force", action="store_true", help="write over an existing file")

    add = command(documents.docs, "List the documents that come with lrbench, or print one.")
    add.add_argument("name", nargs="?", help="which to print, such as config, data or models")

    add = command(people.run, "Run the workflow in this folder.")
    add.formatter_class, add.usage, add.description = argparse.RawDescriptionHelpFormatter, people.RUN_USAGE, people.RUN
    add.passed_on = "snakemake"
    text = "config files; each is looked for here, then among those of lrbench; the default experiment if none is given"
    add.add_argument("config", nargs="*", default=[], help=text)
    text = f"jobs that run side by side, or all; {people.DEFAULT_CORES} if not given"
    add.add_argument("--cores", type=cores, metavar="N", default=people.DEFAULT_CORES, help=text)
    add.add_argument("snakemake", nargs="*", metavar="OPTION", help="options and targets of snakemake, after --")

    add = command(people.make, "Check config files, run snakemake on them, and say where their reports are.")
    add.add_argument("config", nargs="*", default=[], help="config files; each is looked for here, then in the project")
    add.add_argument(
        "--configs",
        metavar="FILES",
        help="one config file, or several separated by blanks; a name that has blanks stands in quotes",
    )
    text = "jobs that snakemake runs side by side, or all; 3 if nothing else says"
    add.add_argument("--cores", type=cores, metavar="N", help=text)
    add.add_argument("--workflow-profile", metavar="FOLDER", help="snakemake's profile, if not profiles/default")
    add.add_argument("--slurm-status-command", metavar="NAME", help="how the profile for Slurm asks for jobs")
    add.add_argument("--unlock", action="store_true", help="first remove the lock that a killed snakemake left")

    add = command(people.verify, "Train a stored run anew, compute what pages rest on again, and compare.")
    add.add_argument("--tables", nargs="+", required=True, type=Path, help="tables.json of experiments")
    add.add_argument("--data", nargs="+", required=True, help="data set of each")
    take(add, "--store", "folder of the run store", Path)
    add.add_argument(
        "--pages",
        nargs="+",
        type=json_argument("--pages", "Page"),
        metavar="JSON",
        help="settings of each experiment and where its page and its parts lie; without it, only a run is checked",
    )
    add.add_argument(
        "--studies",
        nargs="*",
        default=[],
        type=json_argument("--studies", "StudyPage"),
        metavar="JSON",
        help="settings of each study and where its page and its parts lie",
    )
    take_templates(add)
    add.add_argument("--models", nargs="+", metavar="FILE", help="file of each experiment's own model, - for none")
    add.add_argument("--run", help="first characters of a run's key; without it a run is drawn")
    add.add_argument("--fit", action="store_true", help="train that run by model.fit itself, and record what differs")
    add.add_argument("--draw", type=int, help="seed of the draw; without it another run each time")

    add = command(peeking.peek, "Look at what is there of an experiment so far, while it trains or after a break.")
    text = "name of an experiment or a study that began here, or a config file; all that began here if not given"
    add.add_argument("experiment", nargs="?", help=text)
    add.add_argument("--store", type=Path, default=Path("results/runs"), help="folder of the run store")

    add = command(proposals.what_next, "Say what to train next, or write the config that a proposal asks for.", "next")
    text = "config file of an experiment that was trained; config/config.yaml if not given"
    add.add_argument("config", nargs="?", default="config/config.yaml", help=text)
    add.add_argument("--write", type=file, metavar="FILE", help="write the config of a proposal here")
    add.add_argument("--take", metavar="RULE", help="by the name of its rule; the first if not given")
    add.add_argument("--force", action="store_true", help="write over an existing file")
    add.add_argument("--store", type=Path, default=Path("results/runs"), help="folder of the run store")

    add = command(people.export, "Take what was trained into other tools: a model, runs, tables.")
    add.add_argument("kind", choices=["keras", *MODULES], help="for which tool; keras saves a run's trained model")
    add.add_argument("config", help="the experiment's config file, looked for here, then in the project")
    text = "file to write, named *.keras or *.tex; folder for csv and tensorboard; address of the store for mlflow"
    add.add_argument("output", help=text)
    text = "where a config brings several experiments, the one that has the run; without it the config's own"
    add.add_argument("--experiment", metavar="NAME", help=text)
    add.add_argument(
        "--rate", type=learning_rate, help="for keras, learning rate of the run; without it the recommended one"
    )
    add.add_argument("--seed", type=int, help="for keras, seed of the run; without it the lowest")
    add.add_argument("--store", type=Path, default=Path("results/runs"), help="folder of the run store")

    add = command(sharing.publish, "Write the finished pages of this folder into a folder for a static host.")
    add.add_argument("folder", type=Path, help="folder to write; one that lrbench published is replaced, no other")
    add.add_argument("--address", metavar="URL", help="where the folder will be on the web, for previews of its links")
    take_templates(add)


def _add_stages(command: Command) -> None:
    add = command(stages.dataset, "Check a data set and record its digest.")
    take(add, "--data", "data set", str)
    take_json(add, "--split", "JSON: train_examples, validation and data_options", "Split")
    take(add, "--output", "manifest to write", file)
    take_code(add)

    add = command(stages.train, "Train one block of seeds at one learning rate.")
    take_runs(add)
    take(add, "--learning-rate", "learning rate", learning_rate)
    take_json(add, "--seeds", "JSON: list of seeds", "Seeds")
    take(add, "--data", "data set", str)
    take_model(add)
    take(add, "--output", "block file to write: the keys of its runs", file)

    for probe in PROBES.values():
        trains = stages.probe_that_trains if probe.trains else stages.probe
        handler = stages.probe_of_results if probe.follows_analysis else trains
        add = command(functools.partial(handler, probe.name), probe.about, probe.command)
        if probe.follows_analysis:
            take_tables(add)
            take_conclusions(add)
            take(add, "--store", "folder of the run store", Path)
        else:
            take_plan(add)
        if probe.trains:
            take_json(add, "--options", "JSON: the probe's section of the config", "ProbeOptions")
            take_model(add)
        take(add, "--dataset", "manifest of the data set", Path)
        take(add, "--data", "data set", str)
        take(add, "--output", "JSON file to write", file)
        take_code(add)

    add = command(searches.decide, "Decide after a round of a search what to train next.")
    take_runs(add)
    take_json(add, "--analysis", "JSON: targets, thresholds and the search", "Analysis")
    take(add, "--search-round", "number of the round, from 1", count)
    add.add_argument("--before", nargs="*", default=[], type=Path, metavar="JSON", help="what the round before decided")
    take_blocks(add)
    take(add, "--output", "JSON file to write", file)
    take_code(add)

    add = command(stages.aggregate, "Put the runs of an experiment into tables.")
    take_runs(add)
    take_json(add, "--plan", "JSON: learning_rates and seeds", "Plan")
    take_blocks(add)
    take(add, "--output", "folder to write the tables and their index, tables.json, into", Path)
    take_code(add)

    add = command(stages.analyse, "Measure and compare runs and rates, and recommend one.")
    take_tables(add)
    take_json(add, "--analysis", "JSON: targets and thresholds", "Analysis")
    take(add, "--dataset", "manifest of the data set", Path)
    take(add, "--output", "folder to write tables, conclusions and their index, analysis.json, into", Path)
    take_code(add)

    add = command(stages.contrast, "Set an experiment whose weights are carried over against one with fresh weights.")
    take_tables(add)
    take_json(add, "--analysis", "JSON: targets and thresholds", "Analysis")
    take(add, "--dataset", "manifest of the data set", Path)
    take(add, "--fresh", "tables.json of the experiment with fresh weights", Path)
    take(add, "--name", "name of that experiment", str)
    take(add, "--output", "JSON file to write", file)
    take_code(add)

    add = command(stages.figures, "Draw the figures of a report.")
    take_tables(add)
    take_analysis(add)
    take(add, "--output", "folder to write figures into", Path)
    take_code(add)

    add = command(stages.report, "Write the report.")
    take_tables(add)
    take_analysis(add)
    take_json(add, "--experiment", "JSON: what the report says of the experiment", "Heading")
    take(add, "--figures", "folder of figures", Path)
    text = "fit.json that verify --fit left of one of the experiment's runs; none where it did not run"
    add.add_argument("--fit", nargs="*", default=[], type=Path, metavar="JSON", help=text)
    text = "contrast.json of an experiment whose weights are carried over"
    add.add_argument("--contrast", nargs="*", default=[], type=Path, metavar="JSON", help=text)
    add.add_argument("--search", nargs="*", default=[], type=Path, metavar="JSON", help="rounds of a search")
    take_templates(add)
    take(add, "--output", "HTML file to write", file)
    take_code(add)


def _add_studies(command: Command) -> None:
    add = command(studies.compare, "Compare the variants of a study.")
    take_json(add, "--study", "JSON: the study and its variants", "Study")
    add.add_argument("--tables", nargs="+", required=True, type=Path, help="tables.json of each variant, in order")
    add.add_argument("--analysed", nargs="+", required=True, type=Path, help="analysis.json of each variant, in order")
    take(add, "--output", "folder to write tables, findings and their index, study.json, into", Path)
    take_code(add)

    add = command(studies.study, "Draw the figures of a study and write its page.")
    take_json(add, "--study", "JSON: the study and its variants", "Study")
    take(add, "--compared", "study.json; what the comparison wrote stands beside it", file)
    take(add, "--config", "config file of the study, as a word of a shell command", str)
    take(add, "--figures", "folder to write figures into", Path)
    take_templates(add)
    take(add, "--output", "HTML file to write", file)
    take_code(add)

    add = command(studies.index, "Write the page that lists every experiment and study of a folder.")
    add.add_argument("--names", nargs="*", required=True, help="names of experiments and studies")
    take(add, "--results", "folder that has a folder of results for each", Path)
    take(add, "--reports", "folder of their pages", Path)
    take_templates(add)
    take(add, "--output", "HTML file to write", file)
    take_code(add)


def _add_upkeep(command: Command) -> None:
    add = command(upkeep.ready, "Wait for what a killed snakemake left running here; refuse while one works here.")
    add.add_argument("--slurm", action="store_true", help="first cancel what it left in Slurm's queue")
    add.add_argument("--wait", action="store_true", help="wait for a snakemake that works here, instead of refusing")

    add = command(upkeep.clean, "Remove the results, reports and logs of one experiment, or of all.")
    chosen = add.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--experiment", help="name of the experiment")
    chosen.add_argument("--all", action="store_true", dest="everything", help="every experiment, and every stored run")
    take_removal(add)

    add = command(upkeep.prune, "Remove stored runs that no experiment uses, and what broken-off writing left.")
    take_removal(add)
