"""The settings of the classifier: the built-in network, or one of a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import ValidatorFunctionWrapHandler, model_validator

from lrbench.settings.sections import LeftOut, Problem, Section, merged, setting
from lrbench.settings.values import HiddenUnits, Identifier, Path

HIDDEN_UNITS = (128, 64)


class Model(Section):
    """The classifier: a multilayer perceptron, or what a function in a Python file builds."""

    hidden_units: Annotated[HiddenUnits | None, LeftOut()] = setting(
        None,
        meaning="units of each hidden ReLU layer, first to last; `[]` for none",
        unit="units",
        absent=f"`{list(HIDDEN_UNITS)}`",
        why="the tutorial's network; not with `file`",
    )
    file: Annotated[Path | None, LeftOut()] = setting(
        None,
        meaning="a Python file whose function builds the model, as [models.md](../docs/models.md) says; it is run",
        values="path; a relative one is looked for in the config's folder, the working directory, then the project; "
        "`~` is your home folder",
        absent="the multilayer perceptron",
        why="your own model: any Keras classifier",
    )
    build: Annotated[Identifier | None, LeftOut()] = setting(
        None,
        meaning="the function in that file: `build(input_shape, classes)` returns an uncompiled `keras.Model`",
        values="name of a function",
        absent="`build`",
        why="only with `file`",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _one_model(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return merged(value, handler, _model_problems(value))


def _model_problems(model: Any) -> Iterator[Problem]:
    if not isinstance(model, dict):
        return
    if "file" in model and "hidden_units" in model:
        yield Problem("is given beside model.file, which builds the whole model; remove one", ("hidden_units",))
    if "build" in model and "file" not in model:
        yield Problem("is given without model.file, the file that has this function; add it or remove this", ("build",))
