"""Models from files, as the page has them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks.contenders import BUILT_IN, OWN_MODELS, Contender
from benchmarks.results import Results
from benchmarks.scale import SCALES
from benchmarks.words import number, spread, table

NAMES = {
    "dense": "`models/dense.py`, equal to the built-in network",
    "cnn": "`models/cnn.py`, a small convolutional network",
}


def own_models(results: Results) -> Iterator[str]:
    """The section, where the part was measured."""
    part = results.parts.get("own_models")
    if part is None:
        return
    scale = SCALES[part["scale"]]
    yield "## Models from files"
    yield (
        f"One run as above, with the model that a file builds. Each of {scale.rounds} rounds runs everybody in turn, "
        "in a fresh process each, on the same single core"
        f"{'' if part['machine']['pinned'] else ' (not pinned: this system cannot)'}. MB are the peak of the whole "
        "process, libraries and data included; `fit` has images as float32, as users give them. Ratios are round by "
        "round, over lrbench with the model of the file. lrbench's time has all that it measures along the way: losses "
        "on 10,000 test and a twelfth of the training images (1,000 to 5,000), and the gradient on the latter, at the "
        "end of each epoch and at steps 0, 1, 2, 5, 10, … of the first, or 0, 1, 10, 100, … where the others would "
        "have the model classify more images than it trains on; `fit` has the test images at each epoch's end."
    )
    for model, contenders in OWN_MODELS.items():
        run = scale.of_model(model)
        yield f"### {NAMES[model]}"
        yield f"{run.epochs} epochs on {run.examples or 60000:,} images."
        shown = (*contenders, BUILT_IN) if model == "dense" else contenders
        header = [
            "",
            "one run, s: median",
            "range",
            "times lrbench: median",
            "range",
            "steady epoch, s",
            "MB",
            "times lrbench",
            "final loss",
        ]
        yield table(header, [_row(results, one, contenders[0]) for one in shown])


def _row(results: Results, one: Contender, mine: Contender) -> list[str]:
    runs = list(results.runs(one.name).values())
    if not runs:
        return [one.label, results.absent(one.name) or "not measured", *[""] * 7]
    whole, ratios = [run["seconds"] for run in runs], results.ratios(one.name, mine.name)
    memory = results.memory_ratios(one.name, mine.name)
    return [
        one.label,
        number(statistics.median(whole)),
        spread(whole),
        number(statistics.median(ratios)) if ratios else "",
        spread(ratios) if ratios else "",
        number(statistics.median(results.steady(one.name).values())),
        number(statistics.median(run["process"]["megabytes"] for run in runs)),
        number(statistics.median(memory)) if memory else "",
        f"{runs[0]['losses'][-1]:.4f}",
    ]
