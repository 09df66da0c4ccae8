"""The section on what the runs at the recommended rate get wrong."""

from __future__ import annotations

from typing import Any

from lrbench.probes.mistakes import ID, MOST_CLASSES
from lrbench.probes.mistakes.confusions import Found, mean_count, mistaken, pair_name, share_percent
from lrbench.reporting.inputs import Measured
from lrbench.reporting.sections.section import Section
from lrbench.wording import MISSING, class_label, counted, rate_label

HOLDS = "confusions, recall by class, disagreement between seeds and the examples most often wrong"
SHOWN_PREDICTIONS = 3  # of an example
PART = {"test": "test part", "validation": "validation part", "training": "training part"}

Names = list[str] | None


def section(measured: Measured) -> Section:
    """The section on mistakes, as the page has it."""
    return Section(ID, "What it gets wrong", HOLDS, content(measured))


def content(measured: Measured) -> dict[str, Any]:
    """What the section shows: its sentences, a row for each class, and the hardest examples."""
    found = measured.probes[ID]
    names = measured.dataset["class_names"]
    if found["learning_rate"] is None:
        return {"heading": "What it gets wrong: no rate is recommended", "found": None}
    return {
        "heading": _heading(found, names),
        "found": found,
        "summary": _summary(found),
        "disagreement": _disagreement(found),
        "recall": _recall(found, names),
        "recall_note": _recall_note(found),
        "hardest": [_example(example, found, names) for example in found["hardest"]],
        "hardest_note": _hardest_note(found),
        "pictures": any(example["picture"] for example in found["hardest"]),
        "runs": len(found["runs"]),
    }


def _heading(found: Found, names: Names) -> str:
    pairs = mistaken(found)
    if not pairs:
        return "What it gets wrong: no validation example"
    return f"What it gets wrong: most often, {pair_name(pairs[0], names)}"


def _summary(found: Found) -> str:
    """Which runs are counted, and how many examples one of them gets wrong."""
    runs, examples = len(found["runs"]), found["examples"]
    left_out = "" if runs == found["planned"] else "; the others diverged and predict nothing"
    each = (
        f"the run gets {mean_count(found['mean_wrong'])} of {examples:,} validation examples wrong."
        if runs == 1
        else f"a run gets {mean_count(found['mean_wrong'])} of {examples:,} validation examples wrong (mean over runs)."
    )
    text = (
        f"{runs} of {counted(found['planned'], 'run')} at the recommended rate {rate_label(found['learning_rate'])} "
        f"{'is' if runs == 1 else 'are'} counted here, as trained after the last epoch{left_out}: {each}"
    )
    if runs > 1:
        wrong = found["always_wrong"]
        text += f" {counted(wrong, 'example')} {'is' if wrong == 1 else 'are'} wrong in every run."
    return text


def _disagreement(found: Found) -> str:
    """How often seeds predict different classes; of one seed, that nothing can be said."""
    apart, runs = found["disagreement"], len(found["runs"])
    if apart is None:
        return "With one seed there is no disagreement between seeds to count."
    both = "both seeds" if runs == 2 else f"all {runs} seeds"
    text = (
        f"Seeds disagree: for {apart['examples']:,} of {found['examples']:,} validation examples "
        f"({share_percent(apart['share'])} %) not {both} predict the same class."
    )
    if runs > 2:
        text += (
            f" Two of them predict different classes for {share_percent(apart['pairwise'])} % of the examples (mean "
            "over all pairs of seeds)."
        )
    return text


def _recall(found: Found, names: Names) -> list[list[str]]:
    """A row for each class: its recall and what it is most often taken for; of many classes those of least recall."""
    taken: dict[int, Found] = {}
    for pair in mistaken(found):
        taken.setdefault(pair["true"], pair)
    rows = found["recall"]
    if len(rows) > MOST_CLASSES:
        known = [row for row in rows if row["mean"] is not None]
        rows = sorted(known, key=lambda row: (row["mean"], row["class"]))[:MOST_CLASSES]
    return [_recall_row(row, taken.get(row["class"]), len(found["runs"]), names) for row in rows]


def _recall_row(row: Found, pair: Found | None, runs: int, names: Names) -> list[str]:
    label = class_label(row["class"], names)
    if row["mean"] is None:
        return [label, "0", MISSING, MISSING, MISSING]
    span = f"{share_percent(row['lowest'])} to {share_percent(row['highest'])}" if runs > 1 else MISSING
    other = MISSING
    if pair is not None:
        other = f"{class_label(pair['predicted'], names)} ({share_percent(pair['share'])} %)"
    return [label, f"{row['examples']:,}", share_percent(row["mean"]), span, other]


def _recall_note(found: Found) -> str:
    runs = len(found["runs"])
    text = "Recall: the share of a class's validation examples that is classified correctly, after training"
    text += f"; mean and range over {runs} seeds." if runs > 1 else ", of one seed."
    if found["classes"] > MOST_CLASSES:
        text += f" The {MOST_CLASSES} of {found['classes']:,} classes with the lowest recall."
    return text


def _example(example: Found, found: Found, names: Names) -> dict[str, Any]:
    """An example in words: its true class, what was predicted by how many seeds, and where it stands."""
    runs = len(found["runs"])
    told = [f"{class_label(one['class'], names)} ({one['runs']} of {runs})" for one in example["predicted"]]
    more = len(told) - SHOWN_PREDICTIONS
    said = ", ".join(told[:SHOWN_PREDICTIONS]) + (f" and {more} more" if more > 0 else "")
    return {
        "label": class_label(example["label"], names),
        "picture": example["picture"],
        "place": example["place"],
        "predicted": said,
        "wrong": f"{example['wrong']} of {runs}",
    }


def _hardest_note(found: Found) -> str:
    return (
        f"{counted(len(found['hardest']), 'example')}: those that more seeds get wrong come first, those of equal "
        f"number in the order of their index. The index counts from 0 in the {PART[found['part']]} of the data set's "
        "own files; in brackets, how many seeds predict the class."
    )
