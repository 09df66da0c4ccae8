"""The settings of a variant: those of a study's base, with what the variant changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS = {  # sections of several kinds: what tells the kind
    "learning_rate_schedule": ("name",),
    "model": ("file", "hidden_units"),
    "optimizer": ("name",),
}


def merged_settings(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a variant: a section is merged key by key, or taken as a whole where it is of another kind."""
    merged = dict(base)
    for key, value in change.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping) and not _other_kind(key, before, value):
            merged[key] = merged_settings(before, value)
        else:
            merged[key] = value
    return merged


def _other_kind(section: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a section of a variant is of another kind than that of base: another optimizer, schedule or model."""
    if section == "model":
        return bool(after) and set(KINDS[section]) & set(before) != set(KINDS[section]) & {*before, *after}
    return any(tell in after and after[tell] != before.get(tell) for tell in KINDS.get(section, ()))
