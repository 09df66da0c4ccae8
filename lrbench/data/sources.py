"""Data sets on disk: IDX folders and Keras' .npz, read whole, checked whole, never altered.

Whatever is wrong with a file is an InputError of one sentence. No file takes more memory than SMALL or MAX_RATIO
times its size, whichever is more, and none more than MAX_BYTES: what it says it holds is checked against these
before anything of it is unpacked, and no more than that is.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lrbench.data.array_headers import described
from lrbench.data.checksums import check_checksums, refuse_unfit
from lrbench.data.idx_files import IDX_FILES, dataset_files
from lrbench.data.split import Examples
from lrbench.errors import InputError

MAX_BYTES = 4 * 1024**3
SMALL = 64 * 1024**2  # fewer bytes may be packed as well as they can: labels in order are a few runs of zeros
MAX_RATIO = 100  # bytes for each byte of the file; images of handwriting have about 5, deflate could have 1032
UNSIGNED_BYTE = 0x08
GZIP = b"\x1f\x8b"
SHOWN_ARRAYS = 8
NPZ_ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def read_dataset(path: str, images: bool = True) -> tuple[Examples, Examples]:
    """Training and test examples of a data set.

    Parameters
    ----------
    path : a folder of four IDX files, plain or gzipped, as `dataset_files` finds them, or an .npz with x_train,
        y_train, x_test, y_test and nothing else
    images : whether images are read; else they are zeros of the right shape that take no memory, and no file is
        held against its digest

    Raises
    ------
    InputError
        Where a file is missing, damaged, no regular file, or holds something else, and where there are arrays in an
        .npz, or data sets in a folder, beyond the one that is read. Where the folder, or one between it and a file,
        has a SHA256SUMS, it must list the files that are read, with their digests.
    """
    if os.path.isdir(path):
        files = dict(zip(IDX_FILES, dataset_files(path), strict=True))
        if images:
            check_checksums(Path(path), files.values())
        arrays = {
            part: read_idx(Path(file), 3, images) if part.endswith("images") else read_idx(Path(file), 1)
            for part, file in files.items()
        }
    else:
        arrays = read_npz(Path(path), images)
        files = dict.fromkeys(arrays, path)
    train = Examples(arrays["train_images"], arrays["train_labels"])
    test = Examples(arrays["test_images"], arrays["test_labels"])
    _check_examples(train, files["train_labels"], "training")
    _check_examples(test, files["test_labels"], "test")
    _check_classes(train, test, files)
    return train, test


def data_digest(train: Examples, test: Examples) -> str:
    """SHA-256 over the arrays of a data set: shapes and bytes, however they were stored."""
    hasher = hashlib.sha256()
    for array in (train.images, train.labels, test.images, test.labels):
        hasher.update(f"{array.dtype.str}{array.shape}".encode())
        hasher.update(np.ascontiguousarray(array).data)
    return hasher.hexdigest()


def describe(examples: Examples, classes: int) -> dict[str, Any]:
    """How many examples there are, in all and of each class."""
    return {"class_counts": np.bincount(examples.labels, minlength=classes).tolist(), "examples": len(examples)}


def read_idx(path: Path, dimensions: int, content: bool = True) -> np.ndarray:
    """The array of unsigned bytes in an IDX file, plain or gzipped: told by its first bytes, not by its name.

    Without `content`, only the header is read, and the array is of zeros that take no memory.
    """
    refuse_unfit(path)
    try:
        with _opened(path) as file:
            return _read_idx(file, path, dimensions, content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: is a damaged gzip file ({error}); fetch it again.") from error
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}); give a folder with the four IDX files "
            f"{', '.join(IDX_FILES.values())}, each plain or .gz."
        ) from error


def _opened(path: Path) -> BinaryIO:
    with open(path, "rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    return gzip.open(path, "rb") if packed else open(path, "rb")  # type: ignore[return-value]


def _read_idx(file: BinaryIO, path: Path, dimensions: int, content: bool) -> np.ndarray:
    what = "images" if dimensions == 3 else "labels"
    header = file.read(4 + 4 * dimensions)
    magic = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    if header[:4] != magic:
        raise InputError(
            f"{path}: starts with 0x{header[:4].hex()} where an IDX file of {what} has 0x{magic.hex()}; "
            "give an IDX file of unsigned bytes."
        )
    if len(header) < 4 + 4 * dimensions:
        raise InputError(f"{path}: ends within its header; fetch it again.")
    shape = struct.unpack(f">{dimensions}I", header[4:])
    size = math.prod(shape)
    _check_size(size, path)
    if size == 0:
        raise InputError(f"{path}: holds no {what} (its dimensions are {shape}); give a file with some.")
    if not content:
        if not isinstance(file, gzip.GzipFile):
            _check_length(os.path.getsize(path) - len(header), size, path, what)
        return _zeros(shape, np.dtype(np.uint8))
    read = _read_at_most(file, size + 1)
    _check_length(len(read), size, path, what)
    return np.frombuffer(read, np.uint8, size).reshape(shape)


def _check_length(found: int, size: int, path: Path, what: str) -> None:
    """Raise InputError unless as many bytes follow a header as it says."""
    if found < size:
        raise InputError(f"{path}: ends after {found} of {size} bytes of {what}; fetch it again.")
    if found > size:
        raise InputError(f"{path}: goes on after its {size} bytes of {what}; fetch it again.")


def _zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array that is never looked into, of any size in no memory: every element is the same one."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def _check_size(size: int, path: Path) -> None:
    """Raise InputError where a file says it holds more bytes than are taken, or than a file of its size holds."""
    if size > MAX_BYTES:
        raise InputError(f"{path}: says it holds {size} bytes, over the cap of {MAX_BYTES}; give a smaller data set.")
    stored = os.path.getsize(path)
    if size > max(SMALL, MAX_RATIO * stored):
        raise InputError(
            f"{path}: says it holds {size} bytes, over {MAX_RATIO} times its {stored}; unpack it, or fetch it again."
        )


def _read_at_most(file: BinaryIO, size: int) -> bytearray:
    """Up to `size` bytes, in pieces: a header that lies costs no more memory than the file has bytes."""
    content = bytearray()
    while len(content) < size and (piece := file.read(min(size - len(content), 1 << 20))):
        content += piece
    return content


def read_npz(path: Path, images: bool = True) -> dict[str, np.ndarray]:
    """The four arrays of a Keras-style .npz: images uint8, labels of any whole-number type from 0 to 255.

    Without `images`, those are zeros of the right shape that take no memory.
    """
    refuse_unfit(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            _check_names([info.filename.removesuffix(".npy") for info in archive.infolist()], path)
            _check_size(sum(members[name].file_size for name in NPZ_ARRAYS), path)
            arrays = {
                name: _read_member(archive, members[name], path, images or name.startswith("y")) for name in NPZ_ARRAYS
            }
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}); give a folder of IDX files or an .npz file."
        ) from error
    except InputError:
        raise
    except Exception as error:  # numpy and zipfile fail in as many ways as bytes can be wrong
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path}: is no .npz that lrbench loads ({reason or type(error).__name__}); give plain numeric arrays."
        ) from error
    return {
        "train_images": _npz_images(arrays["x_train"], "x_train", path),
        "train_labels": _npz_labels(arrays["y_train"], "y_train", path),
        "test_images": _npz_images(arrays["x_test"], "x_test", path),
        "test_labels": _npz_labels(arrays["y_test"], "y_test", path),
    }


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
        return _zeros(shape, dtype)
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


def _check_names(names: list[str], path: Path) -> None:
    """Raise InputError where an .npz has other arrays than the four: what is not read might be taken for used."""
    missing = [name for name in NPZ_ARRAYS if name not in names]
    others = [name for name in dict.fromkeys(names) if name not in NPZ_ARRAYS]
    shown = ", ".join(others[:SHOWN_ARRAYS]) + f" and {len(others) - SHOWN_ARRAYS} more" * (len(others) > SHOWN_ARRAYS)
    if missing:
        instead = f" and has {shown}" if others else ""
        raise InputError(f"{path}: lacks {', '.join(missing)}{instead}; give an .npz with {', '.join(NPZ_ARRAYS)}.")
    if others:
        raise InputError(
            f"{path}: has {shown}, which lrbench does not use; "
            f"write the file anew with {', '.join(NPZ_ARRAYS)} alone, so that nobody takes the others for used."
        )
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise InputError(f"{path}: has {', '.join(twice)} more than once; write the file with numpy.savez.")


def _npz_images(array: np.ndarray, name: str, path: Path) -> np.ndarray:
    if array.dtype != np.uint8:
        raise InputError(f"{path}: {name} has dtype {array.dtype}; give images as uint8, 0 to 255.")
    if array.ndim not in (3, 4) or array.size == 0:
        raise InputError(
            f"{path}: {name} has shape {array.shape}; give images as (examples, height, width) or "
            "(examples, height, width, channels), none of them 0."
        )
    return array if 0 in array.strides else np.ascontiguousarray(array)  # zeros in no memory stay so


def _npz_labels(array: np.ndarray, name: str, path: Path) -> np.ndarray:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        raise InputError(
            f"{path}: {name} has shape {array.shape} and dtype {array.dtype}; give whole numbers, (examples,)."
        )
    if array.min() < 0 or array.max() > 255:
        raise InputError(
            f"{path}: {name} goes from {array.min()} to {array.max()}; labels must be classes from 0 to at most 255."
        )
    return array.astype(np.uint8)


def _check_examples(examples: Examples, file: str, part: str) -> None:
    if len(examples.images) != len(examples.labels):
        raise InputError(
            f"{file}: has {len(examples.labels)} labels for {len(examples.images)} {part} images; give one for each."
        )


def _check_classes(train: Examples, test: Examples, files: dict[str, str]) -> None:
    counts = np.bincount(train.labels)
    if len(counts) < 2:
        raise InputError(f"{files['train_labels']}: all labels are 0; give at least two classes.")
    if (counts == 0).any():
        raise InputError(
            f"{files['train_labels']}: has labels up to {len(counts) - 1} but none is {int(np.argmin(counts))}; "
            "number the classes from 0 without a gap."
        )
    if test.labels.max() >= len(counts):
        raise InputError(
            f"{files['test_labels']}: has label {test.labels.max()} but training has the classes 0 to "
            f"{len(counts) - 1}; leave out what cannot be learned."
        )
    if train.images.shape[1:] != test.images.shape[1:]:
        raise InputError(
            f"{files['test_images']}: has images of {_size(test)} but training has {_size(train)}; give one size."
        )


def _size(examples: Examples) -> str:
    return " x ".join(map(str, examples.images.shape[1:]))
