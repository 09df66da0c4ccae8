"""Where what belongs to lrbench lies: the Snakefile, rules, the schema, templates, probes."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parents[1]
TEMPLATES = PROJECT / "templates"
PROBES = Path(__file__).parent / "probes"
