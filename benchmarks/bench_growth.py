"""How time and memory grow with the numbers of rates, seeds, epochs and training examples."""

from __future__ import annotations

import statistics

from benchmarks.cases import cases
from benchmarks.commands import Commands, config, dataset
from benchmarks.processes import run
from benchmarks.project import Copy
from benchmarks.scale import BATCH_SIZE, LEARNING_RATE, Scale
from benchmarks.synthetic import failures, follow, made_experiment, rates

FEW_RATES, FEW_SEEDS, FEW_EPOCHS = 3, 3, 6
FEW_EXAMPLES = 9600
ORDER_OF_TRAINING = ("seeds", "epochs", "examples")


def training_sizes(scale: Scale) -> list[tuple[str, int]]:
    """What one training process does: so many seeds, epochs or examples, the others being few."""
    largest = max(scale.counts)
    examples = [scale.most_examples * count // largest // BATCH_SIZE * BATCH_SIZE for count in scale.counts]
    return [
        *(("seeds", count) for count in scale.counts),
        *(("epochs", count) for count in scale.counts),
        *(("examples", count) for count in examples),
    ]


@cases(training_sizes)
def test_training(case, once, tmp_path, scale):
    axis, number = case
    few = min(FEW_EXAMPLES, scale.most_examples)
    given = {"seeds": 1, "epochs": 2, "examples": few} | {axis: number}
    seeds = list(range(given["seeds"]))
    asked = config(seeds=seeds, epochs=given["epochs"], dataset=dataset(given["examples"]))
    commands = Commands.of(tmp_path, asked)
    run(commands.dataset()).checked()
    once(lambda: run(commands.train(LEARNING_RATE, seeds)).checked().as_json(), what="training", axis=axis, n=number)


@cases(
    lambda scale: [
        *(("rates", count) for count in scale.tables),
        *(("seeds", count) for count in scale.tables),
        *(("epochs", count) for count in scale.tables),
    ]
)
def test_after_training(case, once, tmp_path):
    axis, number = case
    given = {"rates": FEW_RATES, "seeds": FEW_SEEDS, "epochs": FEW_EPOCHS} | {axis: number}
    commands, worked = made_experiment(tmp_path, rates(given["rates"]), given["seeds"], given["epochs"])

    def whole():
        usages = {"backpropagate": worked} | follow(commands)
        return {stage: usage.as_json() for stage, usage in usages.items()} | {"failed": failures(usages)}

    once(whole, what="after training", axis=axis, n=number)


@cases(lambda scale: [("rates", count) for count in scale.jobs])
def test_workflow(case, once, tmp_path, scale):
    axis, number = case
    few = min(FEW_EXAMPLES, scale.most_examples)
    asked = config(learning_rates=rates(number), seeds=[0, 1], epochs=2, dataset=dataset(few))
    project = Copy.of(tmp_path / "lrbench", asked)

    def whole():
        usage = project.snakemake()
        spans = [job["ended"] - job["begun"] for job in project.jobs() if job["rule"] == "train"]
        return usage.as_json() | {"training_job": statistics.median(spans)}

    once(whole, what="workflow", axis=axis, n=number)
