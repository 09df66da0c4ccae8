"""The runs of an experiment as event files that TensorBoard shows, written by TensorBoard's own package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.summary.writer.record_writer import RecordWriter

from lrbench.api.experiment import Results
from lrbench.identity.provenance import atomic_path
from lrbench.wording import rate_label

FILE = "events.out.tfevents.0.lrbench"
RUN = ["learning_rate", "seed"]
TABLES = {"evaluations": "step", "epochs": "epoch", "steps": "step"}  # and the column that counts them


def export(results: Results, output: str) -> str:
    """Write a folder of events for each run; a sentence that says so.

    Tags are the table and the column. A step counts as a second: no clock is asked, so the same results give the same
    bytes, and exporting again writes over what was there.
    """
    parts = {name: dict(iter(getattr(results, name).groupby(RUN))) for name in TABLES}
    for run in results.runs.to_dict("records"):
        key = (run["learning_rate"], run["seed"])
        path = Path(output) / f"lr-{rate_label(key[0])}" / f"seed-{key[1]}" / FILE
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            writer = RecordWriter(file)
            for event in _events(run, {name: tables[key] for name, tables in parts.items()}):
                writer.write(event.SerializeToString())
            writer.flush()
    return f"{output}: {len(results.runs)} runs of {results.name}; show them by tensorboard --logdir {output}."


def _events(run: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Iterator[Event]:
    """The events of a run: its rate and seed with how it ended, then what its tables hold."""
    yield Event(wall_time=0.0, file_version="brain.Event:2")
    settings = {"learning_rate": run["learning_rate"], "seed": run["seed"]}
    yield Event(wall_time=0.0, summary=hparams_pb(settings, trial_id=_trial(run), start_time_secs=0.0))
    ends = {"runs/score": run["score"], "runs/final_val_loss": run["final_val_loss"]}
    yield Event(wall_time=0.0, step=0, summary=_scalars(ends))
    for name, table in tables.items():
        counted = TABLES[name]
        columns = [column for column in table.columns if column not in (*RUN, counted)]
        for row in table.to_dict("records"):
            summary = _scalars({f"{name}/{column}": row[column] for column in columns})
            yield Event(wall_time=float(row[counted]), step=int(row[counted]), summary=summary)


def _trial(run: Mapping[str, Any]) -> str:
    return f"lr-{rate_label(run['learning_rate'])} seed-{run['seed']}"


def _scalars(values: Mapping[str, float]) -> Summary:
    return Summary(value=[Summary.Value(tag=tag, simple_value=float(value)) for tag, value in values.items()])
