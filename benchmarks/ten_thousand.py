"""What 10,000 runs ask of every stage but training: made-up runs of real size through the real commands.

    python benchmarks/ten_thousand.py                          # 100 rates x 100 seeds, 10 epochs of MNIST each
    python benchmarks/ten_thousand.py --rates 20 --seeds 20    # fewer runs
    python benchmarks/ten_thousand.py --commands aggregate     # some of the commands

The runs' curves are invented, their files are not: 10 rows of epochs, the evaluations and the 18,750 steps of real
training, written by the run store. Prints seconds, peak memory and bytes of each command, and of snakemake planning
the same experiment. A command that asks for more than --memory GB is ended there and reported so.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from lrbench.experiment import Experiment, read_experiments
from lrbench.learning.jobs import TRAINING_MODULE, machine
from lrbench.learning.settings import RunSettings
from lrbench.learning.store import RunStore
from lrbench.names import ANALYSIS_TABLES, CONCLUSIONS, rate_label
from lrbench.provenance import TRAINING_LIBRARIES, canonical_json, code_digest, library_versions, run_key, write_json

PROJECT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
COMMANDS = ("aggregate", "analyse", "figures", "report")
STEPS_PER_EPOCH = 1875
NAME = "sweep"
WRITES = {
    "dataset": [f"results/{NAME}/dataset"],
    "backpropagate": [f"results/{NAME}/backpropagation.json"],
    "aggregate": [
        f"results/{NAME}/{file}" for file in ("epochs.csv", "evaluations.csv", "steps.parquet", "tables.json")
    ],
    "analyse": [
        *(f"results/{NAME}/{table}.csv" for table in ANALYSIS_TABLES),
        *(f"results/{NAME}/{conclusion}.json" for conclusion in CONCLUSIONS),
    ],
    "figures": [f"reports/{NAME}/figures"],
    "report": [f"reports/{NAME}.html"],
}


def main() -> None:
    options = arguments()
    print(f"{options.rates} rates x {options.seeds} seeds = {options.rates * options.seeds:,} runs\n")
    print("| what | seconds | peak memory, GB | writes |\n| --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory(prefix="lrbench-sweep-", dir=options.folder) as folder:
        os.chdir(folder)
        asked = experiment(options)
        for command in ("dataset", "backpropagate"):
            measure(command, asked, options.memory)
        begun = time.monotonic()
        make_runs(asked)
        row("making the runs up", time.monotonic() - begun, None, contents("results/runs", f"results/{NAME}/training"))
        for jobs in options.jobs:
            plan(asked, jobs)
        for command in options.commands:
            measure(command, asked, options.memory)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=int, default=100, help="1 to 100")
    parser.add_argument("--seeds", type=int, default=100, help="1 to 1000")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--memory", type=float, default=16, help="GB that a command may ask for")
    parser.add_argument("--commands", nargs="*", default=COMMANDS, choices=COMMANDS)
    parser.add_argument("--jobs", nargs="*", type=int, default=[20, 5, 1], help="seeds_per_job, to plan with each")
    parser.add_argument("--folder", type=Path, help="where to work, if not in the system's temporary folder")
    return parser.parse_args()


def experiment(options: argparse.Namespace) -> Experiment:
    """The sweep, from a config file as a person would write it."""
    config = {
        "experiment": NAME,
        "dataset": {"name": "MNIST", "path": str(PROJECT / "resources/mnist")},
        "learning_rates": [float(f"{rate:.4g}") for rate in np.geomspace(1e-5, 1, options.rates)],
        "seeds": list(range(options.seeds)),
        "epochs": options.epochs,
        "targets": [0.95, 0.97],
    }
    Path("config.yaml").write_text(yaml.safe_dump(config))
    return read_experiments(["config.yaml"], PROJECT / "workflow/schemas/config.schema.yaml")[NAME]


def make_runs(asked: Experiment) -> None:
    """A store of invented runs, and the block files that name them."""
    from lrbench.learning.training import evaluation_steps

    store = RunStore("results/runs")
    origin = {
        "code": code_digest(TRAINING_MODULE),
        "data": json.loads(Path(f"results/{NAME}/dataset/manifest.json").read_text())["digest"],
        "versions": library_versions(*TRAINING_LIBRARIES),
    }
    initial = json.loads(Path(f"results/{NAME}/backpropagation.json").read_text())["initial_weights"]
    measured_at = np.array(evaluation_steps(STEPS_PER_EPOCH, asked.epochs))
    blocks = asked.blocks()
    for rate in asked.learning_rates:
        keys = {}
        for seed in asked.seeds:
            settings = RunSettings.of(asked.training_settings, rate, seed).as_json()
            keys[seed] = run_key(settings, origin["data"], origin["code"], origin["versions"])
            manifest = {
                "key": {"settings": settings, **origin},
                "machine": machine(),
                "test": None,
                "weights": {
                    "finite": True,
                    "initial": initial if seed == asked.seeds[0] else f"{seed}",
                    "final": keys[seed],
                },
            }
            store.add(keys[seed], curves(rate, seed, asked.epochs, measured_at), manifest, {})
        for block, seeds in blocks.items():
            runs = [{"run_key": keys[seed], "seed": seed} for seed in seeds]
            path = f"results/{NAME}/training/lr-{rate_label(rate)}/block-{block}.json"
            write_json(path, {"learning_rate": rate, "runs": runs})


def curves(rate: float, seed: int, epochs: int, measured_at: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """A run's three tables: losses that fall the slower and the rougher the further a rate is from 0.001."""
    generator = np.random.default_rng([seed, int(rate * 1e9)])
    distance = abs(np.log10(rate) + 3)

    def loss(step: np.ndarray) -> np.ndarray:
        fall = 2.3 / (1 + (step / (20 * 4**distance)) ** 0.7)
        return (fall + 0.05 + 0.1 * distance) * generator.lognormal(0, 0.02, len(step))

    ends = np.arange(1, epochs + 1) * STEPS_PER_EPOCH
    steps = np.arange(1, ends[-1] + 1)
    accuracy = 0.985 - 0.02 * distance**2 - 0.3 * loss(ends) / 2.3 + generator.normal(0, 0.001, epochs)
    measured = loss(measured_at)
    return {
        "epochs": {
            "epoch": np.arange(1, epochs + 1),
            "loss": loss(ends),
            "accuracy": accuracy,
            "val_loss": loss(ends),
            "val_accuracy": accuracy,
        },
        "evaluations": {
            "step": measured_at,
            "epoch": measured_at / STEPS_PER_EPOCH,
            "train_loss": measured,
            "train_accuracy": 1 - measured / 2.6,
            "val_loss": loss(measured_at),
            "val_accuracy": 1 - measured / 2.6,
            "gradient_norm": loss(measured_at),
            "update_ratio": loss(measured_at),
        },
        "steps": {
            "step": steps,
            "batch_loss": (loss(steps) * generator.lognormal(0, 0.5, len(steps))).astype("float32"),
        },
    }


