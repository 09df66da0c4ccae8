"""Child processes, pinned to cores and measured: seconds, CPU seconds and peak memory, their own children included."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1"
)
BYTES_OF_MAXRSS = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Usage:
    """What a process took. `peak` is in bytes, of the largest single process."""

    seconds: float
    cpu: float
    peak: int
    status: int
    output: str
    errors: str

    def checked(self) -> Usage:
        """This, where the process ended well; RuntimeError with the end of what it said otherwise."""
        if self.status:
            raise RuntimeError(f"status {self.status}: {(self.errors or self.output)[-3000:]}")
        return self

    def as_json(self) -> dict[str, float]:
        """Seconds, CPU seconds and megabytes."""
        return {"seconds": self.seconds, "cpu": self.cpu, "megabytes": self.peak / 1e6}


def cores() -> list[int]:
    """The cores that this process may use; those of the machine where that cannot be asked."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def one_core() -> list[int]:
    """The core that single-core contenders share: the last, since the first is where interrupts tend to go."""
    return cores()[-1:]


def run(
    command: Sequence[str | Path],
    pinned: Sequence[int] | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Usage:
    """Run a command to its end, on the cores `pinned` where the system can pin."""

    def pin() -> None:
        if pinned is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, pinned)

    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)),
            stdout=output,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            preexec_fn=pin,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return Usage(
        seconds=seconds,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss * BYTES_OF_MAXRSS,
        status=process.returncode,
        output=texts[0],
        errors=texts[1],
    )
