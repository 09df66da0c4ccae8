"""An .npz in Keras' layout (x_train, y_train, x_test, y_test) or in MedMNIST's (train_images, …), and no more."""

from __future__ import annotations

import io
import math
import os
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from lrbench.data.arrays import Source, check_size, checked_examples, zeros
from lrbench.data.labels import flat_labels
from lrbench.data.split import Examples
from lrbench.errors import InputError

ASKED_LAST = True
CALLED = "an .npz file"
OPTIONS = ()
SHOWN_ARRAYS = 8
KERAS = {"train_images": "x_train", "train_labels": "y_train", "test_images": "x_test", "test_labels": "y_test"}
MEDMNIST = {
    f"{part}_{what}": f"{short}_{what}"
    for part, short in (("train", "train"), ("validation", "val"), ("test", "test"))
    for what in ("images", "labels")
}
MAX_HEADER_BYTES = 10_000  # what numpy itself takes for safe to parse; numpy.savez writes 118


def is_one(path: str) -> bool:
    """Whether a path is no folder: what is no .npz is refused when it is read."""
    return not os.path.isdir(path)


def files_of(path: str) -> tuple[str, ...]:
    """The one file."""
    return (path,)


def parts_of(path: str) -> tuple[str, ...]:
    """The parts that a layout has, told by the names in the file; what else is wrong with it is said when it is read.

    Raises InputError where arrays of the training part are missing, without which no name tells what a file holds.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = _names(archive)
    except Exception:  # zipfile fails in as many ways as bytes can be wrong
        names = list(KERAS.values())
    layout = _layout(names)
    if any(name not in names for what, name in layout.items() if what.startswith("train")):
        _check_names(names, tuple(layout.values()), Path(path))
    return tuple(dict.fromkeys(name.partition("_")[0] for name in layout))


def read(path: str, options: Mapping[str, Any], images: bool) -> Source:
    """The data set in an .npz.

    images : whether images are read; else they are zeros of the right shape that take no memory
    """
    arrays = read_npz(Path(path), images)
    parts = {
        name: Examples(arrays[f"{name}_images"], arrays[f"{name}_labels"])
        for name in dict.fromkeys(name.partition("_")[0] for name in arrays)
    }
    return Source(**{"test": None} | parts, files=dict.fromkeys(arrays, path))  # type: ignore[arg-type]


def read_npz(path: Path, images: bool = True) -> dict[str, np.ndarray]:
    """The arrays of an .npz by what they are, such as `train_images`; see `checked_examples` and `flat_labels`.

    Without `images`, those are zeros of the right shape that take no memory.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = _names(archive)
            layout = _layout(names)
            _check_names(names, tuple(layout.values()), path)
            members = dict(zip(names, archive.infolist(), strict=True))
            check_size(sum(members[name].file_size for name in layout.values()), path)
            arrays = {
                what: _read_member(archive, members[name], path, images or what.endswith("labels"))
                for what, name in layout.items()
            }
    except (OSError, InputError):
        raise
    except Exception as error:  # numpy and zipfile fail in as many ways as bytes can be wrong
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path}: is no .npz that lrbench loads ({reason or type(error).__name__}); give plain numeric arrays."
        ) from error
    return {
        what: (flat_labels if what.endswith("labels") else checked_examples)(array, layout[what], path)
        for what, array in arrays.items()
    }


def _names(archive: zipfile.ZipFile) -> list[str]:
    return [info.filename.removesuffix(".npy") for info in archive.infolist()]


