"""Where what belongs to lrbench lies: workflow, configs, profiles, schema, templates, data sets, probes."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
IN_WHEEL = (
    PACKAGE / "project"
)  # where pyproject.toml has a wheel put the folders that in a clone lie beside the package
PROJECT = IN_WHEEL if IN_WHEEL.is_dir() else PACKAGE.parent
SNAKEFILE = PROJECT / "workflow" / "Snakefile"
CONFIGS = PROJECT / "config"
DOCUMENTS = PROJECT / "docs"
DEFAULT_CONFIG = CONFIGS / "config.yaml"
PROFILE = PROJECT / "profiles" / "default"
TEMPLATES = PROJECT / "templates"
CITATION = PROJECT / "CITATION.cff"
PROBES = PACKAGE / "probes"
SAYS_REPORTS = "LRBENCH_SAYS_REPORTS"  # in the environment of a snakemake whose caller says where the reports are
