"""What analysis writes: one row per run, per rate, per pair of rates, and per target.

Units: losses in nats, accuracies and skills as shares, steps as updates of the weights. A measure that is
not available is NaN; steps to a target that was never reached are infinite.
"""

from __future__ import annotations

from lrbench.tables.format import Column, TableFormat
from lrbench.tables.measures import MEASURES
from lrbench.tables.training import RUN

TARGET = Column("float64", "validation accuracy whose reach is timed", "share")
REACHED = {
    "first_after": Column(
        "float64", "last evaluated step before the target was first reached; infinite if never", "steps"
    ),
    "first_at": Column("float64", "evaluated step at which the target was first reached; infinite if never", "steps"),
    "sustained_after": Column(
        "float64", "last evaluated step before the target was reached for good; infinite if never", "steps"
    ),
    "sustained_at": Column(
        "float64", "evaluated step from which on the target was kept to the end; infinite if never", "steps"
    ),
}
RUNS = TableFormat(
    "runs",
    "each run",
    {
        **RUN,
        "outcome": Column("str", "how the run ended: diverged, failed, collapsed or learned"),
        "exploded": Column("bool", "whether some training loss was a set number of times that of step 0, or more"),
        "non_finite": Column("int64", "evaluations and steps with a value that is not finite"),
        "score": Column("float64", "validation accuracy, mean over the last epochs", "share"),
        "final_val_accuracy": Column("float64", "validation accuracy after the last epoch", "share"),
        "best_val_accuracy": Column("float64", "highest validation accuracy after an epoch", "share"),
        "best_epoch": Column("int64", "epoch of the highest validation accuracy; the first of several", "epochs"),
        "final_val_loss": Column("float64", "validation loss after the last epoch", "nats"),
        "best_val_loss": Column("float64", "least validation loss after an epoch", "nats"),
        "initial_val_loss": Column("float64", "validation loss at step 0", "nats"),
        "balanced_accuracy": Column(
            "float64",
            "mean over classes of the share of validation examples classified correctly after training",
            "share",
        ),
        "final_train_loss": Column(
            "float64", "training loss after the last epoch, with the weights held still", "nats"
        ),
        "final_train_accuracy": Column("float64", "training accuracy after the last epoch, likewise", "share"),
        "initial_train_loss": Column("float64", "training loss at step 0", "nats"),
        "final_skill": Column(
            "float64", "skill after the last epoch: accuracy beyond always naming the largest class", "share"
        ),
        "best_skill": Column("float64", "highest skill of an evaluation", "share"),
        **{measure.name: Column("float64", measure.definition, measure.unit) for measure in MEASURES},
        "oscillation": Column(
            "float64",
            "standard deviation of the training loss around its smooth course; NaN under eight epochs",
            "nats",
        ),
        "largest_rise": Column("float64", "largest rise of the training loss from one epoch's end to the next", "nats"),
        "largest_spike": Column("float64", "most that the training loss stood above its least value so far", "nats"),
        "generalisation_gap": Column("float64", "final_val_loss − final_train_loss", "nats"),
        "test_loss": Column("float64", "loss of the final weights on the test set, where it did not validate", "nats"),
        "test_accuracy": Column("float64", "accuracy of the final weights on that test set", "share"),
    },
    ("learning_rate", "seed"),
)

TARGETS = TableFormat(
    "targets",
    "each run and target: between which evaluated steps it was reached",
    {**RUN, "target": TARGET, **REACHED},
    ("learning_rate", "seed", "target"),
)

