# Settings of every experiment, wildcard constraints and the few helpers that rules share.

import atexit
import json
import os
import re
import shlex
import sys
import time
from pathlib import Path

from snakemake.io import expand
from snakemake.settings.types import DeploymentMethod

from lrbench.settings.yaml_files import command_line_values, yaml_text
from lrbench.commands.searches import with_plan
from lrbench.errors import InputError
from lrbench.places import CITATION, DEFAULT_CONFIG, PROJECT, TEMPLATES
from lrbench.settings.carried_over import COMPANION
from lrbench.settings.given import GivenConfig, given_configs
from lrbench.settings.experiment import block_files
from lrbench.settings.own_config import own_config
from lrbench.settings.targets import foreign_targets
from lrbench.settings.study import read_configs
from lrbench.live.watched import tell, tell_needed
from lrbench.workspace.contents import INDEX, lines_of_index
from lrbench.workspace.failures import last_words
from lrbench.workspace.launch import keep_linked_folders, record_configs, refuse_other_configs
from lrbench.tables.names import (
    ANALYSIS,
    ANALYSIS_INDEX,
    ANALYSIS_TABLES,
    CONCLUSIONS,
    CONTRAST,
    FIT,
    TABLES,
    TABLES_INDEX,
)
from lrbench.tables.search import read_round, round_file
from lrbench.tables.names import STUDY, STUDY_FIGURES, STUDY_INDEX
from lrbench.wording import rate_label
from lrbench.identity.provenance import canonical_json, files_digest
from lrbench.sentences import sentence
from lrbench.registry import PROBES, section_templates
from lrbench.stages import STAGES, figure_ids, with_probes
from lrbench.workspace.surroundings import check_surroundings


def command_of_this_environment():
    """The body of a shell function `lrbench` that calls that of the Python that runs snakemake, activated or not.

    A function and no change of PATH, which cannot hold a folder whose name has a colon; and Python with the script
    rather than the script alone, whose first line cannot name every folder.
    """
    script = Path(sys.executable).with_name("lrbench")
    program = [str(script)] if script.exists() else ["-P", "-m", "lrbench"]  # installed into a folder of its own
    return f'() {{ {shlex.join([sys.executable, *program])} "$@"; }}'


# Whether another workflow uses this one as a module. What would reach beyond these rules, such as a prefix of every
# shell command or what is said when snakemake ends, is then left to that workflow.
MODULE = not workflow.modifier.is_main_snakefile()
# With --sdm the jobs have environments of their own, in which `lrbench` is a command. That of conda is named only where
# it is asked for, since Snakemake takes braces in the path to it for wildcards.
DEPLOYED = workflow.deployment_settings.deployment_method
CONDA_ENVIRONMENT = "../envs/lrbench.yaml" if DeploymentMethod.CONDA in DEPLOYED else None
if not DEPLOYED & {DeploymentMethod.CONDA, DeploymentMethod.APPTAINER}:
    if MODULE:
        os.environ.update({"BASH_FUNC_lrbench%%": command_of_this_environment()})  # as bash hands functions on
    else:
        body = command_of_this_environment().replace("{", "{{").replace("}", "}}")  # Snakemake formats it
        shell.prefix(f"set -euo pipefail; lrbench{body}; ")
os.environ.update({"LRBENCH_PROJECT": str(PROJECT)})  # from which envs/lrbench.post-deploy.sh installs


# The image that --sdm apptainer runs jobs in: one of this name in the working directory, made from the Containerfile.
container: "lrbench.sif"


def placed(path):
    """Where a file lies: below the prefix that another workflow's module statement may have."""
    return str(workflow.modifier.modify_path(path))


RESULTS, REPORTS, STORE = placed("results"), placed("reports"), placed("results/runs")

try:
    check_surroundings(os.getcwd())
    GIVEN = given_configs(config) if MODULE else workflow.overwrite_configfiles or [DEFAULT_CONFIG]
    ASKED = read_configs(
        files=GIVEN,
        # as written: snakemake itself makes numbers of text
        overrides={} if MODULE else command_line_values(workflow.config_settings.config_args or ()),
        folders=(os.getcwd(), PROJECT),
    )
    EXPERIMENTS, STUDIES, CONFIGS = ASKED.experiments, ASKED.studies, ASKED.configs
    if not MODULE:
        refuse_other_configs(os.getcwd(), CONFIGS)
