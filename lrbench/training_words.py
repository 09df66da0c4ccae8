"""What training is called in words: constant or peak rates, fresh weights or others, and how long it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrbench.wording import listed

SCHEDULE = "learning_rate_schedule"  # absent from the settings of training where the rate is constant


def scheduled(settings: Mapping[str, Any]) -> bool:
    """Whether a schedule shapes the rates over training, so that the rates of the plan are peak rates."""
    return SCHEDULE in settings


def carried_over(settings: Mapping[str, Any]) -> bool:
    """Whether each rate but the first begins with the weights that the rate before ended with."""
    return "initial_weights" in settings


def rate_noun(settings: Mapping[str, Any]) -> str:
    """What a rate of the plan is called: `learning rate`, or `peak learning rate` under a schedule."""
    return "peak learning rate" if scheduled(settings) else "learning rate"


def rate_heading(settings: Mapping[str, Any]) -> str:
    """The noun as a heading or an axis label has it."""
    noun = rate_noun(settings)
    return noun[0].upper() + noun[1:]


def schedule_name(settings: Mapping[str, Any]) -> str:
    """What a schedule is called in a sentence, such as `linear warmup`; `constant` without one."""
    return str(settings[SCHEDULE]["name"]).replace("_", " ") if scheduled(settings) else "constant"


def schedule_text(settings: Mapping[str, Any]) -> str:
    """The schedule with its parameters, such as `cosine with floor 0 and warmup 0.1`; `constant` without one."""
    parameters = {key: value for key, value in settings.get(SCHEDULE, {}).items() if key not in ("name", "keras")}
    shown = [f"{key} {_shown(value)}" for key, value in parameters.items()]
    return schedule_name(settings) + (f" with {listed(shown)}" if shown else "")


def _shown(value: Any) -> str:
    return listed(map(_shown, value)) if isinstance(value, list) else f"{value:g}"


def axis_words(key: str) -> str:
    """The key of a study's axis in words, without its section: `hidden units` for `model.hidden_units`."""
    return key.rpartition(".")[2].replace("_", " ")


def duration(seconds: float) -> str:
    """A time in words, in seconds, minutes or hours."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
