"""What to train next: each proposal with the lines of a config that ask for it, and the commands."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from lrbench.next_config import FRESH, changes_text, next_name, study_changes_text
from lrbench.wording import counted


def what_next(content: Mapping[str, Any], experiment: Mapping[str, Any]) -> dict[str, Any]:
    """The content of next.json, each proposal with `cost` in words, `yaml`, the lines that change, and `commands`.

    `how` says what the commands do, and `timed` whether `lrbench next` says how long each will take.

    experiment : `name`, `config`, the config file as a word of a shell command, and `companion`, whether it is the one
        with fresh weights that another is set against
    """
    name = next_name(experiment["name"])
    file = shlex.quote(f"{name}.yaml")
    further = FRESH if experiment.get("companion") else {}
    proposals = [
        proposal
        | {
            "cost": _cost(proposal),
            "yaml": changes_text(name, further | proposal["asks"]),
            "commands": f"lrbench next {experiment['config']} --take {proposal['rule']} --write {file}\n"
            f"lrbench make {file}",
        }
        for proposal in content["proposals"]
    ]
    return {**content, "proposals": proposals, "how": "These commands write that config and train it:", "timed": True}


def what_next_in_study(content: Mapping[str, Any], config: str) -> dict[str, Any]:
    """The same for a study, whose config is changed by hand.

    config : its config file, as a word of a shell command
    """
    proposals = [
        proposal
        | {
            "cost": _cost(proposal),
            "yaml": study_changes_text(proposal["asks"]),
            "commands": f"lrbench make {config}",
        }
        for proposal in content["proposals"]
    ]
    return {
        **content,
        "proposals": proposals,
        "how": "With these keys changed in the study's config, this command trains it:",
        "timed": False,
    }


def _cost(proposal: Mapping[str, Any]) -> str:
    return f"{counted(proposal['runs'], 'run')}, {counted(proposal['epochs'], 'epoch')} in all"