except InputError as error:
    print(f"lrbench: {'the config of the module: ' * MODULE}{sentence(str(error))}", file=sys.stderr)
    sys.exit(2)

# Configs that are given as settings, as the text of the files that the workflow keeps them in.
KEPT_CONFIGS = {str(one): yaml_text(one.values) for one in GIVEN if isinstance(one, GivenConfig)}


# Experiments that search for their rate; decide.smk has what they need of the rounds that are decided.
SEARCHES = [name for name, asked in EXPERIMENTS.items() if asked.searches]
ANY_RATE = r"[0-9][0-9.e+-]*"

# Experiments whose weights are carried over from rate to rate, each set against its companion with fresh weights.
CARRIED = [name for name, asked in EXPERIMENTS.items() if asked.order]


def one_of(texts):
    """A pattern of just these texts."""
    return "|".join(sorted({re.escape(str(text)) for text in texts}))


# Only what the configs have, so that no function is asked for the settings of what they have not.
wildcard_constraints:
    experiment=one_of(EXPERIMENTS),
    study=one_of(STUDIES),
    learning_rate=(
        ANY_RATE
        if SEARCHES
        else one_of(rate_label(rate) for asked in EXPERIMENTS.values() for rate in asked.learning_rates)
    ),
    block=one_of(block for asked in EXPERIMENTS.values() for block in asked.blocks()),


def experiment(wildcards):
    """The experiment that a job belongs to."""
    return EXPERIMENTS[wildcards.experiment]


def of_experiment(value):
    """What a function says of an experiment, as an input or a parameter of the experiment's jobs."""
    return lambda wildcards: value(experiment(wildcards))


def of_study(value):
    """What a function says of a study, as an input or a parameter of the study's jobs."""
    return lambda wildcards: value(STUDIES[wildcards.study])


def variant_files(study, name):
    """The file of this name of each variant of a study."""
    return [f"results/{variant.experiment.name}/{name}" for variant in study.variants]


def study_settings(study):
    """A study and its variants: what is compared, and in what they differ."""
    return canonical_json(study.as_argument)


def study_origin(study):
    """A study, and where its page and what that rests on lie."""
    return canonical_json(
        {
            "analysed": list(map(placed, variant_files(study, ANALYSIS_INDEX))),
            "compared": f"{RESULTS}/{study.name}/{STUDY_INDEX}",
            "config": config_word(study.config_path),
            "figures": f"{REPORTS}/{study.name}/figures",
            "page": f"{REPORTS}/{study.name}.html",
            "study": study.as_argument,
            "tables": list(map(placed, variant_files(study, TABLES_INDEX))),
        }
    )


# The experiments differ in their probes, and with these in their files: each set of probes that one has.
PROBE_SETS = list(dict.fromkeys(asked.probes for asked in EXPERIMENTS.values()))


def having(*probes, alone=False):
    """Names of the experiments that have these probes; `alone`: and no others."""
    named = {name: set(asked.probes) for name, asked in EXPERIMENTS.items()}
    return [name for name, own in named.items() if (own == set(probes) if alone else own >= set(probes))]


def probe_rules():
    """The rules of the probes that some experiment has, which are the names of their files."""
    return [probe.command for name, probe in PROBES.items() if having(name)]


def probe_files(name, probes):
    """What the probes of an experiment write."""
    return [f"results/{name}/{probe}.json" for probe in probes]


def figure_files(name, probes, *kinds):
    """The figures of an experiment's report, each in these kinds of file."""
    return [f"reports/{name}/figures/{figure}.{kind}" for figure in figure_ids(probes) for kind in kinds]


def figures_rule(probes):
    """The name of the rule that draws for experiments with these probes; where all have the same, `figures`."""
    return "_".join(["figures", *(probes or ["alone"])]) if PROBE_SETS.index(probes) else "figures"


def data_path(asked):
    """The data set of an experiment as an argument names it: `./` before a dash, which would begin an option."""
    path = asked.dataset_path
    return os.path.join(".", path) if path.startswith("-") else path