def _layout(names: list[str]) -> Mapping[str, str]:
    """The layout that has more of its arrays in a file; by what an array is, how it is called.

    A part other than the training part is left out where the file has none of its arrays.
    """
    layout = max((KERAS, MEDMNIST), key=lambda layout: len(set(layout.values()) & set(names)))
    parts = {what.partition("_")[0] for what, name in layout.items() if name in names} | {"train"}
    return {what: name for what, name in layout.items() if what.partition("_")[0] in parts}


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, content: bool) -> np.ndarray:
    """One array of an .npz, or zeros of its shape, after seeing that its header asks for just the bytes after it."""
    name = member.filename.removesuffix(".npy")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{path}: {name} is packed in a way that numpy does not use; write the file with numpy.savez.")
    with archive.open(member) as file:
        shape, dtype = described(file, member.file_size, name, path)
        if file.tell() + math.prod(shape) * dtype.itemsize != member.file_size:
            raise InputError(
                f"{path}: {name} says it holds an array of shape {shape} and dtype {dtype} but has "
                f"{member.file_size - file.tell()} bytes of it; fetch the file again."
            )
    if not content and not dtype.hasobject:
        return zeros(shape, dtype)
    with archive.open(member) as file:
        try:
            return np.lib.format.read_array(file, allow_pickle=False)
        except ValueError as error:
            if "EOF" not in str(error):
                raise
            size = member.file_size
            raise InputError(
                f"{path}: {name} ends before the {size} bytes that the file says it has; fetch the file again."
            ) from error


def _check_names(names: list[str], arrays: tuple[str, ...], path: Path) -> None:
    """Raise InputError where an .npz has other arrays than its layout: what is not read might be taken for used."""
    missing = [name for name in arrays if name not in names]
    others = [name for name in dict.fromkeys(names) if name not in arrays]
    shown = ", ".join(others[:SHOWN_ARRAYS]) + f" and {len(others) - SHOWN_ARRAYS} more" * (len(others) > SHOWN_ARRAYS)
    if missing:
        instead = f" and has {shown}" if others else ""
        raise InputError(f"{path}: lacks {', '.join(missing)}{instead}; give an .npz with {', '.join(arrays)}.")
    if others:
        raise InputError(
            f"{path}: has {shown}, which lrbench does not use; "
            f"write the file anew with {', '.join(arrays)} alone, so that nobody takes the others for used."
        )
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise InputError(f"{path}: has {', '.join(twice)} more than once; write the file with numpy.savez.")


def described(file: IO[bytes], size: int, name: str, path: Path) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype that an array's header states, after which `file` stands where the array itself begins.

    Parameters
    ----------
    file : an array as numpy stores it, from its first byte
    size : its bytes, header included
    name, path : of the array and of the .npz, for what is said of them

    Raises
    ------
    InputError
        Where there is no header of a plain array, of a length that headers have.
    """
    prefix, header_1_0 = np.lib.format.MAGIC_PREFIX, np.lib.format.read_array_header_1_0
    readers = {b"\1\0": (2, header_1_0), b"\2\0": (4, np.lib.format.read_array_header_2_0)}
    magic = file.read(len(prefix) + 2)
    if magic[: len(prefix)] != prefix:
        raise InputError(f"{path}: {name} is no array; write the file with numpy.savez.")
    if magic[len(prefix) :] not in readers:
        raise InputError(f"{path}: {name} is no plain array; write the file with numpy.savez.")
    width, read_header = readers[magic[len(prefix) :]]
    header = file.read(width)
    length = int.from_bytes(header, "little")
    if len(header) < width or len(magic) + width + length > size:
        raise InputError(f"{path}: {name} ends within its header; fetch the file again.")
    if length > MAX_HEADER_BYTES:
        raise InputError(
            f"{path}: {name} has a header of {length} bytes, more than the {MAX_HEADER_BYTES} that describe an array; "
            "write the file with numpy.savez."
        )
    try:
        shape, _, dtype = read_header(io.BytesIO(header + file.read(length)))
    except Exception as error:  # numpy evaluates the header as Python, which fails in many ways
        raise InputError(f"{path}: {name} has a header that describes no array; fetch the file again.") from error
    if dtype.hasobject:
        raise InputError(
            f"{path}: is no .npz that lrbench loads (it holds pickled objects); give numbers, or texts as "
            "y.astype(str) has them."
        )
    if any(number < 0 for number in shape):
        raise InputError(
            f"{path}: {name} has a header that describes no array (its shape is {str(shape)[:60]}); "
            "fetch the file again."
        )
    return shape, dtype
