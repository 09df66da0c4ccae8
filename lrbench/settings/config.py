"""A config: every setting of an experiment, by section. Each is declared here, or in the module of its section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag, ValidatorFunctionWrapHandler, model_validator
from pydantic.fields import FieldInfo

from lrbench.settings.carried_over import carried_over_problems
from lrbench.settings.limits import MOST_EPOCHS
from lrbench.settings.model import Model
from lrbench.settings.named import TAG
from lrbench.settings.optimizers import Adam, AnOptimizer
from lrbench.settings.probes import ProbeNames
from lrbench.settings.range_test import RangeTest
from lrbench.settings.schedules import ASchedule, Constant
from lrbench.settings.search import SearchSettings, search_problems
from lrbench.settings.sections import LeftOut, Problem, Section, TrueOrFalse, Whole, merged, setting
from lrbench.settings.step_budget import StepBudget
from lrbench.settings.thresholds import Thresholds
from lrbench.settings.values import (
    Examples,
    HeldShare,
    ImageShape,
    Name,
    Path,
    Rates,
    Seeds,
    Shares,
    Text,
)

Protocol = Literal["test", "holdout", "own"]
SIZES = ("holdout_examples", "holdout_share")


class Dataset(Section):
    """What is learned."""

    name: Text = setting(meaning="what the report calls the data", values="text")
    path: Path = setting(
        meaning="the data set, in one of the formats of docs/data.md",
        values="path; a relative one is looked for in the config's folder, the working directory, then the project; "
        "`~` is your home folder",
        why="image size and classes come from the data",
    )
    test_path: Annotated[Path | None, LeftOut()] = setting(
        None,
        meaning="the CSV file of the test part, with the header of the other",
        values="path, without a colon",
        absent="no test part",
    )
    label: Annotated[Text | None, LeftOut()] = setting(
        None,
        training=True,
        meaning="the column of labels in a CSV file",
        values="a name in the header, or `first` or `last`",
        absent="the one column called label, class, target or y",
    )
    image_shape: Annotated[ImageShape | None, LeftOut()] = setting(
        None,
        training=True,
        meaning="height and width of images, and channels if there are several: into these the values of each row of a "
        "CSV file are put, and to these each image of a folder is resized, and made grey or, with 3 channels, coloured",
        unit="pixels",
        absent="rows are features; images of a folder are of one size, all grey or all in colour",
        why="Kaggle's MNIST is a row of 784 values for each image: `[28, 28]`",
    )
    standardize: TrueOrFalse = setting(
        False,
        training=True,
        meaning="subtract from each feature of a CSV file its mean and divide it by its deviation, both of the "
        "examples that train",
        why="features that are measured in different units train badly together",
    )
    transpose: TrueOrFalse = setting(
        False,
        training=True,
        meaning="exchange rows and columns of the images in IDX files",
        why="EMNIST's letters are stored so",
    )
    validation: Annotated[Protocol | None, LeftOut()] = setting(
        None,
        meaning="what validation data are: test set, part of the training set, or the data's own validation part",
        absent="`own` where the data have such a part, else `test`",
        why="the tutorial validates on the test set; the others keep the test set for one look at the end",
    )
    holdout_examples: Annotated[Examples | None, LeftOut()] = setting(
        None,
        meaning="size of the holdout, a stratified draw from the training set that is the same for every run",
        unit="examples",
        why="only with `holdout`",
    )
    holdout_share: Annotated[HeldShare | None, LeftOut()] = setting(
        None,
        meaning="size of the holdout as a share of the training set, in place of `holdout_examples`",
        why="only with `holdout`",
    )
    train_examples: Annotated[Examples | None, LeftOut()] = setting(
        None,
        meaning="train on the first so many examples of a fixed shuffle",
        unit="examples",
        absent="all",
        why="for quick looks",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _holdout(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return merged(value, handler, _holdout_problems(value))


def _holdout_problems(dataset: Any) -> Iterator[Problem]:
    if not isinstance(dataset, dict):
        return
    holdout, given = dataset.get("validation") == "holdout", [size for size in SIZES if size in dataset]
    if holdout and not given:
        yield Problem("is missing; add it, or holdout_share, since dataset.validation is holdout", (SIZES[0],))
    if holdout and len(given) > 1:
        yield Problem(f"is given beside {given[0]}; remove one", (given[1],))
    for size in given if not holdout else ():
        yield Problem("is given but dataset.validation is not holdout; remove one", (size,))


class RelativeTargets(Section):
    """Targets that are computed from what the best rate reaches."""

    relative: Shares = setting(
        meaning="shares of the way from always naming the largest class to the best rate's score",
        values="[metrics.md](../docs/metrics.md#targets) has the rule",
        why="some run reaches each of them, whatever the data",
    )


def _kind_of_targets(value: Any) -> str | None:
    if isinstance(value, dict | RelativeTargets):
        return TAG + "shares"
    return TAG + "accuracies" if isinstance(value, list | tuple) else None


Targets = Annotated[
    Annotated[Shares, Tag(TAG + "accuracies")] | Annotated[RelativeTargets, Tag(TAG + "shares")],
    Discriminator(_kind_of_targets),
]


class Config(Section):
    """An experiment, whole."""

    experiment: Name = setting(
        meaning="name of the experiment; names its folders and its report",
        values="1–64 of a–z 0–9 - _, the first a letter or digit; not `runs`, `index`, `default`",
        why="it is part of paths",
    )
    title: Annotated[Text | None, LeftOut()] = setting(
        None, meaning="the report's heading", values="text in which something is visible", absent="the name"
    )
    dataset: Dataset = setting(meaning="what is learned")
    model: Model = setting(Model(), meaning="the classifier: a multilayer perceptron, or your own model")
    optimizer: AnOptimizer = setting(
        Adam(name="adam"),
        meaning="the optimizer, as in Keras",
        why="the tutorial's",
    )
    learning_rate_schedule: ASchedule = setting(
        Constant(name="constant"),
        meaning="the learning-rate schedule, as in Keras; the rates to compare are then its peak rates",
        why="the tutorial's",
    )
    learning_rates: Annotated[Rates | None, LeftOut()] = setting(
        None,
        meaning="the learning rates to compare",
        values="none below 1.18e-38, the least that float32 holds in full, and no two the same number in float32",
        absent="– (chosen by `search`)",
    )
    seeds: Annotated[Seeds | None, LeftOut()] = setting(
        None,
        meaning="one run per seed at each rate; the same seeds for all rates",
        absent="– (chosen by `search`)",
        why="five tell apart what two cannot",
    )
    search: Annotated[SearchSettings | None, LeftOut()] = setting(
        None,
        meaning="rounds of few runs in place of `learning_rates` and `seeds` ([search.md](../docs/search.md))",
        absent="no search",
    )
    initial_weights: Literal["fresh", "carried_over"] = setting(
        "fresh",
        meaning="the weights that a run begins with: its seed's own, or, at every rate but the first of the list, "
        "those that the rate before ended with at this seed",
        why="`carried_over` is what code does that calls `fit` again and again on one model; rates are then compared "
        "in the order of the list",
    )
    epochs: Whole = setting(
        10, ge=1, le=MOST_EPOCHS, training=True, meaning="passes over the training examples", why="the tutorial's"
    )
    batch_size: Whole = setting(
        32,
        ge=1,
        le=100_000_000,
        training=True,
        meaning="examples per step",
        unit="examples",
        why="the tutorial's and Keras'",
    )
    targets: Targets = setting(
        RelativeTargets(relative=[0.95, 0.99]),  # type: ignore[arg-type]
        meaning="validation accuracies whose first and lasting reach is timed: a list of them, or a mapping with the "
        "key below",
        why="which accuracies tell rates apart depends on the data; a list such as `[0.95, 0.97]` compares experiments "
        "at the same accuracies",
    )
    thresholds: Thresholds = setting(Thresholds(), meaning="from where on a measure is worth a word")
    probes: Annotated[ProbeNames | None, LeftOut()] = setting(
        None,
        meaning="measurements beside training, each with its section in the report; `[]` for none",
        absent="`[backpropagation, mistakes]`; with `model.file`, or a table of features, `[mistakes]`",
        why="no run depends on them, so none is trained again for one that is added or left out",
    )
    range_test: RangeTest = setting(RangeTest(), meaning="what the probe `range_test` does")
    step_budget: StepBudget = setting(StepBudget(), meaning="what the probe `step_budget` does")
    training_threads: Whole = setting(
        1,
        ge=1,
        le=1024,
        meaning="threads of one training process",
        unit="threads",
        why="this network is too small for more; they can change the last bits, so they belong to a run's identity",
    )
    seeds_per_job: Whole = setting(
        5,
        ge=1,
        le=1000,
        meaning="seeds trained by one job, one after another",
        unit="seeds",
        why="loading TensorFlow takes seconds, a run takes seconds",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _within_training(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return merged(value, handler, [*_late_epochs(value), *carried_over_problems(value), *search_problems(value)])


def _late_epochs(config: Any) -> Iterator[Problem]:
    """A problem where a schedule has its last step when training is over."""
    if not isinstance(config, dict):
        return
    schedule, most = config.get("learning_rate_schedule"), config.get("epochs", Config.model_fields["epochs"].default)
    epochs = schedule.get("epochs") if isinstance(schedule, dict) else None
    for epoch in epochs if isinstance(epochs, list) and isinstance(most, int) else ():
        if isinstance(epoch, int) and epoch >= most:
            yield Problem(
                f"has {epoch}, but training ends after {most} epochs; name an epoch before the last, "
                "or set epochs higher",
                ("learning_rate_schedule", "epochs"),
            )


def training_fields() -> Mapping[str, FieldInfo]:
    """By name, the settings that runs share and that reach training under their own name."""
    return _training(Config)


def data_options() -> Mapping[str, FieldInfo]:
    """By name, the settings of a data set that change what its files are read as; training has those that are given."""
    return _training(Dataset)


def _training(section: type[Section]) -> dict[str, FieldInfo]:
    return {
        name: field
        for name, field in section.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("training")
    }
