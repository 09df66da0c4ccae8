"""SVG that looks like matplotlib's and is smaller.

Paths are relative to the point before, marks of one shape share one outline, neighbouring lines with the same style
become one path, repeated style attributes are written once, on a group, and groups without attributes are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lrbench.reporting.svg import RATE_GROUP
from lrbench.reporting.svg.outlines import moved, packed_path

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
MOVE = re.compile(r"translate\(([^ )]+) ([^ )]+)\)")
MANY = 4  # marks in a row from which one path is shorter
STYLE_SHEET = "svg{stroke-linejoin:round;stroke-linecap:butt}"  # matplotlib's, but inherited: marks take their group's
KEPT = (RATE_GROUP, re.compile("context"))


def packed(svg: str) -> str:
    """The same picture in fewer bytes: no point is moved by more than a twentieth of a typographic point.

    svg : text that matplotlib wrote
    """
    ElementTree.register_namespace("", SVG[1:-1])
    ElementTree.register_namespace("xlink", LINK[1 : LINK.index("}")])
    root = ElementTree.fromstring(svg)  # noqa: S314 - drawn by ourselves
    for element in root.iter():
        element.text = element.tail = None
        _tidy(element)
    sheet = next(root.iter(f"{SVG}style"))
    sheet.text = STYLE_SHEET
    _draw_strokes(root)
    _share_outlines(root)
    _drop_names(root)
    _flatten(root)
    for group in reversed(list(root.iter(f"{SVG}g"))):  # from the inside out
        _say_once(group)
    for path in root.iter(f"{SVG}path"):
        path.set("d", packed_path(path.get("d", "")))
    return '<?xml version="1.0" encoding="utf-8"?>' + ElementTree.tostring(root, encoding="unicode").replace(
        " />", "/>"
    )


def _tidy(element: Element) -> None:
    """Short styles, and places to a tenth of a point as x and y."""
    style = element.get("style")
    if style is not None:
        element.set("style", style.replace(": ", ":").replace("; ", ";"))
    if element.tag == f"{SVG}use":
        move = MOVE.fullmatch(element.get("transform", ""))
        if move:
            del element.attrib["transform"]
            element.set("x", move[1])
            element.set("y", move[2])
        for place in ("x", "y"):
            value = _short(element.attrib.pop(place, "0"))
            if value != "0":
                element.set(place, value)
    elif "transform" in element.attrib:
        element.set(
            "transform", MOVE.sub(lambda to: f"translate({_short(to[1])} {_short(to[2])})", element.attrib["transform"])
        )


def _short(number: str) -> str:
    """A number to a tenth, without zeros that nobody needs."""
    text = f"{float(number):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _draw_strokes(root: Element) -> None:
    """Rows of bars or crosses, which have nothing to fill, as one path each."""
    outlines = {f"#{path.get('id')}": path for path in root.iter(f"{SVG}path") if path.get("id")}
    for group in root.iter(f"{SVG}g"):
        shown = {use.get(LINK) for use in group}
        looks = {use.get("style") for use in group}
        if len(group) < MANY or None in shown or len(shown) > 1 or len(looks) > 1:
            continue
        outline = outlines.get(shown.pop() or "")
        if outline is None or outline.get("transform") or set(outline.get("d", "")) & set("CQz"):
            continue
        places = [(float(use.get("x", 0)), float(use.get("y", 0))) for use in group]
        style = _parts(looks.pop()) | _parts(outline.get("style"))
        row = Element(f"{SVG}path", d=" ".join(moved(outline.get("d", ""), place) for place in places))
        row.set("style", _text(style | {"fill": "none"}))
        group[:] = [row]


def _share_outlines(root: Element) -> None:
    """Outlines of marks without the look that their uses have, each once; those used once, where they are used."""
    uses: dict[str, list[Element]] = {}
    for use in root.iter(f"{SVG}use"):
        uses.setdefault(use.get(LINK, "")[1:], []).append(use)
    looks = _looks(root)
    first: dict[tuple[tuple[str, str], ...], str] = {}
    for defs in list(root.iter(f"{SVG}defs")):
        for outline in list(defs):
            name = outline.get("id", "")
            if outline.tag != f"{SVG}path":
                continue
            if name not in uses:
                defs.remove(outline)
                continue
            if not outline.get("d", "").strip():  # a blank among letters
                for use in uses[name]:
                    _put_in_place(use, outline)
                defs.remove(outline)
                continue
            own = _parts(outline.get("style"))
            if all(own.items() <= looks[use].items() for use in uses[name]):
                outline.attrib.pop("style", None)
            if len(uses[name]) == 1 and "transform" not in outline.attrib:
                _put_in_place(uses[name][0], outline)
                defs.remove(outline)
                continue
            same = tuple(sorted((key, value) for key, value in outline.attrib.items() if key != "id"))
            kept = first.setdefault(same, name)
            if kept != name:
                defs.remove(outline)
                for use in uses[name]:
                    use.set(LINK, f"#{kept}")


def _put_in_place(use: Element, outline: Element) -> None:
    """Make a use the path that it shows."""
    place = float(use.attrib.pop("x", 0)), float(use.attrib.pop("y", 0))
    style = ";".join(
        f"{key}:{value}" for key, value in (_parts(use.get("style")) | _parts(outline.get("style"))).items()
    )
    use.tag = f"{SVG}path"
    del use.attrib[LINK]
    use.set("d", moved(outline.get("d", ""), place))
    if style:
        use.set("style", style)


def _parts(style: str | None) -> dict[str, str]:
    return dict(part.split(":", 1) for part in (style or "").split(";") if part)  # type: ignore[misc]


def _text(look: dict[str, str]) -> str:
    return ";".join(f"{key}:{value}" for key, value in sorted(look.items()))


def _looks(root: Element) -> dict[Element, dict[str, str]]:
    """The style of each element with what it has from the groups around it."""
    looks = {root: _parts(root.get("style"))}
    for parent in root.iter():
        for child in parent:
            looks[child] = looks[parent] | _parts(child.get("style"))
    return looks


def _drop_names(root: Element) -> None:
    """Only ids that something refers to, or that the page needs."""
    text = " ".join(value for element in root.iter() for value in element.attrib.values() if "#" in value)
    referred = set(re.findall(r"(?:url\(#|^#| #)([^) ]+)", text))
    for element in root.iter():
        name = element.get("id")
        if name and name not in referred and not any(kept.fullmatch(name) for kept in KEPT):
            del element.attrib["id"]


def _flatten(parent: Element) -> None:
    """Children of groups that say nothing, instead of the groups; likes side by side as one; nothing invisible."""
    for child in parent:
        _flatten(child)
    children = list(_opened(parent))
    parent[:] = []
    for child in children:
        last = parent[-1] if len(parent) else None
        if last is not None and _joins(last, child):
            if child.tag == f"{SVG}path":
                last.set("d", f"{last.get('d')} {child.get('d')}")
            else:
                last.extend(child)
                _flatten(last)
            continue
        parent.append(child)


def _opened(parent: Element) -> Iterator[Element]:
    for child in parent:
        style = _parts(child.get("style"))
        if child.tag in (f"{SVG}g", f"{SVG}defs") and not len(child):
            continue
        if (
            child.tag == f"{SVG}path"
            and parent.tag != f"{SVG}clipPath"
            and style.get("fill") == "none"
            and "stroke" not in style
        ):
            continue
        if child.tag == f"{SVG}path" and not child.get("d", "").strip():
            continue
        if child.tag != f"{SVG}g":
            yield child
        elif not child.attrib and {one.tag for one in child} != {f"{SVG}use"}:  # marks keep a group to say their look
            yield from child
        elif len(child) == 1 and set(child.attrib) == {"clip-path"} and _may_be_clipped(child[0]):
            child[0].set("clip-path", child.attrib["clip-path"])
            yield child[0]
        else:
            yield child


def _may_be_clipped(element: Element) -> bool:
    """Whether a clip path means the same on an element as around it: what is moved takes its clip path along."""
    return element.tag != f"{SVG}use" and not {"clip-path", "transform"} & set(element.attrib)


def _say_once(group: Element) -> None:
    """Clip path and look that all of a group's children have, as the group's."""
    if len(group) < 2:
        return
    clips = {child.get("clip-path") for child in group}
    moved_ones = any("transform" in child.attrib or child.tag == f"{SVG}use" for child in group)
    if "clip-path" not in group.attrib and len(clips) == 1 and None not in clips and not moved_ones:
        group.set("clip-path", clips.pop() or "")
        for child in group:
            del child.attrib["clip-path"]
    looks = [_parts(child.get("style")) for child in group]
    common = dict(set.intersection(*(set(look.items()) for look in looks)))
    if not common or "opacity" in common:
        return
    group.set("style", _text(_parts(group.get("style")) | common))
    for child, look in zip(group, looks, strict=True):
        own = _text({key: value for key, value in look.items() if key not in common})
        child.attrib.pop("style")
        if own:
            child.set("style", own)


def _joins(one: Element, other: Element) -> bool:
    """Whether two neighbours can be one: opaque lines that look alike, or groups of one rate."""
    if one.tag != other.tag:
        return False
    if one.tag == f"{SVG}g":
        names = [RATE_GROUP.fullmatch(group.get("id", "")) for group in (one, other)]
        return (
            all(names) and len({name[1] for name in names if name}) == 1 and len(one.attrib) == len(other.attrib) == 1
        )
    looks = [{key: value for key, value in path.attrib.items() if key != "d"} for path in (one, other)]
    style = looks[0].get("style", "")
    return one.tag == f"{SVG}path" and looks[0] == looks[1] and "fill:none" in style and "opacity" not in style
