"""The probes that there are, found by their folders, and what each brings to the command line, workflow and report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrbench.errors import InputError
from lrbench.identity.discovery import modules_of, names_of
from lrbench.places import PROBES as FOLDER
from lrbench.settings.suggestions import value_hint
from lrbench.tables.probes import ProbeFile, section_template

if TYPE_CHECKING:
    from lrbench.reporting.drawing.report_figure import ReportFigure
    from lrbench.reporting.inputs import Measured
    from lrbench.reporting.sections.section import Section

PACKAGE = "lrbench.probes"
MEASUREMENT, CONTRACT, SECTION, FIGURES = "measurement", "contract", "section", "figures"


@dataclass(frozen=True)
class Probe:
    """A probe, as it is known before any of its modules is imported.

    name : in a config, of its JSON file, of its section
    command : name of its subcommand, of its rule, and of that rule's file
    about : what its subcommand does, a sentence
    package : its package
    parts : the modules in it
    follows_analysis : whether it measures what analysis concluded from the runs
    trains : whether it trains the experiment's model itself, with options of its own
    """

    name: str
    command: str
    about: str
    package: str
    parts: frozenset[str]
    follows_analysis: bool = False
    trains: bool = False

    def modules(self, *kinds: str) -> tuple[str, ...]:
        """Of these kinds of module, the names of those that it has."""
        return tuple(f"{self.package}.{kind}" for kind in kinds if kind in self.parts)


def find_probes(package: str = PACKAGE) -> dict[str, Probe]:
    """The probes that are packages in a package, by name, in the order of their names."""
    found = {}
    for module in modules_of(package):
        name = module.__name__.rpartition(".")[2]
        parts = frozenset(names_of(module.__path__))
        kinds = (getattr(module, kind, False) for kind in ("FOLLOWS_ANALYSIS", "TRAINS"))
        found[name] = Probe(name, module.COMMAND, module.ABOUT, module.__name__, parts, *kinds)
    return found


PROBES = find_probes()


def by_probe(files: Iterable[Path]) -> dict[str, Path]:
    """Files by the probe that each is named after, in the order of the probes' names.

    Raises InputError where one is named after no probe, or two are after the same.
    """
    found: dict[str, Path] = {}
    for file in files:
        name = file.name.removesuffix(".json")
        if name not in PROBES:
            hint = value_hint(name, list(PROBES))
            raise InputError(f"--probes: {file} is named after no probe{hint}; give files of {', '.join(PROBES)}.")
        if name in found:
            raise InputError(f"--probes: {name} is there twice, as {found[name]} and {file}; give one of them.")
        found[name] = file
    return dict(sorted(found.items()))


def probe_modules(names: Iterable[str], *kinds: str) -> tuple[str, ...]:
    """The modules of these kinds that probes have, in the order given."""
    return tuple(module for name in names for module in PROBES[name].modules(*kinds))


def probe_files(paths: Mapping[str, Path]) -> dict[str, ProbeFile]:
    """Files with the contracts of the probes that they are of, which are imported."""
    return {name: ProbeFile(path, _module(name, CONTRACT).CONTRACT) for name, path in paths.items()}


def measure(name: str, *arguments: Any) -> dict[str, Any]:
    """What a probe measures; the arguments are those of its `measure`."""
    found: dict[str, Any] = _module(name, MEASUREMENT).measure(*arguments)
    return found


def probe_figures(names: Iterable[str]) -> list[ReportFigure]:
    """The figures that probes bring."""
    return [figure for module in probe_modules(names, FIGURES) for figure in import_module(module).figures()]


def sections(measured: Measured) -> list[Section]:
    """The sections of the page that an experiment's probes bring."""
    return [import_module(module).section(measured) for module in probe_modules(measured.probes, SECTION)]


def section_templates(names: Iterable[str]) -> dict[str, Path]:
    """By its name among the templates, the template of each probe's section."""
    having = [name for name in names if SECTION in PROBES[name].parts]
    return {section_template(name): FOLDER / name / Path(section_template(name)).name for name in having}


def _module(name: str, part: str) -> Any:
    return import_module(f"{PROBES[name].package}.{part}")
