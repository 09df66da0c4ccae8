"""What decides the result of one run. Part of the run's identity: keep it small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class RunSettings:
    """One run's settings.

    optimizer : name and parameters, the learning rate apart
    validation : protocol (`test` or `holdout`) and, for a holdout, its number of examples
    train_examples : number of training examples, or None for all
    threads : TensorFlow's intra-op threads
    """

    learning_rate: float
    seed: int
    hidden_units: tuple[int, ...]
    optimizer: Mapping[str, Any]
    epochs: int
    batch_size: int
    validation: Mapping[str, Any]
    train_examples: int | None
    threads: int
    device: str

    @classmethod
    def of(cls, settings: Mapping[str, Any], learning_rate: float, seed: int) -> RunSettings:
        """The settings of one run of an experiment; ValueError where a setting is missing or unknown."""
        values = {**settings, "learning_rate": float(learning_rate), "seed": int(seed)}
        names = {field.name for field in fields(cls)}
        if set(values) != names:
            raise ValueError(f"settings must be {sorted(names)}, not {sorted(values)}")
        return cls(**{**values, "hidden_units": tuple(values["hidden_units"])})

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON has them."""
        return {
            field.name: list(value) if isinstance(value := getattr(self, field.name), tuple) else value
            for field in fields(self)
        }
