"""A CSV file with a header: a column of labels, the others numeric features; its test part is a file of its own."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lrbench.data.arrays import Source, check_size, zeros
from lrbench.data.csv_lines import Line, fields, header_of, lines_of, named
from lrbench.data.paths import separated
from lrbench.data.split import Examples
from lrbench.errors import InputError

ASKED_LAST = False
CALLED = "a CSV file"
OPTIONS = ("test_path", "label", "image_shape", "standardize")
LABELS = ("label", "class", "target", "y")  # what a column of labels is called, in letters of any case
MISSING = ("", "?", "na", "n/a", "nan", "null", "none", "-")
WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
LARGEST = float(np.finfo(np.float32).max)
LABEL_BYTES = 16  # what a label takes until its class is numbered
CHUNK_BYTES, CHUNK_LINES = 1024**2, 16_384  # text that is parsed at a time; a short line takes 30 times its bytes


class Texts(NamedTuple):
    """The labels of a file: each text once, and for each row the place of its text among them, shape (n,) int32."""

    texts: list[str]
    places: np.ndarray


def is_one(path: str) -> bool:
    """Whether a path is called so and is no folder."""
    own, _ = separated(path)
    return own.lower().endswith((".csv", ".csv.gz")) and not os.path.isdir(own)


def files_of(path: str) -> tuple[str, ...]:
    """The file of the training part, and that of the test part if there is one."""
    own, test = separated(path)
    return (own,) if test is None else (own, test)


def parts_of(path: str) -> tuple[str, ...]:
    """The parts, each a file."""
    return ("train", "test")[: len(files_of(path))]


def read(path: str, options: Mapping[str, Any], images: bool) -> Source:
    """The data set in one file or two.

    options : `label`, the column of labels by its name, or `first` or `last`; `image_shape`, into which the features of
        a row are put, one row after the other; `standardize`, which is done after the split
    images : whether features are read; else they are zeros that take no memory
    """
    files = files_of(path)
    names = header_of(Path(files[0]))
    label = _label_column(names, options.get("label"), files[0])
    shape = tuple(options.get("image_shape") or (len(names) - 1,))
    if math.prod(shape) != len(names) - 1:
        raise InputError(
            f"dataset.image_shape is {list(shape)}, which is {math.prod(shape)} values, but {files[0]} has "
            f"{len(names) - 1} columns beside {names[label]!r}; give a shape of so many."
        )
    for file in files[1:]:
        _check_header(header_of(Path(file)), names, file, files[0])
    texts, features = zip(*(_read_file(Path(file), names, label, images) for file in files), strict=True)
    if "image_shape" in options and images and all(map(_are_bytes, features)):
        features = tuple(part.astype(np.uint8) for part in features)
    parts = [
        Examples(part.reshape(-1, *shape) if images else zeros((len(part), *shape), part.dtype), labels)
        for part, labels in zip(features, _labels(texts, names[label], files), strict=True)
    ]
    held = {f"{part}_{what}": file for part, file in zip(("train", "test"), files, strict=False) for what in WHAT}
    notes = ("each feature standardized by its mean and deviation in training",) * bool(options.get("standardize"))
    return Source(parts[0], parts[1] if len(parts) > 1 else None, held, notes=notes)


WHAT = ("images", "labels")


def _label_column(names: list[str], label: str | None, path: str) -> int:
    """The place of the column of labels."""
    if label in ("first", "last"):
        return 0 if label == "first" else len(names) - 1
    found = [name for name in names if name.lower() in LABELS] if label is None else [label]
    if label is None and len(found) != 1:
        how = f"{len(found)} columns are" if found else "no column is"
        raise InputError(
            f"{path}: {how} called {', '.join(LABELS[:-1])} or {LABELS[-1]}; say in dataset.label which one has the "
            f"labels, by its name or as first or last; its columns are {named(names)}."
        )
    if found[0] not in names:
        raise InputError(
            f"{path}: has no column {found[0]!r}, which dataset.label names; its columns are {named(names)}."
        )
    return names.index(found[0])


def _check_header(names: list[str], expected: list[str], path: str, train: str) -> None:
    if names != expected:
        lacking = [name for name in expected if name not in names]
        how = f"lacks the columns {named(lacking)}" if lacking else "has other columns, or in another order,"
        raise InputError(f"{path}: {how} beside {train}; give both files the same header.")


def _read_file(path: Path, names: list[str], label: int, images: bool) -> tuple[Texts, np.ndarray]:
    """The labels of a file, and its features, shape (n, columns − 1) float32; zeros without `images`."""
    columns = len(names)
    rows = sum(1 for _ in lines_of(path, columns))
    if not rows:
        raise InputError(f"{path}: has no row after the header; give examples.")
    check_size(rows * ((columns - 1) * 4 + LABEL_BYTES), path)
    known: dict[str, int] = {}
    places, done = np.empty(rows, np.int32), 0
    shape, single = (rows, columns - 1), np.dtype(np.float32)
    features = np.empty(shape, single) if images else zeros(shape, single)
    for lines in _chunks(lines_of(path, columns)):
        if done + len(lines) > rows:
            break
        labels, values = _parsed(lines, path, names, label, images)
        if images:
            features[done : done + len(lines)] = values
        places[done : done + len(lines)] = [known.setdefault(text, len(known)) for text in labels]
        done += len(lines)
    if done != rows:
        raise InputError(f"{path}: changed while it was read; run again when it is whole.")
    return Texts(list(known), places), features


def _chunks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """The lines, a few thousand at a time, or fewer where they are long."""
    chunk: list[Line] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line.content)
        if size >= CHUNK_BYTES or len(chunk) == CHUNK_LINES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _parsed(
    lines: list[Line], path: Path, names: list[str], label: int, images: bool
) -> tuple[list[str], np.ndarray | None]:
    """Labels and features of some lines, read by pandas; where it fails, the first value that is wrong is named."""
    import pandas as pd  # only where a CSV file is read: it takes long to load

    columns = range(len(names))
    try:
        frame = pd.read_csv(
            io.BytesIO(b"".join(line.content.rstrip(b"\r\n") + b"\n" for line in lines)),
            header=None,
            names=columns,
            usecols=columns if images else [label],
            dtype={column: str if column == label else np.float64 for column in columns},
            na_filter=False,
            index_col=False,
            low_memory=False,
        )
        labels = [text.strip() for text in frame.pop(label).tolist()]
        with np.errstate(over="ignore"):
            values = frame.to_numpy(np.float32) if images else None
        truths = images and any(text.strip().lower() in ("true", "false") for text in _features(lines[0], path, label))
        whole = values is None or bool(np.isfinite(values).all())
        if whole and len(labels) == len(lines) and all(labels) and not truths:
            return labels, values
        reason = "not every value is a number"
    except (ValueError, OverflowError) as error:  # pandas' errors are such
        reason = " ".join(str(error).split())[:200]
    for line in lines:
        _check_values(line, path, names, label)
    raise InputError(
        f"{path}: lines {lines[0].number} to {lines[-1].number} cannot be read ({reason}); write plain numbers."
    )


def _features(line: Line, path: Path, label: int) -> list[str]:
    return [text for column, text in enumerate(fields(line, path)) if column != label]


def _check_values(line: Line, path: Path, names: list[str], label: int) -> None:
    """Raise InputError for the first value of a line that is missing, or no finite number beside the label."""
    for column, text in enumerate(map(str.strip, fields(line, path))):
        where = f"{path}: line {line.number}, column {names[column][:80]!r}"
        if not text or (column != label and text.lower() in MISSING):
            raise InputError(f"{where} has no value ({text!r}); fill it in, or leave the row or the column out.")
        if column == label:
            continue
        try:
            number = math.nan if "_" in text or not text.isascii() else float(text)
        except ValueError:
            number = math.nan
        if math.isnan(number):
            raise InputError(
                f"{where} has {text[:80]!r} where a number belongs; give numbers, or leave the column out."
            )
        if abs(number) > LARGEST:
            raise InputError(f"{where} has {text[:80]}, which is no finite number of float32; give finite ones.")


def _labels(texts: tuple[Texts, ...], column: str, files: tuple[str, ...]) -> list[np.ndarray]:
    """Labels of each part: whole numbers where all of them are, else texts."""
    train, *_ = (part.texts for part in texts)
    if all(WHOLE.fullmatch(text) for part in texts for text in part.texts):
        return [np.array([int(text.split(".")[0]) for text in part.texts], np.int64)[part.places] for part in texts]
    if all(map(_is_fraction, train)) and not all(map(WHOLE.fullmatch, train)):
        raise InputError(
            f"{files[0]}: the labels, in column {column!r}, are numbers with a fraction, such as {min(train)}; name "
            "the column of the classes in dataset.label."
        )
    return [np.array(part.texts, object)[part.places] for part in texts]


def _is_fraction(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _are_bytes(features: np.ndarray) -> bool:
    """Whether all values are whole numbers from 0 to 255."""
    return bool(features.min() >= 0 and features.max() <= 255) and bool((features == np.rint(features)).all())
