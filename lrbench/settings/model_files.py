"""The file that a config names for a model of its own: where it is, seen without running it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.model_source import defines, source_digest
from lrbench.settings.data_sets import existing, relative
from lrbench.settings.values import shown

BUILD = "build"


def model_file(model: Any, folders: Sequence[Path | str]) -> tuple[str | None, list[str]]:
    """Where the file of a config's own model is, and what speaks against it, seen without running it."""
    if not isinstance(model, dict) or not isinstance(model.get("file"), str):
        return None, []
    path = existing(model["file"], folders)
    function = model.get("build", BUILD)
    if not path or os.path.isdir(path):
        places = " or ".join(dict.fromkeys(map(relative, folders)))
        return None, [
            f"model.file is {shown(model['file'])} but no such file exists in {places}; give a Python file with a "
            f"function {BUILD}(input_shape, classes)"
        ]
    try:
        source_digest(path)
        if isinstance(function, str) and function.isidentifier() and not defines(path, function):
            return None, [f"model.file: {path} has no function {function}; write it, or name another as model.build"]
    except InputError as error:
        return None, [f"model.file: {str(error).removesuffix('.')}"]
    return path, []
