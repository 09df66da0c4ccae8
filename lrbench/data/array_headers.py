"""Headers of the arrays in an .npz, read with suspicion: no longer than headers are, and named for what they are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import numpy as np

from lrbench.errors import InputError

MAX_HEADER_BYTES = 10_000  # what numpy itself takes for safe to parse; numpy.savez writes 118


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
            f"{path}: is no .npz that lrbench loads (it holds pickled objects); give plain numeric arrays."
        )
    if any(number < 0 for number in shape):
        raise InputError(
            f"{path}: {name} has a header that describes no array (its shape is {str(shape)[:60]}); "
            "fetch the file again."
        )
    return shape, dtype
