"""How a page is cited: BibTeX made of CITATION.cff, with lrbench's version and the digest of what the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from lrbench.errors import InputError
from lrbench.places import CITATION
from lrbench.reporting.templates import template_text

ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "{}&%$#_"},
    }
)
NEEDED = ("authors", "date-released", "title", "version")


def bibtex(templates: Mapping[str, str], name: str, index: str, digest: str) -> str:
    """A BibTeX entry for lrbench and what it found.

    Parameters
    ----------
    templates : texts by name, CITATION.cff among them
    name : of the experiment or the study
    index : the file that seals what the page shows, from the folder of results
    digest : SHA-256 of that file, in hexadecimal

    Raises
    ------
    InputError
        Where CITATION.cff is missing, is not YAML, or lacks a key that the entry needs.
    """
    cited = _cited(template_text(templates, CITATION.name))
    fields = {
        "author": " and ".join(map(_author, cited["authors"])),
        "title": f"{{{_escaped(cited['title'])}}}",
        "year": str(cited["date-released"])[:4],
        "version": _escaped(cited["version"]),
        "note": f"{_escaped(name)}, SHA-256 of {_escaped(index)}: {digest}",
    }
    lines = [f"@software{{lrbench-{name}-{digest[:7]},", *(f"  {key} = {{{text}}}," for key, text in fields.items())]
    return "\n".join([*lines, "}"])


def _cited(text: str) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{CITATION.name}: is not YAML; restore it and run snakemake again.") from error
    lacking = [key for key in NEEDED if not isinstance(content, dict) or not content.get(key)]
    if lacking:
        raise InputError(f"{CITATION.name}: lacks {', '.join(lacking)}; restore it and run snakemake again.")
    found: Mapping[str, Any] = content
    return found


def _author(author: Mapping[str, str]) -> str:
    """A person as family name, given names; a group in braces, which keep BibTeX from taking it for a person."""
    if "family-names" in author:
        return _escaped(", ".join(filter(None, (author["family-names"], author.get("given-names", "")))))
    return f"{{{_escaped(author.get('name', ''))}}}"


def _escaped(value: Any) -> str:
    return str(value).translate(ESCAPES)
