"""Small pictures of examples, as PNG."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

LARGEST = 48  # pixels along a side; larger images are drawn coarser


def thumbnail(image: np.ndarray) -> str:
    """An image (height, width[, channels]) as PNG in base64.

    Brightness other than uint8 is stretched from its least to its greatest; of channels other than one or three the
    mean is shown.
    """
    pixels = image.astype("float64")
    if image.dtype != np.uint8:
        span = np.ptp(pixels)
        pixels = (pixels - pixels.min()) / span * 255 if span else pixels * 0
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    if pixels.shape[2] not in (1, 3):
        pixels = pixels.mean(axis=2, keepdims=True)
    return base64.b64encode(_png(np.rint(_coarser(pixels)).astype(np.uint8))).decode()


def _coarser(pixels: np.ndarray) -> np.ndarray:
    """Squares of pixels as their mean, so few that a picture has at most LARGEST along a side."""
    step = -(-max(pixels.shape[:2]) // LARGEST)
    if step == 1:
        return pixels
    rows, columns = (np.arange(0, side, step) for side in pixels.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(pixels, rows, axis=0), columns, axis=1)
    sizes = [np.diff([*starts, side]) for starts, side in zip((rows, columns), pixels.shape[:2], strict=True)]
    means: np.ndarray = sums / np.outer(*sizes)[:, :, None]
    return means


def _png(pixels: np.ndarray) -> bytes:
    """A PNG of pixels (height, width, 1 or 3), uint8."""
    height, width, channels = pixels.shape
    kind = 2 if channels == 3 else 0
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)  # each without a filter
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
