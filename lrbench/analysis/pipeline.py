"""An experiment's whole analysis: checked tables in, an `Analysis` out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from lrbench.analysis.across import across
from lrbench.analysis.checks import check_measurements
from lrbench.analysis.rates import analyse_rates, reach, with_verdicts
from lrbench.analysis.recommendation import recommend
from lrbench.analysis.results import Analysis
from lrbench.analysis.runs import analyse_runs, chance_accuracy, validation_examples
from lrbench.analysis.statistics import compare_rates
from lrbench.analysis.steps import summarise_steps
from lrbench.analysis.targets import asked_targets, reached_targets, resolve_targets
from lrbench.analysis.thresholds import Thresholds
from lrbench.tables.experiment import ExperimentTables, steps_in_parts

MEASURES = {"score": "score", "val_loss": "final_val_loss"}


def analyse(tables: ExperimentTables, dataset: Mapping[str, Any], settings: Mapping[str, Any]) -> Analysis:
    """The analysis of an experiment's tables.

    dataset : the data set's manifest
    settings : `targets`, validation accuracies or {"relative": shares}, and `thresholds` by name

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
    targets = reached_targets(evaluations, asked.accuracies)
    reached = reach(targets, origin)
    comparisons = compare_rates(runs, MEASURES, validation_examples(dataset), thresholds.significance)
    overall = across(runs, rates, targets, evaluations, origin, dataset, thresholds) | {"targets": asked.as_dict()}
    recommendation = recommend(rates, reached, comparisons, overall, thresholds)
    return Analysis(
        epochs=epochs,
        evaluations=evaluations,
        runs=runs,
        targets=targets,
        reach=reached,
        rates=with_verdicts(rates, recommendation["chosen"]),
        comparisons=comparisons,
        across=overall,
        recommendation=recommendation,
        origin=origin,
        dataset=dataset,
        thresholds=thresholds,
        targets_asked=asked.accuracies,
    )
