"""A large page written in fewer bytes: what its figures repeat is written once, and looks as before."""

from __future__ import annotations

import re
from collections import Counter

FIGURE = re.compile(r'<svg class="figure".*?</svg>', re.DOTALL)
GLYPH = re.compile(r'<path id="([^"]+)" (d="[^"]+" transform="[^"]+")/>')
STYLED = re.compile(r'<(\w+)( [^<>]*?)? style="([^"]*)"([^<>]*)>')
RATE = re.compile(r"var\(--rate-(\d+)\)")
OWN = "var(--own)"  # a rate's colour in a style that elements of several rates share
FEWEST_USES = 3  # of a style, from which on a class takes fewer bytes


def compacted(page: str) -> str:
    """The page with one definition of each letter, and a class for each style that elements of figures share.

    Styles that differ in nothing but the rate whose colour they have are one, beside a class for the rate.

    page : HTML with figures made by `lrbench.reporting.svg.inline`, and a style sheet
    """
    first: dict[str, str] = {}  # id of each letter, by its outline
    same: dict[str, str] = {}  # id of a letter's first definition, by that of a later one

    def without_known_letters(letter: re.Match[str]) -> str:
        known = first.setdefault(letter[2], letter[1])
        if known == letter[1]:
            return letter[0]
        same[letter[1]] = known
        return ""

    def once(figure: re.Match[str]) -> str:
        svg = GLYPH.sub(without_known_letters, figure[0]).replace("<defs></defs>", "")
        return re.sub(r'href="#([^"]+)"', lambda use: f'href="#{same.get(use[1], use[1])}"', svg)

    page = FIGURE.sub(once, page)
    uses = Counter(_look(styled[3])[0] for figure in FIGURE.findall(page) for styled in STYLED.finditer(figure))
    shared = [style for style, count in uses.items() if count >= FEWEST_USES]
    classes = {style: f"s{number:x}" for number, style in enumerate(shared)}
    page = FIGURE.sub(lambda figure: STYLED.sub(lambda tag: _classed(tag, classes), figure[0]), page)
    rules = "".join(f".{name}{{{style}}}" for style, name in classes.items())
    rates = sorted(set(re.findall(r'class="(?:[\w-]+ )*own-(\d+)', page)), key=int)
    rules += "".join(f".own-{rate}{{--own:var(--rate-{rate})}}" for rate in rates)
    return page.replace("</style>", f"{rules}</style>", 1)


def _look(style: str) -> tuple[str, str]:
    """A style without the place of the one rate whose colour it has, and that place; "" of none or of several."""
    rates = set(RATE.findall(style))
    return (RATE.sub(OWN, style), rates.pop()) if len(rates) == 1 else (style, "")


def _classed(tag: re.Match[str], classes: dict[str, str]) -> str:
    """A tag with classes for its style, beside the class that it may have."""
    style, rate = _look(tag[3])
    if style not in classes:
        return tag[0]
    name, attributes = classes[style] + (f" own-{rate}" if rate else ""), f"{tag[2] or ''}{tag[4]}"
    if ' class="' in attributes:
        attributes = attributes.replace(' class="', f' class="{name} ', 1)
        return f"<{tag[1]}{attributes}>"
    return f'<{tag[1]} class="{name}"{attributes}>'
