"""The documents of this repository as the source of a site: copied as they lie, so that links between them hold."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
SOURCES = (
    "*.md",
    "LICENSE",
    "Containerfile",
    "config/**/*",
    "docs/**/*",
    "lrbench/**/*.py",
    "models/*",
    "resources/*/README.md",
    "resources/rings/make.py",
    "workflow/schemas/*",
)


def main(target: Path) -> None:
    """Put the documents, and the files that they link to, into an empty folder."""
    shutil.rmtree(target, ignore_errors=True)
    for pattern in SOURCES:
        for path in PROJECT.glob(pattern):
            if path.is_file() and "__pycache__" not in path.parts:
                place = target / path.relative_to(PROJECT)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, place)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
