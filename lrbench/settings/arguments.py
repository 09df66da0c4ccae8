"""What subcommands take as JSON, made of the models of the config. Nothing is left out: lrbench itself writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidatorFunctionWrapHandler, create_model, model_validator
from pydantic.fields import FieldInfo

from lrbench.settings.config import Config, Protocol, Targets, data_options, training_fields
from lrbench.settings.named import TAG
from lrbench.settings.optimizers import TrainedOptimizer
from lrbench.settings.schedules import TrainedSchedule
from lrbench.settings.search import SearchSettings
from lrbench.settings.sections import LeftOut, Problem, Section, Whole, complete, merged
from lrbench.settings.thresholds import Thresholds
from lrbench.settings.values import Examples, HeldShare, HiddenUnits, Identifier, Rates, RatesInOrder, SeedCounts, Seeds

__all__ = [
    "Analysis",
    "Code",
    "Heading",
    "Origin",
    "Page",
    "Plan",
    "ProbeOptions",
    "Seeds",
    "Settings",
    "Split",
    "Study",
    "StudyPage",
]


class Validation(Section):
    """Which examples validate: a part of the data set, or a holdout of so many examples, or of that share of them."""

    protocol: Protocol
    examples: Examples | None
    share: Annotated[HeldShare | None, LeftOut()] = None

    @model_validator(mode="wrap")
    @classmethod
    def _holdout(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return merged(value, handler, _holdout_problems(value))


def _holdout_problems(validation: Any) -> Iterator[Problem]:
    if (
        isinstance(validation, dict)
        and validation.get("protocol") == "holdout"
        and validation.get("examples", 0) is None
        and "share" not in validation
    ):
        yield Problem("is empty but must be a whole number", ("examples",))


# how a data set is read: the options that are given
DataOptions: type[Section] = create_model(
    "DataOptions",
    __base__=Section,
    **{name: (field.rebuild_annotation(), field.default) for name, field in data_options().items()},  # type: ignore[call-overload]
)


class _Split(Section):
    train_examples: Examples | None
    validation: Validation


class BuiltIn(Section):
    """The multilayer perceptron."""

    hidden_units: HiddenUnits


class FromFile(Section):
    """What a function of this name builds in a file whose source, with that of local modules, has this digest."""

    build: Identifier
    source: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _kind_of_model(value: Any) -> str:
    own = "build" in value if isinstance(value, dict) else isinstance(value, FromFile)
    return TAG + ("own" if own else "built in")


AModel = Annotated[
    Annotated[BuiltIn, Tag(TAG + "built in")] | Annotated[FromFile, Tag(TAG + "own")], Discriminator(_kind_of_model)
]


class CarriedOver(Section):
    """The rates in the order in which each begins with the weights that the one before ended with."""

    order: RatesInOrder


# `Experiment.split_settings`
Split: type[Section] = create_model(
    "Split",
    __base__=_Split,
    data_options=(Annotated[DataOptions | None, LeftOut()], None),  # type: ignore[arg-type]
)


class _Run(Split):  # type: ignore[misc, valid-type]
    device: Literal["cpu"]
    initial_weights: Annotated[CarriedOver | None, LeftOut()] = None
    learning_rate_schedule: Annotated[TrainedSchedule | None, LeftOut()] = None
    model: AModel
    optimizer: TrainedOptimizer


def _fields(**fields: FieldInfo) -> dict[str, Any]:
    return {name: (field.rebuild_annotation(), ...) for name, field in fields.items()}


# `Experiment.training_settings`
Settings: type[Section] = create_model(
    "Settings", __base__=_Run, **_fields(**training_fields(), threads=Config.model_fields["training_threads"])
)


class Plan(Section):
    """`Experiment.plan`."""

    learning_rates: Rates
    seeds: Seeds
    first_seeds: Annotated[SeedCounts | None, LeftOut()] = None

    @model_validator(mode="wrap")
    @classmethod
    def _one_each(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return merged(value, handler, _count_problems(value))


def _count_problems(plan: Any) -> Iterator[Problem]:
    if not isinstance(plan, dict) or not all(isinstance(each, list) for each in plan.values()):
        return
    each, rates, seeds = (plan.get(name, []) for name in ("first_seeds", "learning_rates", "seeds"))
    if each and len(each) != len(rates):
        yield Problem(f"has {len(each)} numbers for {len(rates)} rates; give one for each", ("first_seeds",))
    if any(isinstance(count, int) and count > len(seeds) for count in each):
        yield Problem(f"has more than the {len(seeds)} seeds; name them in seeds", ("first_seeds",))


# `Experiment.analysis_settings`
Analysis: type[Section] = create_model(
    "Analysis",
    __base__=Section,
    search=(Annotated[SearchSettings | None, LeftOut()], None),  # type: ignore[arg-type]
    targets=(Targets, ...),
    thresholds=(complete(Thresholds), ...),
)


# `Experiment.probe_options`: settings by name, which the probe itself takes up
ProbeOptions = dict[str, Annotated[float, Field(allow_inf_nan=False)]]


class Origin(Section):
    """What runs come from: a digest of code, and versions of libraries."""

    code: str
    versions: dict[str, str]


class Code(Origin):
    """What a stage comes from; for the report, with a digest of its templates."""

    templates: str = ""


class Heading(Section, extra="allow"):
    """What a report says of its experiment beside the measurements."""

    companion: bool = False
    config: str
    dataset_name: str
    name: str
    title: str
    yaml: str


class _Paths(Section):
    analysed: Annotated[str, Field(min_length=1)]
    blocks: Annotated[str, Field(min_length=1)]
    dataset: Annotated[str, Field(min_length=1)]
    figures: Annotated[str, Field(min_length=1)]
    page: Annotated[str, Field(min_length=1)]
    probes: list[Annotated[str, Field(min_length=1)]]
    experiment: Heading
    plan: Plan
    seeds_per_job: Annotated[Whole, Field(ge=1)]


# settings of an experiment, and where its page and what that rests on lie
Page: type[Section] = create_model("Page", __base__=_Paths, analysis=(Analysis, ...), settings=(Settings, ...))


class _Variant(Section):
    changes: str
    dataset_name: str
    label: str
    name: str
    plan: Plan
    value: float | None


# of these `Study.as_argument` has a list
Variant: type[Section] = create_model("Variant", __base__=_Variant, analysis=(Analysis, ...), settings=(Settings, ...))


class Study(Section):
    """`Study.as_argument`."""

    axis: str | None
    name: str
    title: str
    variants: Annotated[list[Variant], Field(min_length=2)]  # type: ignore[valid-type]


class StudyPage(Section):
    """A study, and where its page and what that rests on lie; analysis.json and tables.json of each variant."""

    analysed: list[Annotated[str, Field(min_length=1)]]
    compared: Annotated[str, Field(min_length=1)]
    config: Annotated[str, Field(min_length=1)]
    figures: Annotated[str, Field(min_length=1)]
    page: Annotated[str, Field(min_length=1)]
    study: Study
    tables: list[Annotated[str, Field(min_length=1)]]
