"""Measure everything in turn and write docs/performance.md.

python -m benchmarks                      all parts, over 25 minutes on a machine that does nothing else
python -m benchmarks --parts memory       some parts; the others as they were measured before
python -m benchmarks --resume             only what this very code has not measured yet
python -m benchmarks --page               nothing, only the page from what was measured
python -m benchmarks --scale quick        a trial of the benchmarks themselves; writes its page beside its results
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import code, describe, watched
from benchmarks.page import page
from benchmarks.plots import draw
from benchmarks.results import PARTS, read
from benchmarks.scale import FULL, PROJECT, RESULTS, SCALES
from lrbench.identity.provenance import write_json, write_text


def main() -> int:
    """Returns 0, or 1 where something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure how fast lrbench is.")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure")
    parser.add_argument("--scale", choices=sorted(SCALES), default=FULL.name, help="how much to measure")
    parser.add_argument("--resume", action="store_true", help="keep what this very code has measured already")
    parser.add_argument("--page", action="store_true", help="measure nothing, only write the page")
    options = parser.parse_args()
    folder = RESULTS / options.scale
    folder.mkdir(parents=True, exist_ok=True)
    failed = [] if options.page else [part for part in options.parts if not _measure(part, folder, options)]
    results = read(folder)
    documents = PROJECT / "docs" if options.scale == FULL.name else folder
    draw(results, documents / "performance")
    write_text(documents / "performance.md", page(results))
    print(f"written: {documents / 'performance.md'}")
    failed += [f"{contender}: {why}" for contender, why in results.failures().items()]
    for name in failed:
        print(f"not measured: {name}", file=sys.stderr)
    return bool(failed)


def _measure(part: str, folder: Path, options: argparse.Namespace) -> bool:
    """Measure one part and keep it only when it is whole. Returns whether that went well."""
    kept = folder / f"{part}.json"
    if options.resume and kept.exists() and json.loads(kept.read_text(encoding="utf-8")).get("code") == code():
        print(f"{part}: measured already", flush=True)
        return True
    kept.unlink(missing_ok=True)
    raw = folder / f"{part}.raw.json"
    raw.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "pytest", f"benchmarks/bench_{part}.py", f"--scale={options.scale}"),
        *("--benchmark-only", f"--benchmark-json={raw}", "--benchmark-quiet"),
        *("--verbose", "--no-header", "-p", "no:cacheprovider"),
    ]
    with watched() as load, tempfile.TemporaryDirectory() as work:
        status = subprocess.run([*command, f"--basetemp={work}/tests"], cwd=PROJECT, check=False).returncode
    print(f"{part}: {load['seconds']:.0f} s", flush=True)
    if status or not raw.exists():
        return False
    measured = json.loads(raw.read_text(encoding="utf-8"))
    write_json(
        kept,
        {
            "code": code(),
            "machine": describe(),
            "part": part,
            "scale": options.scale,
            **load,
            "measurements": [
                {**benchmark["extra_info"], "timed": benchmark["stats"]["median"]}
                for benchmark in measured["benchmarks"]
            ],
        },
    )
    return True


if __name__ == "__main__":
    sys.exit(main())
