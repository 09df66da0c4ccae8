"""What analysis writes: one row per run, per rate, per pair of rates, and per target.

Units: losses in nats, accuracies and skills as shares, steps as updates of the weights. A measure that is
not available is NaN; steps to a target that was never reached are infinite.
"""

from __future__ import annotations

from lrbench.tables.format import TableFormat
from lrbench.tables.measures import MEASURES

RUNS = TableFormat(
    "runs",
    {
        "learning_rate": "float64",
        "seed": "int64",
        "outcome": "str",  # diverged, failed, collapsed, learned
        "exploded": "bool",  # some training loss was at least twice that of step 0
        "non_finite": "int64",  # evaluations and steps with a value that is not finite
        "score": "float64",  # val_accuracy, mean over the last epochs
        "final_val_accuracy": "float64",
        "best_val_accuracy": "float64",
        "best_epoch": "int64",  # of val_accuracy; the first of several
        "final_val_loss": "float64",
        "best_val_loss": "float64",
        "initial_val_loss": "float64",  # at step 0
        "balanced_accuracy": "float64",  # mean over classes of the share classified correctly, after training
        "final_train_loss": "float64",  # of evaluations, like every training loss here
        "final_train_accuracy": "float64",
        "initial_train_loss": "float64",
        "final_skill": "float64",
        "best_skill": "float64",
        **{measure.name: "float64" for measure in MEASURES},
        "oscillation": "float64",
        "largest_rise": "float64",
        "largest_spike": "float64",
        "generalisation_gap": "float64",  # final_val_loss - final_train_loss
        "test_loss": "float64",
        "test_accuracy": "float64",
    },
    ("learning_rate", "seed"),
)

TARGETS = TableFormat(
    "targets",
    {
        "learning_rate": "float64",
        "seed": "int64",
        "target": "float64",
        # the target was reached in the interval (after, at] of steps; both infinite if never
        "first_after": "float64",
        "first_at": "float64",
        "sustained_after": "float64",
        "sustained_at": "float64",
    },
    ("learning_rate", "seed", "target"),
)

REACH = TableFormat(
    "reach",
    {
        "learning_rate": "float64",
        "target": "float64",
        "n": "int64",
        "first_reached": "int64",
        "sustained_reached": "int64",
        # medians over all n runs, those that never reach it counted as infinite
        "first_after": "float64",
        "first_at": "float64",
        "sustained_after": "float64",
        "sustained_at": "float64",
    },
    ("learning_rate", "target"),
)

SUMMARISED = (
    "score",
    "final_val_accuracy",
    "best_val_accuracy",
    "balanced_accuracy",
    "initial_val_loss",
    "final_val_loss",
    "final_train_loss",
    "final_train_accuracy",
    *(measure.name for measure in MEASURES),
    "oscillation",
    "largest_rise",
    "largest_spike",
    "generalisation_gap",
    "test_loss",
    "test_accuracy",
)
STATISTICS = ("mean", "sd", "median", "min", "max")
FEWEST_SEEDS = 3  # under which nothing is concluded: an interval has one degree of freedom at most
UNEQUAL_CLASSES = 2.0  # times the smallest class that the largest has, above which accuracy alone misleads
FEWEST_FOR_SPREAD = 2  # values that a standard deviation, and so an interval, needs
WHEN = ("first", "sustained")  # the two ways in which a target is reached, as columns begin

RATES = TableFormat(
    "rates",
    {
        "learning_rate": "float64",
        "planned": "int64",
        "n": "int64",
        "diverged": "int64",
        "failed": "int64",
        "collapsed": "int64",
        "learned": "int64",
        "exploded": "int64",
        "complete": "bool",
        "eligible": "bool",
        **{f"{measure}_{statistic}": "float64" for measure in SUMMARISED for statistic in STATISTICS},
        "unstable": "bool",  # by backtrack and fluctuation, or since a run exploded
        "overfits": "bool",
        "overfit_onset": "float64",  # epoch; NaN where it cannot be told
        "overfit_mean": "float64",  # mean over seeds of d, the log ratio of windowed validation losses
        "overfit_low": "float64",  # its interval, corrected over the rates; NaN under 3 seeds
        "overfit_high": "float64",
        "overfit_rising": "int64",  # seeds with d > 0
        "still_improving": "bool",
        "improvement": "float64",  # relative fall of val_loss over the last half, from the fitted slope
        "improvement_low": "float64",  # its interval, corrected over the rates
        "improvement_high": "float64",
        "best_in": "int64",  # seeds in which this rate has the highest score
        "probability_best": "float64",  # NaN under 5 seeds
        "tied": "bool",  # practically tied: within the tie threshold of the best score, among the eligible
        "unresolved": "bool",  # further from the best score, but within the resolution of the validation set
        "verdict": "str",
        "remarks": "str",  # ids joined by spaces
    },
    ("learning_rate",),
)

COMPARISONS = TableFormat(
    "comparisons",
    {
        "higher": "float64",  # the two learning rates; differences are higher - lower
        "lower": "float64",
        "measure": "str",  # score or val_loss
        "family": "str",  # chosen: one of the two is the recommended rate; others
        "n": "int64",  # seeds; both rates have them all
        "difference": "float64",
        "sd": "float64",  # of the differences, drawn towards what is usual where it is below that
        "low": "float64",  # interval, corrected over the family: it leaves out 0 where separated; NaN under 2 seeds
        "high": "float64",
        "p": "float64",  # of the pair alone
        "p_corrected": "float64",  # over the family
        "separated": "bool",  # told apart
        "higher_ahead": "int64",  # seeds in which the higher rate does better: a higher score, a lower loss
        "lower_ahead": "int64",
    },
    ("higher", "lower", "measure"),
)

ANALYSIS_TABLES = {table.name: table for table in (RUNS, TARGETS, REACH, RATES, COMPARISONS)}
