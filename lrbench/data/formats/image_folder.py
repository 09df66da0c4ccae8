"""A folder of images: a folder of PNG or JPEG files for each class, in `train`, `test` and `val` if those are there.

Classes, and the files of a class, are in plain ascending order of their names: 10 stands before 2.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lrbench.data.arrays import Source, most_bytes, zeros
from lrbench.data.checksums import check_checksums
from lrbench.data.formats.idx import IDX_NAME
from lrbench.data.image_files import Class, classes_of, has_images, part_folders
from lrbench.data.images import Header, header_of, read_image
from lrbench.data.split import Examples
from lrbench.errors import InputError

ASKED_LAST = False
CALLED = "a folder of images by class"
OPTIONS = ("image_shape",)


def is_one(path: str) -> bool:
    """Whether a path is a folder in which images lie, as their names say, and no IDX file beside their folders."""
    return os.path.isdir(path) and has_images(path) and not any(map(IDX_NAME.fullmatch, os.listdir(path)))


def files_of(path: str) -> tuple[str, ...]:
    """The images, part by part and class by class. Raises InputError where the folder holds anything else."""
    return _files(_layout(path))


def parts_of(path: str) -> tuple[str, ...]:
    """The parts, by the names of folders; what is wrong with those is said by `files_of`."""
    try:
        return tuple(part_folders(path))
    except InputError:
        return ("train",)


def read(path: str, options: Mapping[str, Any], images: bool) -> Source:
    """The data set in a folder, held against a SHA256SUMS if there is one.

    options : `image_shape`, to which every image is made grey or coloured, and resized, bilinear
    images : whether images are read; else the header of the first of each class is, images are zeros that take no
        memory, and no file is held against its digest
    """
    wanted = None if options.get("image_shape") is None else tuple(options["image_shape"])
    if wanted is not None and wanted[2:] not in ((), (1,), (3,)):
        raise InputError(
            f"dataset.image_shape is {list(wanted)} but {path} has images in grey or colour; give height and width for "
            "grey, with 3 as a third number for colour."
        )
    layout, folders = _layout(path), part_folders(path)
    files = _files(layout)
    headers = Headers(files[0], wanted)
    _check_size(path, files, headers.shape)
    if images:
        check_checksums(Path(path), files)
    parts = {part: _examples(classes, headers, images) for part, classes in layout.items()}
    held = {f"{part}_{what}": folder for part, folder in folders.items() for what in ("images", "labels")}
    return Source(parts["train"], parts.get("test"), held, parts.get("validation"), headers.notes())


class Headers:
    """The headers of the images that were read: all alike, unless `image_shape` makes them so."""

    def __init__(self, first: str, wanted: tuple[int, ...] | None) -> None:
        """Begin with the first file; `wanted` is `image_shape`, None where it is not given."""
        self.first, self.header, self.wanted = first, header_of(first), wanted
        self.shape = self.header.shape if wanted is None else wanted
        self._seen: set[Header] = set()

    def take(self, header: Header, file: str) -> None:
        """Raise InputError where a file's header is unlike the first one and nothing says what to make of it."""
        self._seen.add(header)
        if self.wanted is None and header != self.header:
            size = [self.header.height, self.header.width]
            raise InputError(
                f"{file}: has {header} but {self.first} has {self.header}; give images of one kind, or say in "
                f"dataset.image_shape what to make of them, such as {size} for grey or {[*size, 3]} for colour."
            )

    def notes(self) -> tuple[str, ...]:
        """What was done to images, a clause each."""
        height, width, colour = *self.shape[:2], self.shape[2:] == (3,)
        notes = {
            f"resized to {height} x {width} pixels, bilinear": any(
                (one.height, one.width) != (height, width) for one in self._seen
            ),
            "colours made grey": not colour and any(one.colour for one in self._seen),
            "grey made colour": colour and any(not one.colour for one in self._seen),
        }
        return tuple(note for note, done in notes.items() if done)


def _layout(path: str) -> dict[str, list[Class]]:
    """The classes of each part."""
    return {part: classes_of(folder) for part, folder in part_folders(path).items()}


def _files(layout: Mapping[str, Sequence[Class]]) -> tuple[str, ...]:
    return tuple(file for classes in layout.values() for one in classes for file in one.files)


def _check_size(path: str, files: Sequence[str], shape: tuple[int, ...]) -> None:
    """Raise InputError where the images take more memory than is taken, or than files of their size hold."""
    try:
        most = most_bytes(sum(map(os.path.getsize, files)))
    except OSError as error:
        raise InputError(
            f"{error.filename}: cannot be read ({error.strerror}); restore it, or leave it out."
        ) from error
    size = len(files) * math.prod(shape)
    if size > most:
        raise InputError(
            f"{path}: its {len(files)} images of {' x '.join(map(str, shape))} values take {size} bytes, over the "
            f"{most} that files of their size may; give fewer, or smaller ones by dataset.image_shape."
        )


def _examples(classes: Sequence[Class], headers: Headers, images: bool) -> Examples:
    """The images of a part, class by class, with the names of their folders for labels."""
    labels = np.repeat(np.array([one.name for one in classes], object), [len(one.files) for one in classes])
    shape, unsigned = (len(labels), *headers.shape), np.dtype(np.uint8)
    if not images:
        for one in classes:
            headers.take(header_of(one.files[0]), one.files[0])
        return Examples(zeros(shape, unsigned), labels)
    pixels = np.empty(shape, unsigned)
    for place, file in enumerate(file for one in classes for file in one.files):
        header, decoded = read_image(file, headers.wanted)
        headers.take(header, file)
        pixels[place] = decoded
    return Examples(pixels, labels)
