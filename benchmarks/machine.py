"""What the numbers were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.processes import cores, one_core
from benchmarks.scale import PROJECT
from lrbench.identity.provenance import digest, file_digest
from lrbench.learning.jobs import machine

DISTRIBUTIONS = (
    "tensorflow",
    "keras",
    "numpy",
    "torch",
    "jax",
    "snakemake",
    "pandas",
    "matplotlib",
    "pytest-benchmark",
)
MEASURED = ("lrbench", "benchmarks", "templates", "workflow", "Snakefile", "config/config.yaml")


def describe() -> dict[str, Any]:
    """Processor, cores, memory, system, and versions."""
    return {
        **machine(),
        "cores": len(cores()),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "pinned": one_core() if hasattr(os, "sched_setaffinity") else None,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "versions": versions(),
    }


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """A mapping that holds, after the block, its `seconds` and how many cores `others` than its children took."""
    found: dict[str, float] = {}
    begun, busy, own = time.time(), _busy(), _children()
    yield found
    found["seconds"] = time.time() - begun
    found["others"] = max(0.0, (_busy() - busy - (_children() - own)) / found["seconds"])


def _busy() -> float:
    """CPU seconds that all processes of the machine have taken."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def versions() -> dict[str, str]:
    """Versions of what is measured and of what measures, where installed."""
    folders = [*sys.path, str(Path(sys.prefix) / "jax")]
    found = {}
    for name in DISTRIBUTIONS:
        for one in importlib.metadata.distributions(name=name, path=folders):
            found.setdefault(name, one.version)
    return found


def code() -> str:
    """A digest of everything whose change would change the numbers."""
    files = []
    for name in MEASURED:
        path = PROJECT / name
        files += [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    kept = [
        file
        for file in files
        if file.suffix in (".py", ".smk", ".j2", ".css", ".yaml", "") and "results" not in file.parts
    ]
    return digest([[str(file.relative_to(PROJECT)), file_digest(file)] for file in sorted(kept)] + [versions()])
