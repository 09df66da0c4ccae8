"""The tutorial's loop: `model.fit` with its defaults, one rate after another in one process, and its two plots.

python -m benchmarks.tutorial full FOLDER        prints the runs' final validation accuracies as JSON
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.examples import arrays
from benchmarks.scale import SCALES, TUTORIAL_RATES, Scale
from benchmarks.with_keras import model


def loop(scale: Scale, folder: Path) -> dict[str, list[float]]:
    """Final validation accuracies by rate, after training every run and drawing accuracy and loss."""
    data = arrays(scale)
    histories: dict[float, list[dict[str, list[float]]]] = {}
    for rate in TUTORIAL_RATES:
        for seed in scale.seeds:
            fitted = model(seed, rate).fit(
                data.images,
                data.labels,
                epochs=scale.epochs,
                validation_data=(data.val_images, data.val_labels),
                verbose=0,  # its progress bar would only make it slower
            )
            histories.setdefault(rate, []).append(fitted.history)
    for measure in ("accuracy", "loss"):
        _plot(histories, measure, folder / f"{measure}.png")
    return {f"{rate:g}": [history["val_accuracy"][-1] for history in runs] for rate, runs in histories.items()}


def _plot(histories: dict[float, list[dict[str, Any]]], measure: str, path: Path) -> None:
    """Training solid and validation dashed, a colour for each rate."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    pyplot.figure(figsize=(12, 5))
    for colour, (rate, runs) in zip(("C0", "C1", "C2"), histories.items(), strict=True):
        for place, history in enumerate(runs):
            pyplot.plot(history[measure], colour, label="" if place else f"lr={rate:g}, training")
            pyplot.plot(history[f"val_{measure}"], f"{colour}--", label="" if place else f"lr={rate:g}, validation")
    pyplot.title(f"{measure} at several learning rates")
    pyplot.xlabel("epoch")
    pyplot.ylabel(measure)
    pyplot.legend()
    pyplot.savefig(path)
    pyplot.close()


if __name__ == "__main__":
    print(json.dumps(loop(SCALES[sys.argv[1]], Path(sys.argv[2]))))
