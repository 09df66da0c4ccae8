"""How much is measured: in full, or quickly to see that the benchmarks work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

PROJECT = Path(__file__).parents[1]
RESULTS = PROJECT / "benchmarks" / "results"
DATA = PROJECT / "resources" / "mnist"
MODELS = PROJECT / "models"

BATCH_SIZE = 32
HIDDEN_UNITS = (128, 64)
LEARNING_RATE = 0.001
SEED = 0
TUTORIAL_RATES = (0.01, 0.001, 0.0001)
CORES = 3  # of `snakemake --cores`, as the README has it on any machine: a job for each of the tutorial's rates


@dataclass(frozen=True)
class Scale:
    """Sizes of what is measured.

    rounds : of every contender; calls : of snakemake on a finished workflow
    epochs, examples : of one run, and of each run of the main job (None: all examples)
    convolution : epochs and examples of one run of the convolutional network
    seeds : of the main job
    large : rates, seeds and epochs of the large analysis
    counts : what the growth of training is measured at; tables : the same for what follows training
    jobs : numbers of rates of whole workflows
    most_examples : the largest training set of the growth
    """

    name: str
    rounds: int
    calls: int
    epochs: int
    examples: int | None
    convolution: tuple[int, int]
    seeds: Sequence[int]
    large: tuple[int, int, int]
    counts: Sequence[int]
    tables: Sequence[int]
    jobs: Sequence[int]
    most_examples: int

    def of_model(self, model: str) -> Scale:
        """The scale of a run of a model from a file: that of one run, smaller for the convolutional network."""
        epochs, examples = self.convolution
        return replace(self, epochs=epochs, examples=examples) if model == "cnn" else self


FULL = Scale(
    name="full",
    rounds=3,
    calls=5,
    epochs=10,
    examples=None,
    convolution=(8, 6016),  # as in config/cnn.yaml, in whole batches
    seeds=(0, 1, 2, 3, 4),
    large=(30, 20, 30),
    counts=(1, 2, 4, 16),
    tables=(2, 4, 8, 32),
    jobs=(1, 4, 16),
    most_examples=60000,
)
QUICK = Scale(
    name="quick",
    rounds=2,
    calls=2,
    epochs=2,
    examples=3200,
    convolution=(2, 640),
    seeds=(0,),
    large=(4, 3, 4),
    counts=(1, 4),
    tables=(2, 8),
    jobs=(1, 3),
    most_examples=4800,
)
SCALES = {scale.name: scale for scale in (FULL, QUICK)}
