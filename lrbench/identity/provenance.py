"""Where results come from: digests of data and code, run keys, manifests, atomic writes.

Two results are the same result exactly when their keys are equal, so everything here is a pure
function of bytes: no clock, no host name, no path.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.regular_files import refuse_special

SEAL = "seal"
TRAINING_LIBRARIES = ("keras", "numpy", "tensorflow")


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN (ValueError)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256, in hexadecimal, of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def file_digest(path: Path | str) -> str:
    """SHA-256, in hexadecimal, of a file's bytes. Raises OSError where it cannot be read."""
    refuse_special(path)
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def library_versions(*distributions: str) -> dict[str, str]:
    """The installed version of each distribution, found without importing it."""
    return {name: importlib.metadata.version(name) for name in sorted(distributions)}


def run_key(settings: Mapping[str, Any], data: str, code: str, versions: Mapping[str, str]) -> str:
    """The address of one run in the store.

    Parameters
    ----------
    settings : the settings of one run, JSON-serialisable: learning rate and seed among them
    data : digest of the data set's arrays
    code : digest of the code that trains
    versions : versions of the libraries that compute
    """
    return digest({"settings": settings, "data": data, "code": code, "versions": versions})


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """A temporary name beside `path`, moved onto it when the block ends well, removed otherwise.

    The file's bytes reach the disk before the move, so `path` holds the old content or the new one
    and never a part, whatever happens in between.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)
    except OSError as error:
        if error.filename in (None, str(temporary)) and error.strerror:
            error.filename = str(path)  # a person knows that name and not the temporary one
        raise
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path | str, text: str) -> None:
    """Write a file whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: Any) -> None:
    """Write a value as indented JSON with sorted keys, whole or not at all; NaN raises ValueError."""
    write_text(path, json.dumps(value, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def strict_json(text: str) -> Any:
    """The value of a JSON text; ValueError where it is none, or holds NaN, an infinity or half a character."""
    value = json.loads(text)
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    return value


def has_shape(value: Any, shape: Any) -> bool:
    """Whether a JSON value has the keys and types of a shape.

    A shape is a mapping (these keys at least), a list of one shape (any number of such), a tuple of shapes (one of
    them), a type, `float` for any number, or a function that says whether the value fits.
    """
    if callable(shape) and not isinstance(shape, type):
        return bool(shape(value))
    if isinstance(shape, tuple):
        return any(has_shape(value, one) for one in shape)
    if isinstance(shape, Mapping):
        return isinstance(value, dict) and all(key in value and has_shape(value[key], shape[key]) for key in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(has_shape(item, shape[0]) for item in value)
    if isinstance(value, bool):
        return shape in (bool, object)
    return isinstance(value, int | float if shape is float else shape)


def read_json(
    path: Path | str, required: tuple[str, ...] | Mapping[str, Any] = (), repair: str | None = None
) -> dict[str, Any]:
    """The mapping that a JSON file holds.

    Parameters
    ----------
    required : keys that it must have, or those keys with the shape of each (see `has_shape`)
    repair : what to do about a missing or damaged file, where snakemake does not make it anew by itself

    Raises
    ------
    InputError
        Where the file is missing, is no JSON mapping, or lacks a required key or its shape.
    """
    anew = repair or "delete it and run snakemake again"
    try:
        refuse_special(path)
        value = strict_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {repair or 'make it with snakemake'}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON or is cut short; {anew}.") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: holds no JSON mapping; {anew}.")
    missing = [key for key in required if key not in value]
    if missing:
        raise InputError(f"{path}: lacks {', '.join(missing)}, so it is not a file of this stage; {anew}.")
    if isinstance(required, Mapping):
        odd = [key for key, shape in required.items() if not has_shape(value[key], shape)]
        if odd:
            raise InputError(f"{path}: holds something else under {', '.join(odd)} than this stage writes; {anew}.")
    return value


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a JSON file with the digest of it under `seal`, so that any later change shows."""
    return {**content, SEAL: digest(_without_seal(content))}


def unsealed(content: Mapping[str, Any], path: Path | str, repair: str | None = None) -> dict[str, Any]:
    """The content that was sealed, without its seal.

    Raises InputError where the content has changed since, or has no seal; `repair` as for `read_json`.
    """
    found = _without_seal(content)
    if digest(found) != content.get(SEAL):
        anew = repair or "delete it and run snakemake again"
        raise InputError(f"{path}: has changed since it was written; {anew}.")
    return found


def _without_seal(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != SEAL}


def write_sealed(path: Path | str, content: Mapping[str, Any]) -> None:
    """Write a mapping that another stage reads, as `write_json` does, with its seal."""
    write_json(path, sealed(content))


def read_sealed(
    path: Path | str, required: tuple[str, ...] | Mapping[str, Any] = (), repair: str | None = None
) -> dict[str, Any]:
    """The mapping that `write_sealed` wrote, without its seal; arguments as for `read_json`.

    Raises InputError where `read_json` does, and where the content has changed since it was written.
    """
    return unsealed(read_json(path, required, repair), path, repair)


def files_digest(paths: Iterable[Path | str]) -> str:
    """SHA-256 over the names and contents of files; one that cannot be read counts as absent."""

    def content(path: Path | str) -> str | None:
        try:
            return file_digest(path)
        except OSError:
            return None

    return digest([[os.path.basename(path), content(path)] for path in paths])
