"""Ways to find the best rate, replayed from one table of runs: how often each is right, and what it trains for that.

python -m benchmarks.searches NAME=FILE…     FILE is what benchmarks.search_table trains, NAME what its data are called

What comes out is kept beside what else is measured, and printed as docs/performance.md has it.

A repetition has its own order of the table's seeds. A rate that is asked for stands for the nearest of the table. An
answer is right where its mean score over all seeds of the table is practically tied with the highest, as lrbench calls
it: within 0.1 points of accuracy.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import SEARCHES, Results
from benchmarks.scale import FULL, RESULTS
from benchmarks.search_table import EPOCHS, HIGHEST, LOWEST, read_table
from benchmarks.search_words import GRID, OURS, searches
from lrbench.findings.search import BEST, Done, Plan, Run, Search, decide
from lrbench.identity.provenance import write_json

TIE = 0.001
SEARCH = Search(
    lowest=LOWEST,
    highest=HIGHEST,
    most_rates=12,
    resolution=2.0,
    first_seeds=3,
    most_seeds=12,
    rounds=10,
    level=0.05,
    tie=TIE,
    least_sd=1e-4,
)
LEARNED = 0.5  # a run with a lower score did not learn


@dataclass(frozen=True)
class Table:
    """Runs of every rate with every seed.

    rates : ascending, shape (rates,); accuracies : validation accuracy, shape (rates, seeds, epochs); 0 where lost
    valleys : what the range test of each seed suggests, shape (seeds,); NaN for none
    """

    rates: np.ndarray
    accuracies: np.ndarray
    valleys: np.ndarray

    @classmethod
    def read(cls, file: Path) -> Table:
        """Those seeds of a file that are whole."""
        lines = read_table(file)
        valleys = {one["seed"]: one["valley"] for one in lines if "valley" in one}
        runs = {(one["rate"], one["seed"]): one for one in lines if "rate" in one}
        rates = sorted({rate for rate, _ in runs})
        seeds = [seed for seed in sorted(valleys) if all((rate, seed) in runs for rate in rates)]
        accuracies = np.array([[_accuracies(runs[rate, seed]) for seed in seeds] for rate in rates])
        return cls(np.array(rates), accuracies, np.array([valleys[seed] or math.nan for seed in seeds]))

    @property
    def scores(self) -> np.ndarray:
        """The score of each run, shape (rates, seeds): as in lrbench the mean over the last fifth of the epochs."""
        last = max(self.accuracies.shape[2] // 5, 1)
        return self.accuracies[:, :, -last:].mean(axis=2)

    def nearest(self, rate: float) -> int:
        """The place of the rate that one stands for."""
        return int(np.argmin(np.abs(np.log(self.rates) - math.log(rate))))

    def behind(self, rate: float) -> float:
        """By how much a rate's mean score is below the highest."""
        means = self.scores.mean(axis=1)
        return float(means.max() - means[self.nearest(rate)])


def _accuracies(run: Mapping[str, Sequence[float]]) -> list[float]:
    pairs = zip(run["val_accuracy"], run["val_loss"], strict=True)
    return [accuracy if math.isfinite(loss) else 0.0 for accuracy, loss in pairs]


@dataclass
class Trainer:
    """Gives out the runs of one repetition and counts the epochs that training them would take.

    order : the table's seeds in the order in which this repetition takes them
    """

    table: Table
    order: np.ndarray
    epochs: int = 0
    trained: dict[tuple[float, int], float] = field(default_factory=dict)

    def score(self, rate: float, seed: int) -> float:
        """The score of a whole run, which is trained once."""
        if (rate, seed) not in self.trained:
            self.epochs += EPOCHS
            self.trained[rate, seed] = float(self.table.scores[self.table.nearest(rate), self.order[seed]])
        return self.trained[rate, seed]

    def epoch(self, rate: float, seed: int, epoch: int) -> float:
        """The validation accuracy after an epoch, from 0, which is trained for this."""
        self.epochs += 1
        return float(self.table.accuracies[self.table.nearest(rate), self.order[seed], epoch])


def search(trainer: Trainer) -> float:
    """lrbench's search: its best rate when nothing is left to ask for."""
    runs: list[Run] = []
    for finished in range(SEARCH.rounds + 1):
        found: Plan | Done = decide(SEARCH, finished, runs)
        if isinstance(found, Done):
            break
        scores = [(rate, seed, trainer.score(rate, seed)) for rate, n in found.seeds.items() for seed in range(n)]
        runs = [Run(rate, seed, score, score < LEARNED) for rate, seed, score in scores]
    return next((one.learning_rate for one in found.standings if one.verdict == BEST), LOWEST)


