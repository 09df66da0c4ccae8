"""How much memory readers take: a program that reads each file of a folder in a process of its own.

It prints a line of JSON for each: the file's name, the growth of the process in bytes while it was read, and what
came of it: null or the sentence. The first word of a name, up to a dash, says how the file is read.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import warnings
from pathlib import Path

import pandas as pd
from PIL import Image

from lrbench.data.checksums import listed_digests
from lrbench.data.formats.idx import read_idx
from lrbench.data.images import read_image
from lrbench.data.sources import read_dataset
from lrbench.errors import InputError
from lrbench.identity.provenance import read_json
from lrbench.settings.yaml_files import read_yaml
from lrbench.tables.format import read_csv, read_parquet
from lrbench.tables.training import RUN_TABLES

UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
ADDRESSES = 3 * 1024**3  # beyond what the program has: a reader that goes wrong harms nobody else
READERS = {
    "labels": lambda path: read_idx(path, 1),
    "images": lambda path: read_idx(path, 3),
    "data": lambda path: read_dataset(str(path)),
    "image": lambda path: read_image(str(path)),
    "sums": listed_digests,
    "json": read_json,
    "config": read_yaml,
    "csv": lambda path: read_csv(path, RUN_TABLES["epochs"]),
    "parquet": lambda path: read_parquet(path, RUN_TABLES["steps"]),
}


def growth_and_outcome(path: Path) -> tuple[int, str | None]:
    """Bytes by which this process grew at most while it read a file, and the sentence that refused the file."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = None
    try:
        READERS[path.name.partition("-")[0]](path)
    except InputError as error:
        outcome = str(error)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * UNIT, outcome


def limit_addresses() -> None:
    """Have the process refuse to grow without end."""
    try:
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (held + ADDRESSES, held + ADDRESSES))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    pd.read_csv(io.BytesIO(b"a,b\n1,c\n"), dtype={"b": str})  # loads what pandas loads with its first CSV
    Image.init()  # loads Pillow's formats
    for name in sorted(os.listdir(sys.argv[1])):
        sys.stdout.flush()
        if os.fork() == 0:
            limit_addresses()
            growth, outcome = growth_and_outcome(Path(sys.argv[1], name))
            print(json.dumps({"name": name, "growth": growth, "outcome": outcome}), flush=True)
            os._exit(0)
        os.wait()
