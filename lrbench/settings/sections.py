"""How settings are declared: a class for each section of a config, with all that is known of each setting, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, create_model
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, PydanticUndefined

from lrbench.settings.spelling import spelled_number, spelled_truth

FROM_A_CONFIG = {"config": True}  # the validation context of values that a person wrote: 3.0 is a whole number there
LARGEST = 10**300  # larger whole numbers are no floats; every number of a setting has a far smaller limit
PROBLEM = "problem"  # pydantic's type of the errors that lrbench words itself


class Section(BaseModel):
    """Settings that belong together: frozen, without unknown keys, and with no value converted to another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def setting(
    default: Any = PydanticUndefined,
    *,
    meaning: str,
    unit: str = "",
    values: str = "",
    why: str = "",
    absent: str = "",
    training: bool = False,
    **limits: Any,
) -> Any:
    """A field of a section, declared with all that the documents say of it.

    Parameters
    ----------
    default : what it is where a config leaves it out; without one it must be given
    meaning : what it is, as the schema and the table of keys say
    unit : what its numbers count or measure
    values : what its type, its limits and its unit do not say of its values
    why : reason of the default, or of the setting
    absent : what holds where the default is None
    training : whether it decides the result of a run
    limits : `ge`, `gt`, `le`, `lt`, as pydantic has them
    """
    told: dict[str, Any] = {"unit": unit, "values": values, "why": why, "absent": absent, "training": training}
    return Field(default, description=meaning, json_schema_extra=told, **limits)


class Problem(NamedTuple):
    """A sentence about a value, without the value's place, which begins it: `is 3, but …`.

    place : the key or index below the value that is judged; empty for that value itself
    """

    text: str
    place: tuple[str | int, ...] = ()


def error_of(problem: str) -> PydanticCustomError:
    """The error that a validator raises to have `problem` said of its value."""
    return PydanticCustomError(PROBLEM, "{problem}", {"problem": problem})  # type: ignore[misc]


def merged(value: Any, validate: Callable[[Any], Any], problems: Iterable[Problem]) -> Any:
    """The validated value; ValidationError with all of pydantic's errors and of these problems, if there are any."""
    errors: list[InitErrorDetails] = []
    result = None
    try:
        result = validate(value)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            kind: Any = error_of(each["msg"]) if each["type"] == PROBLEM else each["type"]
            errors.append(
                InitErrorDetails(type=kind, loc=each["loc"], input=each["input"], ctx=dict(each.get("ctx", {})))
            )
    errors.extend(InitErrorDetails(type=error_of(problem.text), loc=problem.place, input=value) for problem in problems)
    if errors:
        raise ValidationError.from_exception_data("settings", errors)
    return result


def complete(model: type[Section], base: type[Section] = Section, **more: Any) -> type[Section]:
    """The section without defaults: every setting must be given. `more` are further fields, as for create_model."""
    fields = {name: (field.rebuild_annotation(), ...) for name, field in model.model_fields.items()}
    made: type[Section] = create_model(model.__name__, __base__=base, **{**fields, **more})
    return made


@dataclass(frozen=True)
class LeftOut:
    """Annotates `X | None`: the setting may be left out, and is None then, but is not written as null."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        """The schema of X alone."""
        schema: Any = handler(source)
        found: CoreSchema = schema["schema"] if schema["type"] == "nullable" else schema
        return found


def _whole(value: Any, info: ValidationInfo) -> Any:
    number = spelled_number(value)
    if info.context == FROM_A_CONFIG and isinstance(number, float) and number.is_integer():
        return int(number)
    return number


def _number(value: Any) -> Any:
    number = spelled_number(value)
    if isinstance(number, int) and abs(number) > LARGEST:
        return LARGEST if number > 0 else -LARGEST
    return number


WHOLE_NUMBER = BeforeValidator(_whole)
A_NUMBER = BeforeValidator(_number)
Whole = Annotated[int, WHOLE_NUMBER]
Number = Annotated[float, A_NUMBER, Field(allow_inf_nan=False)]
TrueOrFalse = Annotated[bool, BeforeValidator(spelled_truth)]