def block_seeds(wildcards):
    """The seeds of a training job."""
    return canonical_json(experiment(wildcards).blocks()[int(wildcards.block)])


def blocks_before(wildcards):
    """What must be trained before a block: the rate whose weights it begins with; or, beside carried-over weights, the
    same runs, which are then in the store."""
    asked, rate = experiment(wildcards), float(wildcards.learning_rate)
    before = asked.rate_before(rate)
    name = asked.name
    if asked.companion_of is not None and rate == EXPERIMENTS[asked.companion_of].order[0]:
        name, before = asked.companion_of, rate
    return [] if before is None else [f"results/{name}/training/lr-{rate_label(before)}/block-{wildcards.block}.json"]


def training_settings(wildcards):
    """What decides the result of a run, beside its learning rate and its seed."""
    return canonical_json(experiment(wildcards).training_settings)


def plan(wildcards):
    """Which runs an experiment consists of; of a search, once it has ended."""
    return canonical_json(with_plan(experiment(wildcards)).plan)


def probe_options(probe):
    """The settings of a probe's own section of the config, as a parameter of its job."""
    return of_experiment(lambda asked: canonical_json(asked.probe_options(probe)))


def analysis_settings(wildcards):
    """What decides what is concluded from the runs of an experiment."""
    return canonical_json(experiment(wildcards).analysis_settings)


def training_origin(wildcards):
    """Code and libraries that runs come from; the process that trains checks that it has the same."""
    return code("train" if experiment(wildcards).model_path is None else "train-own-model")


def model_file(wildcards):
    """The flag that names the file of an experiment's own model: words of a command, none without one."""
    path = experiment(wildcards).model_path
    return [] if path is None else [f"--model={path}"]


def code(stage, probes=None, **more):
    """What a stage is expected to have: its code's digest and its libraries' versions. It changes when one does.

    probes: of a stage that shows what probes measured, which
    """
    asked = STAGES[stage] if probes is None else with_probes(stage, probes)
    return canonical_json(asked.origin() | more)


def in_folder(folder, names):
    """Paths by name, for the files that a stage writes into a folder."""
    return {name: f"{folder}/{file}" for name, file in names.items()}


def training_blocks(asked):
    """What the training jobs of an experiment write."""
    return planned_blocks(asked, decision(asked, rounds_of_search(asked)[-1])["plan"] if asked.searches else asked.plan)


def planned_blocks(asked, plan):
    """What the training jobs of this plan of an experiment write."""
    return block_files(f"results/{asked.name}/training", plan, asked.seeds_per_job)


def search_rounds(asked):
    """What was decided after each round of an experiment's search; none where its rates are listed."""
    return [round_file(f"results/{asked.name}", number) for number in rounds_of_search(asked)] if asked.searches else []


def of_searches(wildcards):
    """What the training jobs and the rounds of all searches write."""
    searches = [EXPERIMENTS[name] for name in SEARCHES]
    return [path for asked in searches for path in (*training_blocks(asked), *search_rounds(asked))]


def fit_record(asked):
    """The record that verify_fit left of one of an experiment's runs; none where it did not run."""
    path = f"results/{asked.name}/{FIT}"
    return [path] if os.path.exists(placed(path)) else []


def kept_config(asked):
    """The file that the config of an experiment or a study is kept in; none where it was given as a file."""
    return [asked.config_path] if asked.config_path in KEPT_CONFIGS else []


def contrast_of(asked):
    """What sets an experiment whose weights are carried over against the same one with fresh weights; none without."""
    return [f"results/{asked.name}/{CONTRAST}"] if asked.order else []


def config_word(file):
    """A config file as a word of a shell command.

    Its path in the project, or from the working directory where it lies outside; `lrbench make` looks in both places.
    """
    path = Path(file).resolve()
    config = str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else os.path.relpath(path)
    return shlex.quote(f"./{config}" if config.startswith("-") else config)


# The study of each experiment that is a variant of one.
STUDY_OF = {variant.experiment.name: study.name for study in STUDIES.values() for variant in study.variants}


