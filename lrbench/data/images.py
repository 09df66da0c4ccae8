"""PNG and JPEG files: what a header says of the image, and its pixels as unsigned bytes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lrbench.data.arrays import most_bytes
from lrbench.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG")
IN_COLOUR = {"1": False, "L": False, "LA": False, "P": True, "PA": True, "RGB": True, "RGBA": True}  # Pillow's modes
BYTES = {False: 2, True: 8}  # what a pixel takes while it is decoded: Pillow has 4 bytes a pixel in colour, and a copy
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
DEPTH = 24  # the byte of a PNG that says how many bits a channel has
DEEP = 16


class Header(NamedTuple):
    """What a header says of an image: height and width in pixels, and whether it is in colour, as every palette is."""

    height: int
    width: int
    colour: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its pixels: (height, width), in colour (height, width, 3)."""
        return (self.height, self.width, 3) if self.colour else (self.height, self.width)

    def __str__(self) -> str:
        return f"{self.height} x {self.width} pixels in {'colour' if self.colour else 'grey'}"


def header_of(path: str) -> Header:
    """The header of a PNG or JPEG file, without decoding its pixels.

    Raises InputError where it is neither, has 16 bits a channel or other colours than grey, RGB or a palette, is an
    animation, or says that its pixels take more memory than is taken for a file of its size.
    """
    with _sentence(path), _opened(path) as image:
        return _header(image, path)


def read_image(path: str, shape: tuple[int, ...] | None = None) -> tuple[Header, np.ndarray]:
    """An image's header, and its pixels as uint8.

    An alpha channel that is opaque everywhere is dropped. Neither an orientation in EXIF nor a colour profile is
    applied.

    shape : (height, width), (height, width, 1) or (height, width, 3), to which the image is made grey or coloured and
        then resized, bilinear; None for that of its header

    Raises InputError where `header_of` does, and where the file is damaged or has pixels that are not opaque.
    """
    from PIL.Image import Resampling

    with _sentence(path):
        with _opened(path) as image:
            header = _header(image, path)
            if image.format == "PNG":
                image.verify()  # the checksum of every chunk; the image cannot be used afterwards
        wanted = header.shape if shape is None else shape
        with _opened(path) as image:
            opaque = _without_alpha(image, path)
            converted = opaque.convert("RGB" if wanted[2:] == (3,) else "L")
        if converted.size != (wanted[1], wanted[0]):
            converted = converted.resize((wanted[1], wanted[0]), Resampling.BILINEAR)
        return header, np.asarray(converted).reshape(wanted)


@contextmanager
def _sentence(path: str) -> Iterator[None]:
    """Whatever goes wrong within, said in one sentence: Pillow fails in as many ways as bytes can be wrong."""
    from PIL import UnidentifiedImageError
    from PIL.Image import DecompressionBombWarning

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow says of odd metadata, which is not used
            warnings.simplefilter("error", DecompressionBombWarning)
            yield
    except InputError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:200] or type(error).__name__
        if isinstance(error, UnidentifiedImageError):
            reason = "its content is neither"
        raise InputError(
            f"{path}: cannot be read as a PNG or JPEG file ({reason}); save it anew, or leave it out."
        ) from error


@contextmanager
def _opened(path: str) -> Iterator[Image]:
    """The image in a file, which is told by its content, not by its name; 16 bits a channel are refused."""
    from PIL.Image import open as open_image

    with open(path, "rb") as file:
        start = file.read(DEPTH + 1)
        if start.startswith(PNG_SIGNATURE) and start[DEPTH:] == bytes([DEEP]):  # Pillow would cut off the lower bits
            raise InputError(f"{path}: has 16 bits a channel; save it with 8.")
        file.seek(0)
        with open_image(file, formats=FORMATS) as image:
            yield image


def _header(image: Image, path: str) -> Header:
    if image.mode not in IN_COLOUR:
        raise InputError(f"{path}: has pixels of mode {image.mode}; save it in grey or in RGB, with 8 bits a channel.")
    if image.format == "PNG" and getattr(image, "is_animated", False):
        raise InputError(f"{path}: is an animation; give single images.")
    header = Header(image.height, image.width, IN_COLOUR[image.mode])
    most = most_bytes(os.path.getsize(path))
    if header.height * header.width * BYTES[header.colour] > most:
        raise InputError(
            f"{path}: says it has {header}, which take more than {most} bytes to decode, the cap for a file of its "
            "size; give a smaller image."
        )
    return header


def _without_alpha(image: Image, path: str) -> Image:
    """An image whose pixels are all opaque, without alpha channel."""
    if not image.has_transparency_data:
        return image
    with_alpha = image.convert("RGBA")
    lowest, _ = with_alpha.getchannel("A").getextrema()
    if lowest < 255:  # type: ignore[operator]
        raise InputError(f"{path}: has transparent pixels; save it without transparency, on a background.")
    return with_alpha.convert("RGB")
