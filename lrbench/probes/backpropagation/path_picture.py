"""Drawings of a worked step: the image as the network sees it, and the strongest path with its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from lrbench.wording import exact, listed

LARGEST = 64  # squares along a side; larger images are drawn coarser
BOX_CHARACTERS = 18
WIDTH, BOX_WIDTH, BOX_HEIGHT, GAP = 400, 124, 42, 56


def picture(worked: Mapping[str, Any], name: str) -> Markup:
    """The example as squares of the page's ink, or of their own colour, with the path's input outlined.

    name : of its class
    """
    image = np.array(worked["example"]["image"], dtype=float)
    if image.ndim == 2:
        image = image[:, :, None]
    if image.shape[2] not in (1, 3):
        image = image.mean(axis=2, keepdims=True)
    coarse = coarseness(*image.shape[:2])
    height, width = (-(-side // coarse) for side in image.shape[:2])
    squares: dict[str, list[str]] = {}
    for row in range(height):
        colours = [
            _ink(image[row * coarse : (row + 1) * coarse, column * coarse : (column + 1) * coarse].mean(axis=(0, 1)))
            for column in range(width)
        ]
        for colour, strip in _strips(row, colours):
            squares.setdefault(colour, []).append(strip)
    drawn = "".join(f'<path {colour} d="{"".join(strips)}"/>' for colour, strips in squares.items())
    pixel = worked["path"]["pixel"]
    mark = f'<rect class="mark" x="{pixel["column"] // coarse}" y="{pixel["row"] // coarse}" width="1" height="1"/>'
    alt = (
        f"The example, of class {name}, {image.shape[0]} by {image.shape[1]} {noun(worked)}s. "
        f"Outlined: the {noun(worked)} in {where(pixel)}."
    )
    return _svg("example-image", (width, height), alt, drawn + mark)


def noun(worked: Mapping[str, Any]) -> str:
    """What the page calls an input of the network: "pixel" where data are bytes, else "input"."""
    return "pixel" if worked["example"]["scale"] is None else "input"


def coarseness(height: int, width: int) -> int:
    """How many pixels of an image, along a side, become one square of its picture."""
    return -(-max(height, width) // LARGEST)


def where(pixel: Mapping[str, Any]) -> str:
    """The place of a pixel, or of one channel of it, in its image."""
    channel = "" if pixel["channel"] is None else f", channel {pixel['channel']}"
    return f"row {pixel['row']}, column {pixel['column']}{channel}"


def _ink(value: np.ndarray) -> str:
    if len(value) == 3:
        return f'fill="#{"".join(f"{round(part):02x}" for part in value)}"'
    return f'fill-opacity="{round(float(value[0]) / 255, 2):g}"' if round(value[0]) else ""


def _strips(row: int, colours: Sequence[str]) -> list[tuple[str, str]]:
    """What is drawn of a row: colour and outline, equal neighbours as one; nothing where it is dark."""
    found, start = [], 0
    for column in range(1, len(colours) + 1):
        if column == len(colours) or colours[column] != colours[start]:
            if colours[start]:
                found.append((colours[start], f"M{start} {row}h{column - start}v1H{start}z"))
            start = column
    return found


def diagram(worked: Mapping[str, Any], name: str) -> Markup:
    """The strongest path from top to bottom: values going forward on the left, derivatives coming back on the right.

    name : of the example's class, shortened to what a box holds
    """
    path, label = worked["path"], worked["example"]["label"]
    pixel, units = path["pixel"], path["units"]
    source = noun(worked) + ("" if pixel["channel"] is None else f", channel {pixel['channel']}")
    boxes: list[tuple[tuple[str, str], list[str], list[str]]] = [
        ((source, f"row {pixel['row']}, column {pixel['column']}"), [f"x = {exact(pixel['value'])}"], [])
    ]
    for unit in units[:-1]:
        forward = [f"z = {exact(unit['pre_activation'])}", f"a = {exact(unit['activation'])}"]
        boxes.append(
            ((f"hidden layer {unit['layer']}", f"unit {unit['unit']}"), forward, [f"δ = {exact(unit['delta'])}"])
        )
    truth = worked["output"][label]
    forward = [f"z = {exact(truth['logit'])}", f"p = {exact(truth['probability'])}"]
    boxes.append((("output", shorten(f"class {name}")), forward, [f"δ = {exact(truth['error'])}"]))
    parts = [_text(0, 12, ["forward ↓"], "start", "muted"), _text(WIDTH, 12, ["↑ backward"], "end", "muted")]
    top, middle = 26, WIDTH / 2
    for place, (names, forward, backward) in enumerate(boxes):
        left, right = middle - BOX_WIDTH / 2, middle + BOX_WIDTH / 2
        if place:
            unit = units[place - 1]
            parts.append(f'<path class="edge" d="M{middle:g} {top - GAP}V{top}"/>')
            parts.append(_text(middle - 8, top - GAP / 2 + 4, [f"w = {exact(unit['weight'])}"], "end", "muted"))
            derivative = f"∂L/∂w = {exact(unit['weight_gradient'])}"
            parts.append(_text(middle + 8, top - GAP / 2 + 4, [derivative], "start", "muted"))
        parts.append(f'<rect class="box" x="{left:g}" y="{top}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="7"/>')
        parts.append(
            _text(middle, top + 17, names[:1], "middle", "small") + _text(middle, top + 34, names[1:], "middle")
        )
        for lines, x, anchor in ((forward, left - 8, "end"), (backward, right + 8, "start")):
            first = top + 17 if len(lines) == 2 else top + 26
            parts.append(_text(x, first, lines, anchor))
        top += BOX_HEIGHT + GAP
    told = "; ".join(f"{names[0]} {names[1]}: {', '.join([*forward, *backward])}" for names, forward, backward in boxes)
    weights = listed(exact(unit["weight"]) for unit in units)
    title = "One path" if path["status"] == "silent" else "The strongest path"
    alt = f"{title} to the true class. {told}. Weights along it: {weights}."
    return _svg("path-diagram", (WIDTH, top - GAP + 4), alt, "".join(parts))


def shorten(text: str) -> str:
    """A text of at most as many characters as a box holds."""
    return text if len(text) <= BOX_CHARACTERS else f"{text[: BOX_CHARACTERS - 1]}…"


def _text(x: float, y: float, lines: Sequence[str], anchor: str, kind: str = "") -> str:
    return "".join(
        f'<text x="{x:g}" y="{y + 17 * place:g}" text-anchor="{anchor}"{f" class={kind!r}" if kind else ""}>'
        f"{escape(line)}</text>"
        for place, line in enumerate(lines)
    )


def _svg(kind: str, size: tuple[float, float], alt: str, inside: str) -> Markup:
    width, height = size
    return Markup(  # noqa: S704 - our own markup around numbers
        f'<svg class="{kind}" role="img" aria-label="{escape(alt)}" viewBox="0 0 {width:g} {height:g}">{inside}</svg>'
    )
