"""Memory: a training process of the main job, and everything after training for a large experiment."""

from __future__ import annotations

from benchmarks.commands import Commands, main_job
from benchmarks.processes import run
from benchmarks.scale import LEARNING_RATE
from benchmarks.synthetic import failures, follow, made_experiment, rates


def test_training(scale, once, tmp_path):
    commands = Commands.of(tmp_path, main_job(scale))
    run(commands.dataset()).checked()
    once(lambda: run(commands.train(LEARNING_RATE, scale.seeds)).checked().as_json(), what="training")


def test_large_analysis(scale, once, tmp_path):
    number, seeds, epochs = scale.large
    commands, _ = made_experiment(tmp_path, rates(number), seeds, epochs)

    def whole():
        usages = follow(commands)
        return {
            "stages": {stage: usage.as_json() for stage, usage in usages.items()},
            "report_bytes": commands.page.stat().st_size if commands.page.exists() else None,
            "failed": failures(usages),
        }

    once(whole, what="large analysis", rates=number, seeds=seeds, epochs=epochs)
