"""Figures inside a page: ids of their own, the theme's colours, and text for those who do not see them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from lrbench.reporting.drawing import style
from lrbench.reporting.svg import RATE_GROUP


def inline_svg(svg: str, prefix: str, alt: str, rates: int) -> Markup:
    """An SVG file as an element of a page.

    Ids that something refers to start with `prefix`; what is drawn of a rate gets the class `rate-<place>`
    instead of an id, so that a style rule can hide it; colours of the light theme become CSS variables.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<(title|metadata|style)\b[^>]*>.*?</\1>|<defs/>", "", svg, flags=re.DOTALL)
    svg = svg.replace("xlink:href=", "href=")
    referred = dict.fromkeys(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    names = {name: f"{prefix}-{number:x}" for number, name in enumerate(referred)}
    svg = re.sub(r' id="([^"]*)"', lambda found: _identity(found[1], names), svg)
    svg = re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{names[found[1]]})", svg)
    svg = re.sub(r'href="#([^"]+)"', lambda found: f'href="#{names[found[1]]}"', svg)
    svg = re.sub(r' style="([^"]*)"', lambda found: f' style="{found[1].replace(": ", ":").replace("; ", ";")}"', svg)
    for colour, (variable, _, _) in style.variables(rates).items():
        svg = svg.replace(colour, f"var({variable})")
    svg = re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>',
        lambda found: f'<svg class="figure" role="img" aria-label="{escape(alt)}" viewBox="{found[1]}">',
        svg,
        count=1,
    )
    return Markup(svg.strip())  # noqa: S704 - drawn by ourselves, its one foreign text escaped


def _identity(name: str, names: Mapping[str, str]) -> str:
    rate = RATE_GROUP.fullmatch(name)
    if rate:
        return f' class="rate-{rate[1]}"'
    if name == "context":
        return ' class="context"'
    return f' id="{names[name]}"' if name in names else ""


def theme_rules(rates: int) -> Markup:
    """CSS: each colour's light and dark value, a class for each rate's colour, and what hides a rate."""
    values = "".join(f"{name}:light-dark({light},{dark});" for name, light, dark in style.variables(rates).values())
    colours = "".join(f".colour-{place}{{color:var({style.rate_variable(place)})}}" for place in range(rates))
    hidden = "".join(
        f"main:has(#show-{place}:not(:checked)) .rate-{place}" + "{display:none}" for place in range(rates)
    )
    return Markup(f":root{{{values}}}{colours}{hidden}")  # noqa: S704 - numbers and our own names
