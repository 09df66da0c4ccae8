"""What 10,000 runs ask of every stage but training: made-up runs of real size through the real commands.

    python -m benchmarks.ten_thousand                          # 20 rates x 500 seeds, 10 epochs of MNIST each
    python -m benchmarks.ten_thousand --rates 30 --seeds 20 --epochs 100

The runs' curves are invented, their files are not: 10 rows of epochs, the evaluations and the 18,750 steps of real
training, written by the run store. Prints seconds, peak memory and bytes of each command, and of snakemake planning
the same experiment.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.commands import Commands
from benchmarks.processes import Usage, run
from benchmarks.scale import PROJECT
from benchmarks.synthetic import STAGES, made_experiment, rates
from lrbench.tables.names import ANALYSIS_TABLES, CONCLUSIONS

WRITES = {
    "aggregate": ["epochs.csv", "evaluations.csv", "steps.parquet", "tables.json"],
    "analyse": [*(f"{name}.csv" for name in ANALYSIS_TABLES), *(f"{name}.json" for name in (*CONCLUSIONS, "analysis"))],
    "figures": ["figures"],
    "report": ["report.html"],
}


def main() -> None:
    options = arguments()
    runs = options.rates * options.seeds
    print(f"{options.rates} rates x {options.seeds} seeds x {options.epochs} epochs: {runs:,} runs\n")
    print("| what | seconds | CPU seconds | peak memory, GB | writes |\n| --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory(prefix="lrbench-sweep-", dir=options.folder) as name:
        folder = Path(name)
        begun = time.monotonic()
        commands, worked = made_experiment(
            folder, rates(options.rates), options.seeds, options.epochs, targets=targets(options.targets)
        )
        row("`lrbench backpropagate`", worked, contents(folder / "backpropagation.json"))
        made = time.monotonic() - begun - worked.seconds
        print(f"| making the runs up | {made:.1f} |  |  | {contents(folder / 'runs', folder / 'blocks')} |", flush=True)
        for seeds_per_job in options.jobs:
            plan(commands, seeds_per_job)
        for stage in STAGES:
            usage = run(getattr(commands, stage)())
            written = contents(*(folder / file for file in WRITES[stage]))
            row(f"`lrbench {stage}`", usage, usage.errors.strip()[-300:] if usage.status else written)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=int, default=20, help="1 to 100")
    parser.add_argument("--seeds", type=int, default=500, help="1 to 1000")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--targets", type=int, default=2, help="accuracies whose reach is timed, 1 to 20")
    parser.add_argument("--jobs", nargs="*", type=int, default=[5], help="seeds_per_job, to plan with each")
    parser.add_argument("--folder", type=Path, help="where to work, if not in the system's temporary folder")
    return parser.parse_args()


def targets(count: int) -> list[float]:
    """So many accuracies, evenly from 0.90 to below 1."""
    return [round(0.9 + 0.1 * number / count, 4) for number in range(count)]


def plan(commands: Commands, seeds_per_job: int) -> None:
    """What snakemake takes to plan the experiment anew, with so many seeds a job."""
    experiment = commands.experiment
    jobs = len(experiment.learning_rates) * len({seed // seeds_per_job for seed in experiment.seeds})
    usage = run(
        [
            Path(sys.executable).parent / "snakemake",
            *("--snakefile", PROJECT / "Snakefile", "--configfile", commands.folder / "config.yaml"),
            *(
                "--dry-run",
                "--quiet",
                "all",
                "--forceall",
                "--cores",
                "1",
                "--config",
                f"seeds_per_job={seeds_per_job}",
            ),
        ],
        folder=commands.folder,
    ).checked()
    row(f"planning {jobs:,} jobs of training, {seeds_per_job} seeds each", usage, "")


def row(what: str, usage: Usage, outcome: str) -> None:
    print(f"| {what} | {usage.seconds:.1f} | {usage.cpu:.1f} | {usage.peak / 1e9:.2f} | {outcome} |", flush=True)


def contents(*places: Path) -> str:
    """How much is in files and folders."""
    files = [path for place in places for path in [place, *place.rglob("*")] if path.is_file()]
    return f"{len(files):,} files, {sum(path.stat().st_size for path in files) / 1e6:,.1f} MB"


if __name__ == "__main__":
    main()