def grid(trainer: Trainer) -> float:
    """The whole grid that the search would refine to, with as many seeds as it may take: the highest mean."""
    gaps = math.ceil(math.log(HIGHEST / LOWEST) / math.log(SEARCH.resolution))
    rates = np.geomspace(LOWEST, HIGHEST, gaps + 1)
    means = [np.mean([trainer.score(float(rate), seed) for seed in range(SEARCH.most_seeds)]) for rate in rates]
    return float(rates[int(np.argmax(means))])


def range_test(trainer: Trainer) -> float:
    """The range test of one seed alone: the valley."""
    trainer.epochs += 1
    valley = trainer.table.valleys[trainer.order[0]]
    return LOWEST if math.isnan(valley) else float(np.clip(valley, LOWEST, HIGHEST))


def tpe_median(trainer: Trainer, budget: int) -> float:
    """Optuna's TPE with its median pruner, each trial a rate with a seed of its own, told of every epoch."""
    import optuna

    number = int(trainer.order[0])
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=number), pruner=optuna.pruners.MedianPruner()
    )
    while trainer.epochs < budget:
        trial = study.ask()
        rate = trial.suggest_float("rate", LOWEST, HIGHEST, log=True)
        for epoch in range(EPOCHS):
            accuracy = trainer.epoch(rate, trial.number % len(trainer.order), epoch)
            trial.report(accuracy, epoch)
            if trainer.epochs >= budget or trial.should_prune():
                break
        whole = epoch == EPOCHS - 1
        study.tell(trial, accuracy if whole else None, None if whole else optuna.trial.TrialState.PRUNED)
    return float(study.best_params["rate"])


def tpe_wilcoxon(trainer: Trainer, budget: int) -> float:
    """Optuna's TPE with its Wilcoxon pruner: each trial a rate, its runs with up to twelve seeds the steps."""
    import optuna

    number = int(trainer.order[0])
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=number),
        pruner=optuna.pruners.WilcoxonPruner(p_threshold=0.1),
    )
    while trainer.epochs < budget:
        trial = study.ask()
        rate = trial.suggest_float("rate", LOWEST, HIGHEST, log=True)
        scores: list[float] = []
        for seed in range(SEARCH.most_seeds):
            scores.append(trainer.score(rate, seed))
            trial.report(scores[-1], seed)
            if trainer.epochs >= budget or trial.should_prune():
                break
        study.tell(trial, float(np.mean(scores)))
    return float(study.best_params["rate"])


def replayed(table: Table, repetitions: int) -> dict[str, dict[str, list[float]]]:
    """Every way, over as many orders of the seeds; those of Optuna with the epochs of the search, and of the grid.

    Returns by way, for each repetition, how far the answer is `behind` the best, and the `epochs` spent.
    """
    found: dict[str, dict[str, list[float]]] = {}

    def note(name: str, order: np.ndarray, way: Callable[[Trainer], float]) -> int:
        trainer = Trainer(table, order)
        answer = way(trainer)
        row = found.setdefault(name, {"behind": [], "epochs": []})
        row["behind"].append(table.behind(answer))
        row["epochs"].append(trainer.epochs)
        return trainer.epochs

    for repetition in range(repetitions):
        order = np.random.default_rng(repetition).permutation(len(table.valleys))
        spent = {"the search's": note(OURS, order, search), "the grid's": note(GRID, order, grid)}
        note("range test, valley", order, range_test)
        for name, budget in spent.items():
            note(f"Optuna, TPE, median pruner, {name} epochs", order, lambda one, most=budget: tpe_median(one, most))
            note(
                f"Optuna, TPE, Wilcoxon pruner, {name} epochs", order, lambda one, most=budget: tpe_wilcoxon(one, most)
            )
    return found


def record(data: str, file: Path, repetitions: int) -> dict[str, Any]:
    """What the page says of one table: what data it is of, how large it is, mean scores, and every way's outcome."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    table = Table.read(file)
    means = table.scores.mean(axis=1)
    return {
        "data": data,
        "epochs": table.accuracies.shape[2],
        "seeds": len(table.valleys),
        "rates": table.rates.tolist(),
        "means": means.tolist(),
        "tie": TIE,
        "optuna": optuna.__version__,
        "ways": replayed(table, repetitions),
    }


def main() -> None:
    """Replay tables, keep what came out, and print it."""
    parser = argparse.ArgumentParser(description="Replay ways to find the best rate from tables of runs.")
    parser.add_argument("tables", nargs="+", metavar="NAME=FILE", help="what the data are called, and the table")
    parser.add_argument("--repetitions", type=int, default=40, help="orders of the seeds (default: 40)")
    arguments = parser.parse_args()
    given = [text.rpartition("=")[::2] for text in arguments.tables]
    records = [record(name, Path(file), arguments.repetitions) for name, file in given]
    folder = RESULTS / FULL.name
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / SEARCHES, records)
    print("\n\n".join(searches(Results({}, records))))


if __name__ == "__main__":
    main()
