"""Types of the values that settings hold, each with the checks that pydantic does not know."""

from __future__ import annotations

import keyword
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from lrbench.sentences import is_blank
from lrbench.settings.limits import LARGEST_RATE, MOST_EPOCHS, MOST_RATES, MOST_SEEDS, SMALLEST_FLOAT32, float32
from lrbench.settings.sections import A_NUMBER, WHOLE_NUMBER, Problem, error_of, merged
from lrbench.settings.spelling import spelled_number
from lrbench.wording import rate_label

MAX_FLOAT32 = (2 - 2.0**-23) * 2.0**127
RESERVED_NAMES = ("default", "index", "runs")


def shown(value: Any) -> str:
    """A value as a sentence shows it: short, on one line."""
    if value is None:
        return "empty"
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


@dataclass(frozen=True)
class Items:
    """Annotates a tuple of numbers that is written as a list: its length, each number once, and what else holds.

    The value is in ascending order where `ascending`, because the order in which it is written means nothing.
    further : more problems of the numbers among its items
    """

    least: int
    most: int
    ascending: bool = True
    further: Callable[[list[float]], Iterator[Problem]] | None = None

    def _problems(self, values: list[Any]) -> Iterator[Problem]:
        if len(values) < self.least:
            yield Problem(f"is {shown(values)} but must have at least {self.least} item{'s' * (self.least != 1)}")
        if len(values) > self.most:
            yield Problem(f"is {shown(values)} but must have at most {self.most} items")
        numbers = [number for number in map(spelled_number, values) if _is_number(number)]
        for number, times in Counter(map(float, numbers)).items() if self.ascending else ():
            if times > 1:
                yield Problem(f"has {rate_label(number)} {times} times; write each once")
        if self.further:
            yield from self.further(numbers)

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        """A list whose problems are all told, those of its items too."""

        def check(value: Any, validate: Callable[[Any], Any]) -> Any:
            if not isinstance(value, list):
                raise PydanticKnownError("list_type")
            items = merged(value, lambda values: validate(tuple(values)), self._problems(value))
            return tuple(sorted(items)) if self.ascending else items

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: Callable[[CoreSchema], JsonSchemaValue]
    ) -> JsonSchemaValue:
        """The array with its limits."""
        limits = {"minItems": self.least, "maxItems": self.most, "uniqueItems": self.ascending}
        return handler(schema) | {key: value for key, value in limits.items() if value}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e300 < value < 1e300


@dataclass(frozen=True)
class Visible:
    """Annotates text of which something is visible, and that a terminal and a page can show."""

    blank: bool = False  # whether text in which nothing is visible will do

    def _problems(self, text: Any) -> Iterator[Problem]:
        if not isinstance(text, str) or not text:
            return
        unprintable = [c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")]
        if unprintable:
            yield Problem(f"is {shown(text)}, with the unprintable character {unprintable[0]!r}; leave that out")
        elif not self.blank and is_blank(text):
            yield Problem(f"is {shown(text)}, in which nothing is visible; write some words")

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        """Text whose problems are all told."""

        def check(value: Any, validate: Callable[[Any], Any]) -> Any:
            # what UTF-8 does not hold is unprintable, and pydantic would say it a second time
            text = value.encode(errors="replace").decode() if isinstance(value, str) else value
            return str(merged(text, validate, self._problems(value)))

        return core_schema.no_info_wrap_validator_function(check, handler(source))


def _not_reserved(name: str) -> str:
    if name in RESERVED_NAMES:
        raise error_of(f"is {name!r}, a name that lrbench keeps for itself; choose another")
    return str(name)


def _identifier(name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise error_of(f"is {shown(name)} but must be the name of a function, such as 'build'")
    return str(name)


def _rate(value: Any) -> Any:
    number = spelled_number(value)
    if _is_number(number) and 0 < number < SMALLEST_FLOAT32:
        raise error_of(f"is {number} but must be {SMALLEST_FLOAT32!r} or more, the least that float32 holds in full")
    return value


def _parameter(value: Any) -> Any:
    number = spelled_number(value)
    if _is_number(number) and 0 < number < SMALLEST_FLOAT32:
        raise error_of(f"is {number}, which float32 does not hold in full; write {SMALLEST_FLOAT32!r} or more")
    if _is_number(number) and 0 < number < 1 and float32(number) == 1:
        raise error_of(f"is {number}, which is 1 in float32; write a smaller number")
    return value


def _same_in_float32(rates: list[float]) -> Iterator[Problem]:
    labels: dict[float, str] = {}
    for rate in rates:
        if SMALLEST_FLOAT32 <= rate <= MAX_FLOAT32:
            label = rate_label(rate)
            same = labels.setdefault(float32(rate), label)
            if same != label:
                yield Problem(f"has {same} and {label}, which are the same number in float32; write one of them")


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$"), AfterValidator(_not_reserved)]
Text = Annotated[str, Field(min_length=1, max_length=500), Visible()]
Path = Annotated[str, Field(min_length=1, max_length=4096), Visible(blank=True)]
Examples = Annotated[int, Field(ge=1, le=100_000_000), WHOLE_NUMBER]
Units = Annotated[int, Field(ge=1, le=16_384), WHOLE_NUMBER]
Seed = Annotated[int, Field(ge=0, le=4_294_967_295), WHOLE_NUMBER]
Rate = Annotated[float, Field(gt=0, le=LARGEST_RATE, allow_inf_nan=False), A_NUMBER, BeforeValidator(_rate)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False), A_NUMBER]
ImageShape = Annotated[tuple[Units, ...], Items(2, 3, ascending=False)]
HeldShare = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False), A_NUMBER]
Parameter = Annotated[float, A_NUMBER, BeforeValidator(_parameter), Field(allow_inf_nan=False)]
Identifier = Annotated[str, Field(max_length=200), AfterValidator(_identifier)]
StepEpochs = Annotated[tuple[Annotated[int, Field(ge=1, le=MOST_EPOCHS), WHOLE_NUMBER], ...], Items(1, 100)]
SeedCounts = Annotated[tuple[Annotated[int, Field(ge=1, le=MOST_SEEDS)], ...], Items(1, MOST_RATES, ascending=False)]
Seeds = Annotated[tuple[Seed, ...], Items(1, MOST_SEEDS)]
Rates = Annotated[tuple[Rate, ...], Items(1, MOST_RATES, further=_same_in_float32)]
RatesInOrder = Annotated[tuple[Rate, ...], Items(1, MOST_RATES, ascending=False)]
Shares = Annotated[tuple[Share, ...], Items(1, 20)]
HiddenUnits = Annotated[tuple[Units, ...], Items(0, 16, ascending=False)]