REACH = TableFormat(
    "reach",
    "each learning rate and target; steps are medians over all n runs, those that never reach it counted as infinite",
    {
        "learning_rate": RUN["learning_rate"],
        "target": TARGET,
        "n": Column("int64", "runs that are there", "runs"),
        "first_reached": Column("int64", "runs that reached the target", "runs"),
        "sustained_reached": Column("int64", "runs that reached the target and kept it to the end", "runs"),
        **REACHED,
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
IN_WORDS = {
    "mean": "mean over runs of `{}`; NaN where a run's is not finite",
    "sd": "standard deviation over runs of `{}`; NaN of a single run",
    "median": "median over runs of `{}`",
    "min": "smallest value of `{}` of a run",
    "max": "largest value of `{}` of a run",
}
STATISTICS = tuple(IN_WORDS)
FEWEST_SEEDS = 3  # under which nothing is concluded: an interval has one degree of freedom at most
UNEQUAL_CLASSES = 2.0  # times the smallest class that the largest has, above which accuracy alone misleads
FEWEST_FOR_SPREAD = 2  # values that a standard deviation, and so an interval, needs
WHEN = ("first", "sustained")  # the two ways in which a target is reached, as columns begin


def _summary(measure: str, statistic: str) -> Column:
    return Column("float64", IN_WORDS[statistic].format(measure), RUNS.described[measure].unit)


RATES = TableFormat(
    "rates",
    "each learning rate",
    {
        "learning_rate": RUN["learning_rate"],
        "planned": Column("int64", "runs that are planned", "runs"),
        "n": Column("int64", "runs that are there", "runs"),
        "diverged": Column("int64", "runs with a loss or a weight that is not finite", "runs"),
        "failed": Column("int64", "runs that never learned", "runs"),
        "collapsed": Column("int64", "runs that had learned at some evaluation, and had lost it at the end", "runs"),
        "learned": Column("int64", "runs that learned", "runs"),
        "exploded": Column("int64", "runs that exploded, whatever came later", "runs"),
        "complete": Column("bool", "whether all planned runs are there"),
        "eligible": Column("bool", "whether all planned runs are there and learned"),
        **{f"{name}_{statistic}": _summary(name, statistic) for name in SUMMARISED for statistic in STATISTICS},
        "unstable": Column("bool", "whether the loss goes back and fluctuates, or a run exploded"),
        "overfits": Column("bool", "whether validation loss rose after its least, by more than chance explains"),
        "overfit_onset": Column("float64", "epoch after which it rose; NaN where that cannot be told", "epochs"),
        "overfit_mean": Column(
            "float64", "mean over seeds of the log ratio of the last to the least windowed loss", "log ratio"
        ),
        "overfit_low": Column(
            "float64", "lower end of its interval, corrected over the rates; NaN under 3 seeds", "log ratio"
        ),
        "overfit_high": Column("float64", "upper end of that interval", "log ratio"),
        "overfit_rising": Column("int64", "seeds in which validation loss rose", "seeds"),
        "still_improving": Column("bool", "whether validation loss was still falling at the end, beyond chance"),
        "improvement": Column(
            "float64", "relative fall of validation loss over the last half, from the fitted slope", "share"
        ),
        "improvement_low": Column("float64", "lower end of its interval, corrected over the rates", "share"),
        "improvement_high": Column("float64", "upper end of that interval", "share"),
        "best_in": Column("int64", "seeds in which this rate has the highest score", "seeds"),
        "probability_best": Column(
            "float64", "probability that its mean score is the highest; NaN under 5 seeds", "share"
        ),
        "tied": Column("bool", "whether it is within the tie threshold of the best score, among the eligible"),
        "unresolved": Column("bool", "whether it is further away, but within the resolution of the validation set"),
        "verdict": Column("str", "the verdict on the rate, in a word or two"),
        "remarks": Column("str", "what else is said of it: ids joined by spaces"),
    },
    ("learning_rate",),
)

COMPARISONS = TableFormat(
    "comparisons",
    "each pair of rates that have all their runs and learned, and each measure; differences are higher − lower",
    {
        "higher": Column("float64", "the higher learning rate of the pair"),
        "lower": Column("float64", "the lower one"),
        "measure": Column("str", "what is compared: score, or val_loss for the final validation loss"),
        "family": Column("str", "chosen where one of the two is the recommended rate, else others"),
        "n": Column("int64", "seeds that both rates have", "seeds"),
        "difference": Column("float64", "mean difference over seeds", "share or nats"),
        "sd": Column(
            "float64",
            "standard deviation of the differences, drawn towards what is usual where below it",
            "share or nats",
        ),
        "low": Column(
            "float64", "lower end of the interval, corrected over the family; NaN under 2 seeds", "share or nats"
        ),
        "high": Column(
            "float64", "upper end; from 3 seeds on the interval leaves out 0 where separated", "share or nats"
        ),
        "p": Column("float64", "p value of the pair alone", "probability"),
        "p_corrected": Column("float64", "p value corrected over the family", "probability"),
        "separated": Column("bool", "whether the two are told apart"),
        "higher_ahead": Column(
            "int64", "seeds in which the higher rate does better: a higher score, a lower loss", "seeds"
        ),
        "lower_ahead": Column("int64", "seeds in which the lower rate does better", "seeds"),
    },
    ("higher", "lower", "measure"),
)

ANALYSIS_TABLES = {table.name: table for table in (RUNS, TARGETS, REACH, RATES, COMPARISONS)}
