"""The documents that come with lrbench, on the command line: which there are, and the text of one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lrbench.errors import InputError
from lrbench.places import CONFIGS, DOCUMENTS


def documents() -> dict[str, Path]:
    """The Markdown files, by their names without the ending; README.md beside the configs is `config`."""
    found = {"config": CONFIGS / "README.md"} | {path.stem: path for path in DOCUMENTS.glob("*.md")}
    return dict(sorted(found.items()))


def docs(name: str | None) -> None:
    """Print a document as it is; without a name, the name and the title of each.

    Raises InputError where no document is called so.
    """
    found = documents()
    if name is not None and name not in found:
        from lrbench.settings.suggestions import value_hint

        hint = value_hint(name, list(found))
        raise InputError(f"no document is called {name[:60]!r}{hint}; lrbench docs lists those that there are.")
    width = max(map(len, found))
    try:
        if name is None:
            for one, path in found.items():
                print(f"{one:{width}}  {_title(path)}")
        else:
            sys.stdout.write(found[name].read_text(encoding="utf-8"))
        sys.stdout.flush()
    except BrokenPipeError:  # its reader, such as head, has seen enough; what Python writes at its end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("# ").rstrip()
