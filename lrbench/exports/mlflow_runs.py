"""The runs of an experiment in an MLflow store, written by MLflow's own client."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

import pandas as pd
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from lrbench.api.experiment import Results
from lrbench.errors import InputError
from lrbench.wording import rate_label

One = TypeVar("One")
RUN = ["learning_rate", "seed"]
TABLES = {"evaluations": "step", "epochs": "epoch"}  # and the column that counts them
KEY, RECOMMENDED = "lrbench.run_key", "lrbench.recommended"
MOST = {"metrics": 1000, "params": 100}  # that the client takes in a call
LONGEST_PARAMETER = 500
FINISHED = "FINISHED"


def export(results: Results, output: str) -> str:
    """Log each run as a run of the MLflow experiment that has the experiment's name; a sentence that says so.

    Parameters are the training settings, metrics the evaluations, the epochs, and every measure of the run; the run key
    is a tag. A run whose key is there already and was logged whole is left as it is; one that was not is logged anew.

    output : address of a tracking store, as sqlite:///mlflow.db

    Raises InputError where MLflow refuses the store.
    """
    try:
        client = MlflowClient(tracking_uri=output)
        found = client.get_experiment_by_name(results.name)
        experiment = client.create_experiment(results.name) if found is None else found.experiment_id
        there = _logged(client, experiment)
        new = [run for run in results.measured.tables.origin["runs"] if run["run_key"] not in there]
        parts = {name: dict(iter(getattr(results, name).groupby(RUN))) for name in TABLES}
        measures = {(row["learning_rate"], row["seed"]): row for row in results.runs.to_dict("records")}
        for run in new:
            key = (run["learning_rate"], run["seed"])
            _log(client, experiment, results, run, measures[key], {name: one[key] for name, one in parts.items()})
    except MlflowException as error:
        raise InputError(f"{output}: MLflow refuses it ({' '.join(str(error).split())[:200]}).") from error
    before = f", beside {len(there)} that were there" if there else ""
    return f"{output}: {len(new)} runs{before}, in the MLflow experiment {results.name}."


def _logged(client: MlflowClient, experiment: str) -> set[str]:
    """The keys of the runs that are there; those that were not logged whole are deleted."""
    keys: set[str] = set()
    token = None
    while True:
        page = client.search_runs([experiment], page_token=token)
        for run in page:
            if KEY in run.data.tags and run.info.status == FINISHED:
                keys.add(run.data.tags[KEY])
            elif KEY in run.data.tags:
                client.delete_run(run.info.run_id)
        token = page.token
        if not token:
            return keys


def _log(
    client: MlflowClient,
    experiment: str,
    results: Results,
    run: Mapping[str, Any],
    measures: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
) -> None:
    rate, seed = run["learning_rate"], run["seed"]
    recommended = str(rate == results.recommendation.learning_rate).lower()
    tags = {KEY: run["run_key"], RECOMMENDED: recommended, "lrbench.outcome": measures["outcome"]}
    made = client.create_run(experiment, tags=tags, run_name=f"lr-{rate_label(rate)} seed-{seed}")
    settings = {**results.measured.tables.origin["settings"], "learning_rate": rate, "seed": seed}
    parameters = [Param(name, _text(value)) for name, value in sorted(settings.items())]
    for some in _batches(parameters, MOST["params"]):
        client.log_batch(made.info.run_id, params=some)
    for several in _batches(_metrics(measures, tables), MOST["metrics"]):
        client.log_batch(made.info.run_id, metrics=several)
    client.set_terminated(made.info.run_id, status=FINISHED)


def _metrics(measures: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Iterator[Metric]:
    """The metrics of a run, named by table and column; those of its end once, at step 0."""
    for name, value in measures.items():
        if name not in (*RUN, "outcome"):
            yield Metric(f"runs/{name}", float(value), 0, 0)
    for name, table in tables.items():
        counted = TABLES[name]
        columns = [column for column in table.columns if column not in (*RUN, counted)]
        for row in table.to_dict("records"):
            yield from (Metric(f"{name}/{one}", float(row[one]), 0, int(row[counted])) for one in columns)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text[:LONGEST_PARAMETER]


def _batches(items: Iterable[One], most: int) -> Iterator[list[One]]:
    """The items in their order, so many at a time."""
    left = iter(items)
    while some := list(islice(left, most)):
        yield some
