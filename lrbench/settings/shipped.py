"""The configs that come with lrbench, each a pattern for one's own."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from lrbench.places import CONFIGS

NAME_LINE = re.compile(r"^(experiment|study): *(\S+)", re.MULTILINE)


def shipped_configs() -> dict[str, Path]:
    """The config files that come with lrbench, by their names without the ending."""
    return {path.stem: path for path in sorted(CONFIGS.rglob("*.yaml"))}


def config_named_after(file: Path, pattern: Path) -> str:
    """The text of a config that comes with lrbench, in which the experiment, or the study, is called as a file is.

    file : the new config; where its name makes no name of an experiment, that of the pattern stays
    pattern : one of `shipped_configs`
    """
    from pydantic import TypeAdapter, ValidationError

    from lrbench.settings.values import Name

    text = pattern.read_text(encoding="utf-8")
    plain = unicodedata.normalize("NFKD", file.stem.lower()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        return text
    return NAME_LINE.sub(rf"\1: {name}", text, count=1)
