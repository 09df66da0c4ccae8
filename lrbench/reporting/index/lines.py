"""The lines of the index page: what each experiment and each study of a working directory says, read from its results.

Results are read through their sealed indexes only. What is damaged, half finished or made from something else is said
in its own line, and hinders no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, read_json, read_sealed
from lrbench.reporting.index.settings import settings_in_words
from lrbench.tables.conclusions import RECOMMENDATION
from lrbench.tables.experiment import MANIFEST, SHAPE
from lrbench.tables.index import read_index
from lrbench.tables.names import ANALYSIS_INDEX, STUDY_INDEX, TABLES_INDEX
from lrbench.tables.study import FINDINGS, read_study
from lrbench.training_words import axis_words
from lrbench.wording import counted

EXPERIMENT, A_STUDY = "experiment", "study"


@dataclass(frozen=True)
class Line:
    """What the index page says of one experiment or study.

    kind : EXPERIMENT or A_STUDY; title : beside the name, empty where that says all
    answer : in a sentence or two; empty where there is none
    problem : why there is no answer, or what is wrong with it; empty where nothing is
    page : its page as a link from the index, empty where it is not there
    settings : of an experiment, by what each is called; variants : of a study, the names of its experiments
    """

    name: str
    kind: str
    title: str = ""
    answer: str = ""
    problem: str = ""
    page: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    variants: tuple[str, ...] = ()


def read_lines(results: Path, reports: Path, names: Iterable[str]) -> list[Line]:
    """A line for each name, in their alphabetical order.

    results : the folder that has a folder of each name
    reports : the folder of pages, and of the index
    """
    found = [_line(results, reports, name) for name in sorted(set(names))]
    study_of = {variant: line.name for line in found for variant in line.variants}
    return [
        replace(line, title=f"a variant of {study_of[line.name]}") if line.name in study_of else line for line in found
    ]


def _line(results: Path, reports: Path, name: str) -> Line:
    folder = results / name
    page = f"{name}.html" if (reports / f"{name}.html").is_file() else ""
    is_study = (folder / STUDY_INDEX).exists()
    kind = A_STUDY if is_study else EXPERIMENT
    if not is_study and not (folder / ANALYSIS_INDEX).exists():
        text = "It is not finished: nothing was concluded from its runs yet. Run snakemake on its config."
        return Line(name, kind, problem=text, page=page)
    try:
        line = _study(folder) if is_study else _experiment(folder)
    except InputError as error:
        return Line(name, kind, problem=str(error), page=page)
    except OSError as error:
        return Line(name, kind, problem=f"{error.filename}: cannot be read ({error.strerror}).", page=page)
    missing = "" if page else "Its page is not there; run snakemake on its config."
    return replace(line, problem=missing, page=page)


def _experiment(folder: Path) -> Line:
    """What a finished experiment says. Raises InputError where a file is not what its index says."""
    index, files = read_index(folder / ANALYSIS_INDEX, ("recommendation",), {"settings": dict, "tables": str})
    origin = read_sealed(folder / TABLES_INDEX, SHAPE)
    if file_digest(folder / TABLES_INDEX) != index["tables"]:
        raise InputError(
            f"{folder / ANALYSIS_INDEX}: is of other tables than those beside it; run snakemake on its config."
        )
    manifest = read_sealed(folder / "dataset" / "manifest.json", MANIFEST)
    if manifest["digest"] != origin["expected"]["data"]:
        raise InputError(f"{folder}/dataset/manifest.json: is of other data; delete it and run snakemake again.")
    answer = read_json(files["recommendation"], RECOMMENDATION)["statement"]
    words = settings_in_words(origin["settings"], origin["plan"], manifest)
    return Line(folder.name, EXPERIMENT, answer=answer, settings=words)


def _study(folder: Path) -> Line:
    """What a finished study says. Raises InputError where a file is not what its index says, or is old."""
    study, files = read_study(folder / STUDY_INDEX)
    answer = read_json(files["findings"], FINDINGS)["statement"]
    axis = axis_words(study["axis"] or "") or "what each variant changes"
    labels = ", ".join(variant["label"] for variant in study["variants"])
    said = f"{counted(len(study['variants']), 'variant')} that differ in {axis}: {labels}"
    variants = tuple(variant["name"] for variant in study["variants"])
    return Line(folder.name, A_STUDY, study["title"], answer, settings={"": said}, variants=variants)
