"""What was aimed at, what was measured, and whether it was reached."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.contenders import BOUNDS, BUILT_IN, CONTENDERS, OWN_MODELS
from benchmarks.growth import curves
from benchmarks.results import Results
from benchmarks.search_words import GRID, OURS, right, rivals, standard_error

TIMES_FIT, TIMES_BOUND = 8.0, 1.5
TIMES_TUTORIAL, AIM_TIMES_TUTORIAL, NOT_TRAINING = 6.0, 10.0, 0.2
FINISHED_FACTOR, FINISHED_SECONDS, TEMPLATE_CPU = 1.5, 1.0, 5.0
AIM_TIMES_FIT, TIMES_BUILT_IN, TIMES_MEMORY = 2.0, 1.6, 1.3  # of models from files
TRAINING_MB, ANALYSIS_MB, ANALYSIS_CPU, REPORT_MB = 1200.0, 1000.0, 20.0, 1.5
SHARE_OF_GRID = 40.0  # % of the full grid's epochs
COUNTED_STAGES = ("analyse", "figures", "report")


@dataclass(frozen=True)
class Verdict:
    """A target and what came out; `value` is None where it was not measured.

    at_least : whether the value should be at least the limit, or at most
    failed : why there is no value, where the measuring was done and what was measured failed
    """

    target: str
    kind: str
    value: float | None
    limit: float
    unit: str
    at_least: bool = False
    failed: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it was reached."""
        if self.failed:
            return False
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def words(self) -> str:
        """Met, or not and by how much."""
        if self.failed:
            return f"**not met**: {self.failed}"
        if self.value is None:
            return "not measured"
        if self.met:
            return "met"
        if not self.limit:
            return "**not met**"
        share = abs(self.value / self.limit - 1)
        return f"**not met**: {max(1, round(100 * share))} % {'short of' if self.at_least else 'over'} it"


def verdicts(results: Results) -> list[Verdict]:
    """Every target, in the order of the page."""
    return [
        *_one_run(results),
        *_own_models(results),
        *_main_job(results),
        *_calls(results),
        *_memory(results),
        *_growth(results),
        *_searches(results),
    ]


def median(values: Sequence[float]) -> float | None:
    """The median, where there is a value."""
    return statistics.median(values) if values else None


def _over(value: float | None, by: float | None) -> float | None:
    return None if value is None or by is None else value / by


def seconds(results: Results, contender: str) -> float | None:
    """Median seconds of a contender's run."""
    return median([record["seconds"] for record in results.runs(contender).values()])


def bound(results: Results) -> tuple[str, float] | None:
    """The library whose matrix products took least, and the seconds of a run of them: epochs times the median epoch."""
    found = []
    for contender in BOUNDS:
        epoch = median(list(results.steady(contender.name).values()))
        if epoch is not None:
            epochs = len(next(iter(results.runs(contender.name).values()))["epochs"])
            found.append((epoch * epochs, contender.label))
    return (min(found)[1], min(found)[0]) if found else None


def nearest(results: Results) -> tuple[str, float] | None:
    """The contender that comes nearest to lrbench, and its seconds over lrbench's."""
    mine = seconds(results, "lrbench")
    ratios = [(_over(seconds(results, one.name), mine), one.label) for one in CONTENDERS if one.name != "lrbench"]
    known = [(ratio, label) for ratio, label in ratios if ratio is not None]
    return (min(known)[1], min(known)[0]) if known else None


def _one_run(results: Results) -> Iterator[Verdict]:
    mine = seconds(results, "lrbench")
    near, floor = nearest(results), bound(results)
    label = f" (nearest: {near[0]})" if near else ""
    yield Verdict(
        f"one run: ahead of every contender{label}",
        "must",
        near[1] if near else None,
        1.0,
        "times",
        at_least=True,
    )
    yield Verdict(
        "one run: as fast as `model.fit` with its defaults",
        "aim",
        _over(seconds(results, "fit"), mine),
        TIMES_FIT,
        "times",
        at_least=True,
    )
    yield Verdict("one run: the bound", "aim", _over(mine, floor[1] if floor else None), TIMES_BOUND, "times")


def _own_models(results: Results) -> Iterator[Verdict]:
    for model, (mine, defaults, steps) in OWN_MODELS.items():
        file = f"models/{model}.py"
        ratios = [median(results.ratios(one.name, mine.name)) for one in (defaults, steps)]
        known = [ratio for ratio in ratios if ratio is not None]
        value = min(known) if len(known) == len(ratios) else None
        fast = f"{file}: as fast as the faster `model.fit`"
        yield Verdict(fast, "must", value, 1.0, "times", at_least=True)
        if model == "dense":
            yield Verdict(fast, "aim", value, AIM_TIMES_FIT, "times", at_least=True)
            built_in = median(results.ratios(mine.name, BUILT_IN.name))
            yield Verdict(f"{file}: the built-in network", "must", built_in, TIMES_BUILT_IN, "times")
        memory = median(results.memory_ratios(mine.name, defaults.name))
        yield Verdict(f"{file}: memory of `model.fit`", "must", memory, TIMES_MEMORY, "times")


