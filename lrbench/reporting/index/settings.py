"""The settings of an experiment in words, and in which of them experiments differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrbench.training_words import carried_over, rate_heading, schedule_text
from lrbench.wording import rate_span


def settings_in_words(
    settings: Mapping[str, Any], plan: Mapping[str, Any], manifest: Mapping[str, Any]
) -> dict[str, str]:
    """What an experiment was asked for, by what each setting is called.

    settings, plan : of training, as tables.json has them; manifest : of the data set
    """
    model, optimizer = settings["model"], settings["optimizer"]
    units = ", ".join(map(str, model.get("hidden_units", []))) or "no hidden layer"
    own = f"{model.get('build')} of its own file, source {str(model.get('source'))[:7]}"
    parameters = [f"{key} {value}" for key, value in sorted(optimizer.items()) if key not in ("keras", "name")]
    shape = " × ".join(map(str, manifest["image_shape"]))
    return {
        "Data": f"{shape}, {manifest['classes']} classes, digest {manifest['digest'][:7]}",
        "Training examples": f"{manifest['parts']['train']['examples']:,}",
        "Validation": str(settings["validation"]["protocol"]),
        "Hidden units": units if "hidden_units" in model else own,
        "Optimizer": " ".join([optimizer["name"], *([f"({', '.join(parameters)})"] if parameters else [])]),
        "Schedule": schedule_text(settings),
        "Initial weights": "carried over" if carried_over(settings) else "fresh",
        "Batch size": str(settings["batch_size"]),
        "Epochs": str(settings["epochs"]),
        f"{rate_heading({})}s": rate_span(plan["learning_rates"]),
        "Seeds": str(len(plan["seeds"])),
    }


def split_settings(each: Sequence[Mapping[str, str]]) -> tuple[dict[str, str], list[str]]:
    """The settings that all experiments have alike, and the names of those in which some differ.

    each : settings of every experiment; of one alone, nothing differs
    """
    names = list(dict.fromkeys(name for one in each for name in one))
    texts = {name: {one.get(name) for one in each} for name in names}
    shared = {name: str(next(iter(found))) for name, found in texts.items() if len(found) == 1}
    return shared, [name for name in names if name not in shared]
