"""What was measured, read back: one file a part, each with its measurements in the order in which they were made."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUNS = ("one_run", "own_models")  # the parts in which contenders train a run in turn
PARTS = ("one_run", "own_models", "whole_job", "memory", "growth")
SEARCHES = "searches.json"


@dataclass(frozen=True)
class Results:
    """The parts that were measured, by name; each has `machine`, `code`, `scale`, `seconds` and `measurements`.

    searches : what `benchmarks.searches` replayed, which takes no time that is measured: a record for each data set
    """

    parts: Mapping[str, Mapping[str, Any]]
    searches: Sequence[Mapping[str, Any]] = ()

    def records(self, part: str, **wanted: Any) -> list[dict[str, Any]]:
        """The records of a part's measurements that have the wanted values, in the order of measuring."""
        return [one["record"] for one in self.measurements(part, **wanted)]

    def measurements(self, part: str, **wanted: Any) -> list[dict[str, Any]]:
        """The same with what each measurement is of."""
        return [
            one
            for one in self.parts.get(part, {}).get("measurements", ())
            if all(one.get(key) == value for key, value in wanted.items())
        ]

    def runs(self, contender: str) -> dict[int, dict[str, Any]]:
        """A contender's records by round, those without a run left out."""
        found = [one for part in RUNS for one in self.measurements(part, contender=contender)]
        return {one["round"]: one["record"] for one in found if "seconds" in one["record"]}

    def absent(self, contender: str) -> str:
        """Why a contender has no run, or nothing."""
        for record in (record for part in RUNS for record in self.records(part, contender=contender)):
            for word in ("missing", "failed"):
                if word in record:
                    return record[word] if word == "missing" else f"failed: {record[word]}"
        return ""

    def failures(self) -> dict[str, str]:
        """Contenders that were there and failed, with why."""
        return {
            one["contender"]: one["record"]["failed"]
            for part in RUNS
            for one in self.measurements(part)
            if "failed" in one["record"]
        }

    def steady(self, contender: str) -> dict[int, float]:
        """Seconds an epoch by round: the median of all epochs but the first, where there are more."""
        return {
            number: statistics.median(record["epochs"][1:] or record["epochs"])
            for number, record in self.runs(contender).items()
        }

    def ratios(self, contender: str, reference: str = "lrbench") -> list[float]:
        """A contender's seconds over those of the reference, round by round."""
        return self._ratios(contender, reference, lambda record: record["seconds"])

    def memory_ratios(self, contender: str, reference: str) -> list[float]:
        """A contender's peak memory over that of the reference, round by round."""
        return self._ratios(contender, reference, lambda record: record["process"]["megabytes"])

    def _ratios(self, contender: str, reference: str, cost: Callable[[dict[str, Any]], float]) -> list[float]:
        mine, theirs = self.runs(contender), self.runs(reference)
        return [cost(mine[number]) / cost(theirs[number]) for number in sorted(mine.keys() & theirs.keys())]

    def curves(self) -> Iterator[tuple[str, str, list[tuple[int, dict[str, Any]]]]]:
        """What grew along which axis: (what, axis, records by size)."""
        found: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
        for one in self.measurements("growth"):
            found.setdefault((one["what"], one["axis"]), []).append((one["n"], one["record"]))
        for (what, axis), curve in found.items():
            yield what, axis, sorted(curve, key=lambda point: point[0])


def read(folder: Path) -> Results:
    """The results in a folder; a part that is not there was not measured."""
    files = {part: folder / f"{part}.json" for part in PARTS}
    found = {part: json.loads(file.read_text(encoding="utf-8")) for part, file in files.items() if file.exists()}
    searches = folder / SEARCHES
    return Results(found, json.loads(searches.read_text(encoding="utf-8")) if searches.exists() else [])