def plan(asked: Experiment, seeds_per_job: int) -> None:
    """What snakemake takes to plan the experiment anew, with so many seeds a job."""
    jobs = len(asked.learning_rates) * len({seed // seeds_per_job for seed in asked.seeds})
    words = ["--dry-run", "--quiet", "all", "--forceall", "--cores", "1", "--configfile", "config.yaml"]
    command = [
        BIN / "snakemake",
        "--snakefile",
        PROJECT / "Snakefile",
        *words,
        "--config",
        f"seeds_per_job={seeds_per_job}",
    ]
    report(f"planning {jobs:,} jobs of training, {seeds_per_job} seeds each", command, 64, [])


def measure(command: str, asked: Experiment, memory: float) -> None:
    """Run one of the workflow's commands as its rule does."""
    report(f"`lrbench {command}`", [BIN / "lrbench", command, *words(command, asked)], memory, WRITES[command])


def words(command: str, asked: Experiment) -> list[str]:
    """The arguments that a rule gives its command."""
    results, figures = f"results/{NAME}", f"reports/{NAME}/figures"
    plan = ["--settings", canonical_json(asked.training_settings), "--plan", canonical_json(asked.plan)]
    manifest = ["--dataset", f"{results}/dataset/manifest.json"]
    tables = [*plan, *manifest, "--tables", f"{results}/tables.json"]
    analysis = ["--analysis", canonical_json(asked.analysis_settings), "--analysed", f"{results}/analysis.json"]
    measured = [*tables, *analysis, "--backpropagation", f"{results}/backpropagation.json"]
    origin = {"code": code_digest(TRAINING_MODULE), "versions": library_versions(*TRAINING_LIBRARIES)}
    files = {"epochs": "epochs.csv", "evaluations": "evaluations.csv", "steps": "steps.parquet"}
    written = [f"{name}.csv" for name in ANALYSIS_TABLES] + [f"{name}.json" for name in CONCLUSIONS]
    heading = {"config": "config.yaml", "dataset_name": asked.dataset_name, "name": NAME, "title": asked.title}
    return {
        "dataset": [
            "--data",
            asked.dataset_path,
            "--split",
            canonical_json(asked.split_settings),
            "--output",
            manifest[1],
        ],
        "backpropagate": [
            *plan,
            *manifest,
            "--data",
            asked.dataset_path,
            "--output",
            f"{results}/backpropagation.json",
        ],
        "aggregate": [
            *(*tables, "--expect", canonical_json(origin), "--store", "results/runs"),
            *("--blocks", f"{results}/training", "--seeds-per-job", str(asked.seeds_per_job)),
            *(word for name, file in files.items() for word in (f"--{name}", f"{results}/{file}")),
        ],
        "analyse": [
            *(*tables, *analysis),
            *(word for file in written for word in (f"--{file.partition('.')[0]}", f"{results}/{file}")),
        ],
        "figures": [*measured, "--output", figures],
        "report": [
            *(*measured, "--experiment", canonical_json(heading)),
            *("--figures", figures, "--output", f"reports/{NAME}.html"),
        ],
    }[command]


def report(what: str, command: Sequence[Path | str], memory: float, written: Sequence[str]) -> None:
    """Run a command, and print a row of what it took and what it wrote."""
    limit = int(memory * 1e9)
    begun = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode(errors="replace").strip().splitlines() or [""]
    seconds = time.monotonic() - begun
    outcome = (
        contents(*written) if process.returncode == 0 else f"failed, status {process.returncode}: {said[-1][:200]}"
    )
    row(what, seconds, usage.ru_maxrss * 1024 / 1e9, outcome)


def row(what: str, seconds: float, gigabytes: float | None, outcome: str) -> None:
    memory = "" if gigabytes is None else f"{gigabytes:.2f}"
    print(f"| {what} | {seconds:.1f} | {memory} | {outcome} |", flush=True)


def contents(*places: str) -> str:
    """How much is in files and folders."""
    files = [path for place in places for path in [Path(place), *Path(place).rglob("*")] if path.is_file()]
    return f"{len(files):,} files, {sum(path.stat().st_size for path in files) / 1e6:,.1f} MB" if files else ""


if __name__ == "__main__":
    main()
