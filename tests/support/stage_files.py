"""What stages leave on disk, of experiments made from tables alone, and their indexes given new digests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.conclusions import conclusions

from lrbench.identity.provenance import SEAL, read_json, write_json, write_sealed, write_text
from lrbench.reporting.inputs import Measured
from lrbench.stages import figure_ids
from lrbench.tables.analysis import ANALYSIS_TABLES
from lrbench.tables.figures import FIGURES_INDEX, figure_files
from lrbench.tables.format import write_csv
from lrbench.tables.index import write_index
from lrbench.tables.names import CONCLUSIONS


def write_analysis(given: Measured, folder: Path, analysis: dict[str, Any]) -> tuple[Path, Path]:
    """Everything that analysis leaves, and what probes measured; where analysis.json and backpropagation.json are."""
    files = {name: folder / f"{name}.csv" for name in ANALYSIS_TABLES}
    for name, table in ANALYSIS_TABLES.items():
        write_csv(getattr(given, name), table, files[name])
    concluded = conclusions(given)
    for name in CONCLUSIONS:
        content = getattr(given if name in ("across", "recommendation") else concluded, name)
        files[name] = folder / f"{name}.json"
        write_json(files[name], {name: list(content)} if isinstance(content, tuple) else content)
    write_index(folder / "analysis.json", files, {"settings": analysis, "tables": given.tables.digest})
    for name, content in given.probes.items():
        write_sealed(folder / f"{name}.json", content)
    return folder / "analysis.json", folder / "backpropagation.json"


def seal(index: Path, **changes: Any) -> None:
    """Have an index give the digests that its files have now."""
    content = read_json(index)
    content.pop(SEAL)
    files = {name: index.with_name(file["name"]) for name, file in content.pop("files").items()}
    write_index(index, files, content | changes)


def write_pictures(
    folder: Path, made_from: dict[str, str], svg: str = "<svg xmlns='http://www.w3.org/2000/svg'/>"
) -> Path:
    """An index of figures none of which is shown, and their pictures."""
    files = {file: folder / file for figure in figure_ids() for file in figure_files(figure)}
    for file in files.values():
        write_text(file, svg)
    write_index(folder / FIGURES_INDEX, files, {"figures": [], "made_from": made_from, "rates": []})
    return folder / FIGURES_INDEX
