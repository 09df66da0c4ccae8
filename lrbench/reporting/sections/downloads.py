"""The section of downloads: the files of the experiment, inside the page where they are small."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pandas as pd

from lrbench.reporting.inputs import Measured
from lrbench.reporting.sections.section import Section

EMBEDDED_BYTES = 40_000  # tables up to this size travel inside the page
FINGERPRINT_BYTES = 80_000  # as do fingerprints, which stand in no table beside it but in tables.json


@dataclass(frozen=True)
class Download:
    """A file to save: inside the page where it is small, beside it otherwise."""

    name: str
    about: str
    href: str
    inside: bool


def downloads(measured: Measured, sections: Sequence[Section], experiment: Mapping[str, Any]) -> list[Download]:
    """The experiment's tables and files: small tables as data in the page, all else as links to the files beside it.

    sections : those of probes, whose files are named after them
    experiment : its `name`, and `yaml`, its config as text
    """
    name = experiment["name"]
    tables = {
        "runs": (measured.runs, "every measure of every run; accuracies as shares, losses in nats"),
        "rates": (
            measured.rates,
            f"every measure of every {measured.rate_heading.lower()}, with its verdict; accuracies as shares",
        ),
        "comparisons": (
            measured.comparisons,
            "every pair of rates, paired by seed; accuracies as shares, losses in nats",
        ),
        "reach": (measured.reach, "steps to each target, by rate"),
        "targets": (measured.targets, "steps to each target, by run"),
        "epochs": (measured.tables.epochs, "what Keras' history holds, for every run and epoch"),
        "fingerprints": (_fingerprints(measured), "SHA-256 of the final weights of every run"),
    }
    config = "data:application/yaml;charset=utf-8," + quote(experiment["yaml"], safe=",.-+:_")
    made = [Download(f"{name}.yaml", "the config of this experiment, every default written out", config, inside=True)]
    for table, (frame, about) in tables.items():
        data = "data:text/csv;charset=utf-8," + quote(_csv(frame), safe=",.-+:_")
        fingerprints = table == "fingerprints"
        inside = len(data) <= (FINGERPRINT_BYTES if fingerprints else EMBEDDED_BYTES)
        if fingerprints and not inside:
            continue
        made.append(Download(f"{table}.csv", about, data if inside else f"../results/{name}/{table}.csv", inside))
    for file, about in (
        ("evaluations.csv", "losses, accuracies, gradient norm and update ratio at every evaluated step"),
        ("steps.parquet", "the loss of every batch of every run"),
        ("recommendation.json", "the recommendation with its evidence"),
        ("observations.json", "every observation with its evidence"),
        ("claims.json", "every claim with its evidence"),
        ("next.json", "every proposal with its evidence"),
        *((f"{section.id}.json", section.holds) for section in sections),
        ("tables.json", "settings, run keys, versions, digests and the SHA-256 of every run's final weights"),
    ):
        made.append(Download(file, about, f"../results/{name}/{file}", inside=False))
    return made


def _fingerprints(measured: Measured) -> pd.DataFrame:
    runs = measured.tables.origin["runs"]
    return pd.DataFrame(
        {
            "learning_rate": [run["learning_rate"] for run in runs],
            "seed": [run["seed"] for run in runs],
            "sha256": [run["weights"]["final"] for run in runs],
        }
    )


def _csv(frame: pd.DataFrame) -> str:
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, na_rep="NaN", lineterminator="\n")
    return buffer.getvalue()