def report_settings(asked):
    """What the report says of an experiment beside its measurements."""
    heading = {
        "companion": asked.companion_of is not None,
        "config": config_word(asked.config_path),
        "dataset_name": asked.dataset_name,
        "name": asked.name,
        "title": asked.title,
        "yaml": own_config(asked),
    }
    return canonical_json(heading | ({"study": STUDY_OF[asked.name]} if asked.name in STUDY_OF else {}))


def page_origin(asked):
    """Settings of an experiment and where its page and what that rests on lie."""
    results = f"{RESULTS}/{asked.name}"
    return canonical_json(
        {
            "analysed": f"{results}/analysis.json",
            "analysis": asked.analysis_settings,
            "blocks": f"{results}/training",
            "dataset": f"{results}/dataset/manifest.json",
            "experiment": json.loads(report_settings(asked)),
            "figures": f"{REPORTS}/{asked.name}/figures",
            "page": f"{REPORTS}/{asked.name}.html",
            "plan": with_plan(asked).plan,
            "probes": list(map(placed, probe_files(asked.name, asked.probes))),
            "seeds_per_job": asked.seeds_per_job,
            "settings": asked.training_settings,
        }
    )


def template_files(probes):
    """Every file that the page of an experiment with these probes is made from, in a fixed order."""
    own = sorted(os.path.relpath(path) for path in TEMPLATES.rglob("*") if path.is_file())
    return [*own, *section_templates(probes).values(), CITATION]


PRODUCTS = []  # every file that the rules write for the experiments; filled once the rules are known


def products(*stages):
    """What these rules write for every experiment, with the files of its training jobs, its probes and its figures."""
    outputs = [path for stage in stages for path in stage.output if "{study}" not in path]
    of_studies = [path for stage in stages for path in stage.output if "{study}" in path]
    own = [path for asked in EXPERIMENTS.values() for path in own_files(asked)]
    return [*expand(outputs, experiment=EXPERIMENTS), *own, *expand(of_studies, study=STUDIES)]


def own_files(asked):
    """What the rules write for one experiment and not for every other: its training, its probes, its contrast and its figures."""
    figures = figure_files(asked.name, asked.probes, "svg", "png", "pdf", "csv")
    index = f"reports/{asked.name}/figures/figures.json"
    beside = contrast_of(asked)
    blocks = [] if asked.searches else training_blocks(asked)  # of a search `all` asks for once they are known
    return [*blocks, *probe_files(asked.name, asked.probes), *beside, index, *figures]


def name_foreign_targets():
    """After Snakemake's own words for a target that no rule makes, say which experiments there are."""
    targets = map(str, workflow.dag_settings.targets if workflow.dag_settings and PRODUCTS else ())
    decided = tuple(f"results/{name}/{part}/" for name in SEARCHES for part in ("search", "training"))
    asked = [target for target in targets if not os.path.normpath(target).startswith(decided)]
    for words in foreign_targets(asked, PRODUCTS, {**EXPERIMENTS, **STUDIES}):
        print(f"lrbench: {sentence(words)}", file=sys.stderr)


if not MODULE:
    atexit.register(name_foreign_targets)


def tell_logger():
    """Tell the logger of profiles/default what is asked for."""
    plans = {name: plan_of_round(EXPERIMENTS[name], 1) for name in SEARCHES}
    tell(ASKED, plans, RESULTS, REPORTS, whole=lambda: not (workflow.dag_settings and workflow.dag_settings.targets))


def training_jobs():
    """The training jobs that this call will run, as far as is known."""
    jobs = [job.wildcards for job in workflow.dag.needrun_jobs() if job.rule.name == "train"]
    return [(one.experiment, one.learning_rate, one.block) for one in jobs]


# Of two such blocks Snakemake runs the last alone. A file's content counts and its time does not; but Snakemake fails a
# job that reads a file from the future, as it finds one where a clock was put back.
onstart:
    record_configs(os.getcwd(), CONFIGS)
    keep_linked_folders(os.getcwd())
    tell_needed(training_jobs())
    for product in PRODUCTS:
        if os.path.exists(product) and os.path.getmtime(product) > time.time():
            os.utime(product)


# Last on the screen, after what Snakemake says when it ends.
onerror:
    atexit.register(print, *last_words(log if isinstance(log, list) else [log]), sep="\n", file=sys.stderr)
