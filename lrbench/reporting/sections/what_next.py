"""What to train next: each proposal with the lines of a config that ask for it, and the commands."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from lrbench.next_config import FRESH, changes_text, next_name
from lrbench.wording import counted


def what_next(content: Mapping[str, Any], experiment: Mapping[str, Any]) -> dict[str, Any]:
    """The content of next.json, each proposal with `cost` in words, `yaml`, the lines that change, and `commands`.

    experiment : `name`, `config`, the config file as a word of a shell command, and `companion`, whether it is the one
        with fresh weights that another is set against
    """
    name = next_name(experiment["name"])
    file = shlex.quote(f"{name}.yaml")
    further = FRESH if experiment.get("companion") else {}
    proposals = [
        proposal
        | {
            "cost": f"{counted(proposal['runs'], 'run')}, {counted(proposal['epochs'], 'epoch')} in all",
            "yaml": changes_text(name, further | proposal["asks"]),
            "commands": f"lrbench next {experiment['config']} --take {proposal['rule']} --write {file}\n"
            f"lrbench make {file}",
        }
        for proposal in content["proposals"]
    ]
    return {**content, "proposals": proposals}
