"""What a probe writes: one sealed JSON file, its contract, and whether it was made from what a report is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.provenance import read_sealed, write_sealed
from lrbench.tables.contracts import check_shape

Content = Mapping[str, Any]
ORIGIN = {"made_from": {"data": str, "plan": dict, "settings": dict}}  # in the JSON of every probe


def _of_any_runs(_: Content, __: Content, ___: Content) -> str:
    return ""


@dataclass(frozen=True)
class Results:
    """What a probe that follows analysis measures.

    chosen : the recommended learning rate, None where there is none
    runs : those of the experiment, as tables.json describes them
    store : folder of the run store
    """

    chosen: float | None
    runs: Sequence[Content]
    store: Path


@dataclass(frozen=True)
class Training:
    """What a probe that trains is given beside settings, plan and data.

    options : its own section of the config, with every default filled in; empty where it has none
    model : the file of the experiment's own model; None for the built-in network
    """

    options: Content
    model: str | None


@dataclass(frozen=True)
class Contract:
    """What the JSON of a probe holds, beside the data, plan and settings that it was made from.

    shape : keys that it must have, with the shape of each (see `has_shape`)
    foreign : from its content, that of tables.json and that of recommendation.json, how it is seen to belong to other
        runs, as in `begins with other weights than the runs`; "" where it is not
    """

    shape: Mapping[str, Any]
    foreign: Callable[[Content, Content, Content], str] = _of_any_runs


@dataclass(frozen=True)
class ProbeFile:
    """The file of a probe, named after it."""

    path: Path
    contract: Contract

    def write(self, content: Content, data: str, plan: Content, settings: Content) -> None:
        """Write what was measured, sealed, with the data's digest, the plan and the training settings.

        Raises ValueError where it breaks the contract.
        """
        whole = {**content, "made_from": {"data": data, "plan": dict(plan), "settings": dict(settings)}}
        check_shape(whole, {**self.contract.shape, **ORIGIN}, self.path.name)
        write_sealed(self.path, whole)

    def read(self, origin: Content, recommendation: Content) -> dict[str, Any]:
        """What was measured.

        origin, recommendation : content of the experiment's tables.json and recommendation.json

        Raises InputError where the file is missing, damaged, or made from something else than these.
        """
        found = read_sealed(self.path, {**self.contract.shape, **ORIGIN})
        expected = {"data": origin["expected"]["data"], "plan": origin["plan"], "settings": origin["settings"]}
        if found["made_from"] != expected:
            raise InputError(f"{self.path}: is of other settings or data; delete it and run snakemake again.")
        foreign = self.contract.foreign(found, origin, recommendation)
        if foreign:
            raise InputError(f"{self.path}: {foreign}; delete it, run snakemake again.")
        return found


def section_template(probe: str) -> str:
    """The name, among the page's templates, of the one of a probe's section, which lies in the probe's folder."""
    return f"probes/{probe}/section.html.j2"
