"""How far the same experiment comes apart on another processor or with other versions.

    snakemake --cores 2 --directory here
    ONEDNN_MAX_CPU_ISA=AVX2 snakemake --cores 2 --directory avx2
    python benchmarks/elsewhere.py here avx2

`ONEDNN_MAX_CPU_ISA` has TensorFlow's matrix products use no instructions beyond those named, as on a processor that has
no others. The first folder is the one that the others are compared with.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

RUN = ["learning_rate", "seed"]
APART = 1e-6  # nats


def results(folder: Path, name: str = "tutorial") -> Path:
    return folder / "results" / name


def statuses(folder: Path) -> dict[str, str]:
    """What was concluded, by id: the rate, verdicts, observations' statuses, claims' verdicts."""
    read = {name: json.loads((results(folder) / f"{name}.json").read_text()) for name in ("observations", "claims")}
    rates = pd.read_csv(results(folder) / "rates.csv")
    return (
        {
            f"verdict on {rate:g}": verdict
            for rate, verdict in zip(rates["learning_rate"], rates["verdict"], strict=True)
        }
        | {f"observation {item['id']}": item["status"] for item in read["observations"]["observations"]}
        | {f"claim {item['id']}": item["verdict"] for item in read["claims"]["claims"]}
    )


def compare(here: Path, there: Path) -> str:
    """One row for each rate, then what was concluded otherwise."""
    runs = pd.merge(*(pd.read_csv(results(folder) / "runs.csv") for folder in (here, there)), on=RUN)
    keys = [*RUN, "step"]
    steps = pd.merge(*(pd.read_csv(results(folder) / "evaluations.csv") for folder in (here, there)), on=keys)
    steps["apart"] = (steps["train_loss_x"] - steps["train_loss_y"]).abs() > APART
    lines = []
    for rate, group in runs.groupby("learning_rate"):
        differences = group["final_val_accuracy_y"] - group["final_val_accuracy_x"]
        measured = steps[steps["learning_rate"] == rate]
        together = measured.loc[measured["apart"], "step"].min()
        agree = (
            measured.loc[measured["step"] < together, "step"].max() if together == together else measured["step"].max()
        )
        points = 100 * differences
        spread = 100 * group["final_val_accuracy_x"].std()
        lines.append(
            f"| {there.name} | {rate:g} | {agree:g} | {points.abs().max():.2f} | {points.mean():+.2f} | {spread:.2f} |"
        )
    before, after = statuses(here), statuses(there)
    changed = [f"{name}: {before[name]} here, {after[name]} there" for name in before if before[name] != after[name]]
    lines.append(
        f"\n{there.name}: {len(before) - len(changed)} of {len(before)} conclusions the same. {'; '.join(changed)}\n"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    here, *others = map(Path, sys.argv[1:])
    print(
        "| where | rate | training loss equal to 1e-6 until step | most, points | mean, points | sd of seeds, points |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for other in others:
        print(compare(here, other))