def _only(records: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return records[-1] if records else None


def _main_job(results: Results) -> Iterator[Verdict]:
    job, tutorial = (_only(results.records("whole_job", what=what)) for what in ("main job", "tutorial"))
    ratio = tutorial["seconds"] / job["seconds"] if job and tutorial else None
    for kind, limit in (("must", TIMES_TUTORIAL), ("aim", AIM_TIMES_TUTORIAL)):
        yield Verdict("main job: as fast as the tutorial's loop", kind, ratio, limit, "times", at_least=True)
    share = 100 * (1 - training_share(job)) if job else None
    yield Verdict("main job: what is not training", "aim", share, 100 * NOT_TRAINING, "%")


def union(spans: Sequence[tuple[float, float]]) -> float:
    """The seconds that at least one of the spans covers."""
    total, reached = 0.0, float("-inf")
    for begun, ended in sorted(spans):
        total += max(0.0, ended - max(begun, reached))
        reached = max(reached, ended)
    return total


def training_span(job: dict[str, Any]) -> float:
    """Seconds of the main job in which a training job was at work."""
    return union([(one["begun"], one["ended"]) for one in job["jobs"] if one["rule"] == "train"])


def training_share(job: dict[str, Any]) -> float:
    """Share of the main job's time that is training proper: loading libraries and data in training jobs is not."""
    inside = sum(one["ended"] - one["begun"] for one in job["jobs"] if one["rule"] == "train")
    return training_span(job) * sum(job["run_seconds"]) / inside / job["seconds"] if inside else 0.0


def _calls(results: Results) -> Iterator[Verdict]:
    finished, empty = (
        median([record["seconds"] for record in results.records("whole_job", what=what)])
        for what in ("finished", "empty")
    )
    limit = FINISHED_FACTOR * (empty or 0.0) + FINISHED_SECONDS
    yield Verdict(
        "finished workflow recognised (1.5 times an empty Snakefile plus 1 s)",
        "aim",
        None if empty is None else finished,
        limit,
        "s",
    )
    cpu = median([record["cpu"] for record in results.records("whole_job", what="template")])
    yield Verdict("template edit to a new report, CPU", "aim", cpu, TEMPLATE_CPU, "s")


def _memory(results: Results) -> Iterator[Verdict]:
    training = _only(results.records("memory", what="training"))
    yield Verdict("memory of a training process", "must", training and training["megabytes"], TRAINING_MB, "MB")
    large = _only(results.records("memory", what="large analysis"))
    stages = [large["stages"][stage] for stage in COUNTED_STAGES] if large else []
    peak = max((stage["megabytes"] for stage in stages), default=None)
    cpu = sum(stage["cpu"] for stage in stages) if stages else None
    failed = large["failed"] if large else ""
    yield Verdict("large analysis and report: memory", "must", peak, ANALYSIS_MB, "MB", failed=failed)
    yield Verdict("large analysis and report: CPU", "must", cpu, ANALYSIS_CPU, "s", failed=failed)
    size = large["report_bytes"] / 1e6 if large and not failed else None
    yield Verdict("large report: size", "must", size, REPORT_MB, "MB", failed=failed)


def _growth(results: Results) -> Iterator[Verdict]:
    found = [curve.verdict for curve in curves(results)]
    value = float(found.count("unexplained")) if found else None
    yield Verdict("costs that grow faster than linearly, unexplained", "must", value, 0.0, "")


def _searches(results: Results) -> Iterator[Verdict]:
    for one in results.searches:
        named = f"search, {one['data']}:"
        mine, (grid, n) = right(one, OURS)[0], right(one, GRID)
        yield Verdict(
            f"{named} right as often as the full grid, but for a standard error",
            "must",
            float(mine),
            grid - standard_error(grid, n),
            f"of {n}",
            at_least=True,
        )
        ours, theirs = (median(one["ways"][way]["epochs"]) for way in (OURS, GRID))
        share = _over(ours, theirs)
        yield Verdict(f"{named} epochs of the full grid", "must", share and 100 * share, SHARE_OF_GRID, "%")
        most = max(right(one, way)[0] for way in rivals(one))
        yield Verdict(
            f"{named} right more often than every other way at its epochs",
            "aim",
            float(mine),
            most + 1.0,
            f"of {n}",
            at_least=True,
        )
