"""Measurements beside training, a package each; none is a part of a run's identity.

What a probe brings for the report is found by its name: a package `figures` with a function `figures()`, as
lrbench.reporting.figures has, and a module `section` with a function `section(measured)`, which returns its `Section`.
Both are code of the stages that draw and write the page, and neither is imported by the modules that measure.
"""

from __future__ import annotations

from pathlib import Path

from lrbench.identity.discovery import names_of

FIGURES, SECTION = "figures", "section"


def page_parts(kind: str) -> tuple[str, ...]:
    """The modules by which probes take part in the report, in the order of the probes' names; nothing is imported.

    kind : FIGURES or SECTION
    """
    probes = names_of(__path__)
    found = {probe: names_of(str(Path(folder) / probe) for folder in __path__) for probe in probes}
    return tuple(f"{__name__}.{probe}.{kind}" for probe in sorted(probes) if kind in found[probe])
