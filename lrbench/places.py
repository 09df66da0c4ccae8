"""Where what belongs to lrbench lies: the Snakefile, rules, the schema, templates."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parents[1]
TEMPLATES = PROJECT / "templates"
