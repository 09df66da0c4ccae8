"""An experiment's whole analysis: checked tables in, an `Analysis` out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeAlias, TypeVar

import pandas as pd

from lrbench.analysis.across import across, asked_targets, reached_targets, resolve_targets
from lrbench.analysis.choice import Basis, Choice, choose, compare_rates
from lrbench.analysis.measurements import check_measurements, summarise_steps
from lrbench.analysis.rates import analyse_rates, reach
from lrbench.analysis.runs import analyse_runs, chance_accuracy, validation_examples
from lrbench.analysis.verdicts import Speeds, with_verdicts
from lrbench.settings.thresholds import Thresholds
from lrbench.tables.experiment import ExperimentTables, steps_in_parts


@dataclass(frozen=True)
class Analysis:
    """One experiment's measurements and what follows from them.

    epochs, evaluations : the measured tables (lrbench.tables.training)
    runs, targets, reach, rates, comparisons : tables of lrbench.tables.analysis
    across : measures over all rates together, as `lrbench.analysis.across.across` describes them
    choice : the recommended rate and how it was chosen, or None
    origin : content of tables.json: `settings`, `plan`, `expected` and `runs`
    dataset : the data set's manifest
    targets_asked : validation accuracies whose reach is timed, ascending
    search : the settings of the search that chose rates and seeds; None where a config lists them
    """

    epochs: pd.DataFrame
    evaluations: pd.DataFrame
    runs: pd.DataFrame
    targets: pd.DataFrame
    reach: pd.DataFrame
    rates: pd.DataFrame
    comparisons: pd.DataFrame
    across: Mapping[str, Any]
    choice: Choice | None
    origin: Mapping[str, Any]
    dataset: Mapping[str, Any]
    thresholds: Thresholds
    targets_asked: tuple[float, ...]
    search: Mapping[str, Any] | None = None

    @cached_property
    def kept(self) -> dict[tuple[Callable[..., Any], float], Any]:
        """The results of `computed_once`, by function and rate."""
        return {}

    @property
    def chosen(self) -> float | None:
        """The recommended rate, or None."""
        return None if self.choice is None else self.choice.chosen


T = TypeVar("T")
OfRate: TypeAlias = Callable[[Analysis, float], T]


def computed_once(function: OfRate[T]) -> OfRate[T]:
    """The function of an analysis and a rate, its result computed once for each; nobody may change it."""

    @wraps(function)
    def once(analysis: Analysis, learning_rate: float) -> T:
        key = (function, learning_rate)
        if key not in analysis.kept:
            analysis.kept[key] = function(analysis, learning_rate)
        result: T = analysis.kept[key]
        return result

    return once


def analyse(tables: ExperimentTables, dataset: Mapping[str, Any], settings: Mapping[str, Any]) -> Analysis:
    """The analysis of an experiment's tables.

    dataset : the data set's manifest
    settings : `targets`, validation accuracies or {"relative": shares}, `thresholds` by name, and `search`, if there
        is one

    Raises InputError where the tables hold other runs than the plan, or less than whole runs.
    """
    steps = steps_in_parts(tables)
    return analyse_measurements(tables.epochs, tables.evaluations, steps, tables.origin, dataset, settings)


def analyse_measurements(
    epochs: pd.DataFrame,
    evaluations: pd.DataFrame,
    steps: Iterable[pd.DataFrame],
    origin: Mapping[str, Any],
    dataset: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Analysis:
    """The analysis of tables in memory, `steps` in parts; the other arguments as for `analyse` and `analyse_runs`."""
    summary = summarise_steps(steps)
    check_measurements(epochs, evaluations, summary, origin)
    thresholds = Thresholds.named(settings.get("thresholds"))
    rule, values = asked_targets(settings.get("targets"))
    runs = analyse_runs(epochs, evaluations, summary, origin, dataset, thresholds)
    rates = analyse_rates(runs, epochs, origin, dataset, thresholds)
    asked = resolve_targets(rule, values, rates, chance_accuracy(dataset))
    targets = reached_targets(evaluations, asked.accuracies, validation_examples(dataset))
    reached = reach(targets, origin)
    eligible = [float(rate) for rate in rates.loc[rates["eligible"], "learning_rate"]]
    examples = validation_examples(dataset)
    own, at = (table[table["learning_rate"].isin(eligible)] for table in (runs, targets))
    choice = choose(Basis(own, at, int(origin["settings"]["epochs"]), examples, thresholds))
    chosen = None if choice is None else choice.chosen
    comparisons = compare_rates(runs, eligible, chosen, examples, thresholds.significance)
    speeds = Speeds(reached, targets, float(evaluations["step"].max()), thresholds.significance)
    return Analysis(
        epochs=epochs,
        evaluations=evaluations,
        runs=runs,
        targets=targets,
        reach=reached,
        rates=with_verdicts(rates, speeds, comparisons, chosen),
        comparisons=comparisons,
        across=across(runs, rates, targets, evaluations, origin, dataset, thresholds) | {"targets": asked.as_dict()},
        choice=choice,
        origin=origin,
        dataset=dataset,
        thresholds=thresholds,
        targets_asked=asked.accuracies,
        search=settings.get("search"),
    )
