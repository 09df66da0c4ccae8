"""Colours as numbers: OKLCH to sRGB, contrast, and what a person with deuteranopia sees of them."""

from __future__ import annotations

import numpy as np

# Björn Ottosson (2020), "A perceptual color space for image processing": OKLab to LMS' and LMS to linear sRGB.
LMS_FROM_OKLAB = np.array(
    [[1.0, 0.3963377774, 0.2158037573], [1.0, -0.1055613458, -0.0638541728], [1.0, -0.0894841775, -1.2914855480]]
)
RGB_FROM_LMS = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
# Machado, Oliveira and Fernandes (2009), severity 1.0, applied to linear sRGB.
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The sRGB colour, as `#rrggbb`, of an OKLCH one (hue in degrees); less chroma where sRGB has not as much."""
    for share in np.linspace(1.0, 0.0, 101):
        a, b = share * chroma * np.cos(np.radians(hue)), share * chroma * np.sin(np.radians(hue))
        linear = RGB_FROM_LMS @ (LMS_FROM_OKLAB @ np.array([lightness, a, b])) ** 3
        if ((linear >= -1e-6) & (linear <= 1 + 1e-6)).all():
            break
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.clip(linear, 0, 1) ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(np.clip(value, 0, 1))):02x}" for value in encoded)


def linear_rgb(colour: str) -> np.ndarray:
    """Linear red, green and blue, from 0 to 1, of a `#rrggbb` colour."""
    encoded = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2 between two colours, from 1 to 21."""
    dark, light = sorted(float(linear_rgb(colour) @ (0.2126, 0.7152, 0.0722)) for colour in (first, second))
    return (light + 0.05) / (dark + 0.05)


def distance(first: str, second: str, *, deuteranopia: bool = False) -> float:
    """How far apart two colours look: their distance in OKLab, where black and white are 1 apart."""
    sight = DEUTERANOPIA if deuteranopia else np.eye(3)
    seen = [
        np.linalg.inv(LMS_FROM_OKLAB) @ np.cbrt(np.linalg.inv(RGB_FROM_LMS) @ np.clip(sight @ linear_rgb(colour), 0, 1))
        for colour in (first, second)
    ]
    return float(np.linalg.norm(seen[0] - seen[1]))
