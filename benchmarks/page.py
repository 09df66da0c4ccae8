"""docs/performance.md, from what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from benchmarks import verdicts
from benchmarks.contenders import BOUNDS, CONTENDERS, Contender
from benchmarks.growth_words import growth
from benchmarks.own_models_words import own_models
from benchmarks.results import PARTS, Results
from benchmarks.scale import CORES, FULL, SCALES
from benchmarks.search_words import searches
from benchmarks.words import number, spread, table

STAGE_NAMES = {"aggregate": "aggregate (not counted)"}
BUSY = 0.1  # cores that other processes may take on average; more is said


def page(results: Results) -> str:
    """The whole page."""
    sections = [
        "# Performance",
        *_warnings(results),
        *_targets(results),
        *_one_run(results),
        *_bound(results),
        *own_models(results),
        *_main_job(results),
        *_calls(results),
        *_memory(results),
        *growth(results),
        *searches(results),
        *_machine(results),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _warnings(results: Results) -> Iterator[str]:
    yield (
        "Written by `make benchmark`; run it on a machine that does nothing else. Times are wall-clock seconds unless "
        "they are called CPU; MB are millions of bytes, at the peak of a process."
    )
    scales = {part["scale"] for part in results.parts.values()}
    if scales - {FULL.name}:
        yield (
            "**A quick trial of the benchmarks themselves: fewer examples, epochs and rounds. None of these numbers "
            "says how fast lrbench is.**"
        )
    missing = [part.replace("_", " ") for part in PARTS if part not in results.parts]
    if missing:
        yield f"**Not measured: {', '.join(missing)}.**"
    if len({part["code"] for part in results.parts.values()}) > 1:
        yield "**The parts of this page were measured with different states of the code.**"
    for name, part in results.parts.items():
        if part["others"] > BUSY:
            yield f"**While {name.replace('_', ' ')} was measured, other processes took {part['others']:.1f} cores.**"


def _targets(results: Results) -> Iterator[str]:
    yield "## Targets"
    rows = []
    for one in verdicts.verdicts(results):
        bar = f"{'at least' if one.at_least else 'at most'} {number(one.limit)} {one.unit}".strip()
        if one.target.startswith("one run: ahead"):
            bar = "above 1 times"
        value = "" if one.value is None else f"{number(one.value)} {one.unit}".strip()
        rows.append([one.target, f"{one.kind}: {bar}", value, one.words])
    yield table(["what", "target", "measured", ""], rows)


def _records(results: Results, contender: Contender, key: str) -> list[float]:
    return [record[key] for record in results.runs(contender.name).values()]


def _one_run(results: Results) -> Iterator[str]:
    if "one_run" not in results.parts:
        return
    scale = SCALES[results.parts["one_run"]["scale"]]
    cores = results.parts["one_run"]["machine"]["cores"]
    yield "## One run"
    yield (
        f"{scale.epochs} epochs on {scale.examples or 60000:,} MNIST images: 784-128-64-10, ReLU and softmax, batches "
        "of 32, Adam at 0.001; every epoch's loss and accuracy are recorded and the 10,000 test images validated on. "
        f"Each of {scale.rounds} rounds runs everybody in turn, in a fresh process each, on the same single core"
        f"{'' if results.parts['one_run']['machine']['pinned'] else ' (not pinned: this system cannot)'}; only the "
        f"first row of `fit` may use all {cores} cores, as users have it. lrbench, PyTorch and JAX take the same "
        "batches; `fit` shuffles its own. *One run* is what one waits for when libraries and data are loaded: "
        "building the model, compiling, training, validating, and for lrbench also all that it measures along the way "
        "and keeping the run. *Loading* is the libraries alone, for lrbench with the data and their check. *Steady* "
        "is the median epoch after the first. Ratios are round by round, over lrbench."
    )
    rows = [_contender_row(results, one) for one in CONTENDERS]
    header = ["", "cores", "loading, s", "one run, s: median", "range", "steady epoch, s"]
    yield table([*header, "times lrbench: median", "range", "final loss", "final val_accuracy"], rows)
    yield from _notes(results, CONTENDERS)


def _contender_row(results: Results, one: Contender) -> list[str]:
    runs = results.runs(one.name)
    if not runs:
        return [one.label, one.cores, results.absent(one.name) or "not measured", *[""] * 7]
    last = next(iter(runs.values()))
    whole, ratios = _records(results, one, "seconds"), results.ratios(one.name)
    return [
        one.label,
        one.cores,
        number(statistics.median(_records(results, one, "imports"))),
        number(statistics.median(whole)),
        spread(whole),
        number(statistics.median(results.steady(one.name).values())),
        number(statistics.median(ratios)) if ratios else "",
        spread(ratios) if ratios else "",
        f"{last['losses'][-1]:.4f}",
        f"{last['val_accuracies'][-1]:.4f}",
    ]


def _notes(results: Results, contenders: Iterable[Contender]) -> Iterator[str]:
    notes = [
        f"{one.label}: {record['note']}"
        for one in contenders
        for record in list(results.runs(one.name).values())[:1]
        if record["note"]
    ]
    if notes:
        yield "; ".join(notes) + "."


def _bound(results: Results) -> Iterator[str]:
    floor, mine = verdicts.bound(results), verdicts.seconds(results, "lrbench")
    if floor is None:
        return
    yield "### The bound"
    yield (
        "The matrix products of the same run and nothing else, on the same core: forward, and backward for every "
        "layer's weights and every layer's inputs but the first's, at the same shapes. Seconds of a run are those of "
        "the median epoch times the epochs."
    )
    rows = []
    for one in BOUNDS:
        steady = list(results.steady(one.name).values())
        if steady:
            epochs = len(next(iter(results.runs(one.name).values()))["epochs"])
            whole = [epochs * value for value in steady]
            rows.append([one.label, number(statistics.median(whole)), spread(whole), number(statistics.median(steady))])
        else:
            rows.append([one.label, results.absent(one.name) or "not measured", "", ""])
    yield table(["", "all products of a run, s: median", "range", "an epoch, s"], rows)
    if mine is not None:
        epoch = statistics.median(results.steady("lrbench").values())
        own = min(statistics.median(values) for one in BOUNDS if (values := list(results.steady(one.name).values())))
        yield (
            f"The bound is that of {floor[0]}. A run of lrbench takes {number(mine / floor[1])} times as long, its "
            f"steady epoch {number(epoch / own)} times."
        )


def _main_job(results: Results) -> Iterator[str]:
    (job, tutorial) = (results.records("whole_job", what=what) for what in ("main job", "tutorial"))
    if not job:
        return
    one = job[-1]
    scale = SCALES[results.parts["whole_job"]["scale"]]
    yield "## The whole main job"
    yield (
        f"Three learning rates, {len(scale.seeds)} seeds, {scale.epochs} epochs. lrbench: `snakemake --cores {CORES}` "
        "in a fresh copy with an empty store, from the data's check to the report. The tutorial: one process that "
        "fits the same runs one after another with `model.fit`'s defaults and validation data, on all cores, and "
        "draws accuracy and loss. Measured once each."
    )
    rows = [["lrbench, the whole workflow", *_job_cells(one)]]
    if tutorial:
        rows.append(["the tutorial's loop", *_job_cells(tutorial[-1])])
    yield table(["", "s", "CPU s", "peak of a process, MB", "mean final val_accuracy by rate"], rows)
    if tutorial:
        yield f"The loop takes **{number(tutorial[-1]['seconds'] / one['seconds'])} times** as long."
    yield "### Where the time goes"
    yield _jobs_table(one)
    yield _shares(one)


def _job_cells(record: dict[str, Any]) -> list[str]:
    means = {float(rate): statistics.fmean(values) for rate, values in record["val_accuracies"].items()}
    accuracies = ", ".join(f"{rate:g}: {mean:.4f}" for rate, mean in sorted(means.items()))
    return [number(record["seconds"]), number(record["cpu"]), number(record["megabytes"]), accuracies]


def _jobs_table(job: dict[str, Any]) -> str:
    first = min(one["begun"] for one in job["jobs"])
    rows = []
    for rule in dict.fromkeys(one["rule"] for one in job["jobs"]):
        spans = [(one["begun"] - first, one["ended"] - first) for one in job["jobs"] if one["rule"] == rule]
        lengths = [ended - begun for begun, ended in spans]
        rows.append(
            [
                f"`{rule}`",
                str(len(spans)),
                number(sum(lengths)),
                number(max(lengths)),
                f"{number(min(spans)[0])} to {number(max(ended for _, ended in spans))}",
            ]
        )
    return table(["job", "how many", "s, together", "s, the longest", "from second to second"], rows)


def _shares(job: dict[str, Any]) -> str:
    inside = sum(one["ended"] - one["begun"] for one in job["jobs"] if one["rule"] == "train")
    covered = verdicts.union([(one["begun"], one["ended"]) for one in job["jobs"]])
    span = verdicts.training_span(job)
    loading = inside - sum(job["run_seconds"])
    return (
        f"Snakemake itself, before, between and after the jobs: {number(job['seconds'] - covered)} s. In "
        f"{number(span)} of the {number(job['seconds'])} s a training job was at work; of the training jobs' "
        f"{number(inside)} s together, {number(loading)} s went into starting, loading libraries and data, and "
        "keeping runs. Not training, counted strictly, with that part of the training jobs: "
        f"**{100 * (1 - verdicts.training_share(job)):.0f} %**; with training jobs counted whole: "
        f"{100 * (1 - span / job['seconds']):.0f} %."
    )


def _calls(results: Results) -> Iterator[str]:
    names = {
        "finished": "`snakemake` on the finished main job",
        "empty": "`snakemake` on a Snakefile with one empty rule",
        "template": "`snakemake` after an edit of the stylesheet, to the new report",
    }
    rows = []
    for what, label in names.items():
        records = results.records("whole_job", what=what)
        if records:
            whole, cpu = [one["seconds"] for one in records], [one["cpu"] for one in records]
            medians = (number(statistics.median(whole)), spread(whole), number(statistics.median(cpu)), spread(cpu))
            rows.append([label, str(len(records)), *medians])
    if rows:
        yield "## Calling it again"
        yield table(["", "calls", "s: median", "range", "CPU s: median", "range"], rows)


def _memory(results: Results) -> Iterator[str]:
    training = results.records("memory", what="training")
    large = results.measurements("memory", what="large analysis")
    if not training and not large:
        return
    yield "## Memory"
    rows = [["training, a job of the main job", *_usage(record)] for record in training]
    for one in large:
        rows += [[STAGE_NAMES.get(name, name), *_usage(stage)] for name, stage in one["record"]["stages"].items()]
    if large:
        sizes = large[-1]
        size = sizes["record"]["report_bytes"]
        outcome = f"Its report has {number(size / 1e6)} MB." if size else f"**{sizes['record']['failed']}**"
        yield (
            f"A training process of the main job, and what follows training for {sizes['rates']} rates × "
            f"{sizes['seeds']} seeds × {sizes['epochs']} epochs of 1,875 steps, whose runs are made up. {outcome}"
        )
    yield table(["process", "MB", "CPU s", "s"], rows)


def _usage(record: dict[str, float]) -> Sequence[str]:
    return [number(record["megabytes"]), number(record["cpu"]), number(record["seconds"])]


def _machine(results: Results) -> Iterator[str]:
    yield "## Machine and versions"
    described = list({str(part["machine"]): part["machine"] for part in results.parts.values()}.values())
    for one in described:
        versions = ", ".join(f"{name} {version}" for name, version in sorted(one["versions"].items()))
        yield (
            f"{one['cpu']}, {one['cores']} cores, {one['memory'] / 1e9:.0f} GB, {one['system']}; Python "
            f"{one['python']}, {versions}."
        )
    took = sum(part["seconds"] for part in results.parts.values())
    if took:
        yield f"Measuring all of this took {took / 60:.0f} minutes."
