"""Targets of snakemake that belong to no experiment of a call."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping

from lrbench.settings.experiment import Experiment


def foreign_targets(
    targets: Iterable[str], products: Container[str], experiments: Mapping[str, Experiment]
) -> list[str]:
    """A sentence for each target of snakemake that is a file under results or reports and that no job makes.

    Parameters
    ----------
    targets : names of rules, and paths from the working directory
    products : every file that the experiments' jobs write
    experiments : the experiments by name, as `read_experiments` gives them
    """
    known = " and ".join(f"{name} (in {experiment.config_path})" for name, experiment in experiments.items())
    said = []
    for target in map(os.path.normpath, targets):
        place, _, rest = target.partition(os.sep)
        name = rest.split(os.sep)[0].removesuffix(".html")
        if place not in ("results", "reports") or target in products:
            continue
        if name in experiments:
            said.append(f"{target}: the experiment {name} makes no such file; ask for one that it makes.")
        else:
            said.append(
                f"{target}: the experiment {name!r} is not among those of this call, which are {known}; "
                "give the config file that has it, by --configfile after the target."
            )
    return said
