"""The config of one experiment as a file of its own, for its page to hand on."""

from __future__ import annotations

import os
from typing import Any

from lrbench.settings.experiment import Experiment
from lrbench.settings.yaml_files import yaml_text

FILES = (("dataset", "path"), ("dataset", "test_path"), ("model", "file"))  # settings that name files or folders


def own_config(experiment: Experiment) -> str:
    """YAML of a config that asks for this experiment alone, whatever file it came from.

    Every default is written out, so that a later version with other defaults asks for the same. A variant of a study
    is an experiment of its own here. An absolute path would tell of a machine: it is given by its last name alone, and
    the first line says so.
    """
    content: dict[str, Any] = experiment.config.model_dump(mode="json", by_alias=True, exclude_none=True)
    if experiment.order:
        content["learning_rates"] = list(experiment.order)
    if experiment.searches:
        del content["seeds_per_job"]  # which a search has from `search.seeds`
    shortened = []
    for section, key in FILES:
        path = content.get(section, {}).get(key, "")
        if os.path.isabs(path):
            content[section][key] = os.path.basename(path.rstrip("/"))
            shortened.append(f"{section}.{key}")
    told = f"# Put in where your copy lies: {', '.join(shortened)}.\n" if shortened else ""
    return told + yaml_text({key: value for key, value in content.items() if value != {}})
