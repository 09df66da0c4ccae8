"""A stored run's trained model, to take home: the run is trained once more, and is what was stored."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrbench.data.sources import read_dataset
from lrbench.data.split import split
from lrbench.errors import InputError, WorkError
from lrbench.learning.jobs import say
from lrbench.learning.models import Learners, set_up
from lrbench.learning.store import RunStore
from lrbench.learning.verification import named, stored_run

SUFFIX = ".keras"


def run_of(runs: Sequence[Mapping[str, Any]], rate: float, seed: int) -> str:
    """The key of the run of a rate and a seed. Raises InputError where the experiment has none."""
    keys = [run["run_key"] for run in runs if (run["learning_rate"], run["seed"]) == (rate, seed)]
    if not keys:
        rates, seeds = (sorted({run[name] for run in runs}) for name in ("learning_rate", "seed"))
        raise InputError(
            f"the experiment has no run of rate {rate:g} and seed {seed}; its rates are "
            f"{', '.join(f'{one:g}' for one in rates)}, its seeds {', '.join(map(str, seeds))}."
        )
    return str(keys[0])


def export_keras(key: str, dataset: str, store: RunStore, output: Path, model: str | None = None) -> str:
    """Train a stored run again and save its model; a sentence that says where it is and how it is loaded.

    output : a file whose name ends with .keras
    Other parameters are those of `lrbench.learning.verification.verify`.

    Raises
    ------
    InputError
        Where the file's name ends otherwise, or the stored run is damaged.
    WorkError
        Where the weights come out otherwise than stored: nothing is saved.
    """
    if output.suffix != SUFFIX:
        raise InputError(f"{output}: Keras saves models in files whose names end with {SUFFIX}; give such a name.")
    manifest, run = stored_run(key, store)
    settings = run.as_json()
    set_up(settings)
    from lrbench.learning.carried import Beginnings
    from lrbench.learning.training import TensorData, train, weights_fingerprint

    data = TensorData(split(read_dataset(dataset, settings.get("data_options")), settings))
    learner = Beginnings(Learners(settings, model), data, store, manifest["key"])(run, say)
    history = train(run, data, learner, say)
    if weights_fingerprint(history.weights) != manifest["weights"]["final"]:
        raise WorkError(
            f"{named(run, key)} comes out with other weights here than are stored, so nothing was saved; "
            "lrbench verify says what differs."
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.stem}.{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}")
    try:
        learner.model.save(temporary)
        os.replace(temporary, output)
    finally:
        temporary.unlink(missing_ok=True)
    return f"{output}: the model of {named(run, key)}; load it with keras.models.load_model({str(output)!r})."


SAVERS = {"keras": export_keras}  # by what is saved
