"""What decides the result of one run. Part of the run's identity: keep it small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrbench.errors import InputError

INITIAL_WEIGHTS = "initial_weights"  # absent where every run begins with fresh weights
ORDER = "order"  # of an experiment: its rates, each of which begins with the weights that the one before ended with
AFTER = "after"  # of a run: the rates whose runs came before it, in their order


@dataclass(frozen=True)
class RunSettings:
    """One run's settings. Each that the runs of an experiment share is also an attribute: `settings.epochs`.

    shared : model (`hidden_units` of the built-in one; `build` and `source` of a person's own), optimizer (name,
        parameters and `keras`, its class), epochs, batch_size, threads, device, validation (protocol, `test` or
        `holdout`, and for a holdout its number of examples), train_examples (their number, or None for all), and
        whatever else a config has that decides what a run computes
    """

    learning_rate: float
    seed: int
    shared: Mapping[str, Any]

    @classmethod
    def of(cls, settings: Mapping[str, Any], learning_rate: float, seed: int) -> RunSettings:
        """The settings of one run of an experiment, whose own rate and seed count where `settings` has such too.

        Where weights are carried over, the run has the rates before its own in place of the order of all; InputError
        where its own is not among them.
        """
        shared = {name: value for name, value in settings.items() if name not in ("learning_rate", "seed")}
        initial = shared.get(INITIAL_WEIGHTS, {})
        if ORDER in initial:
            del shared[INITIAL_WEIGHTS]
            order = list(initial[ORDER])
            if learning_rate not in order:
                raise InputError(
                    f"the settings carry weights over the rates {order}, and {learning_rate:g} is none of them."
                )
            before = order[: order.index(learning_rate)]
            if before:
                shared[INITIAL_WEIGHTS] = {AFTER: before}
        return cls(float(learning_rate), int(seed), shared)

    def before(self) -> RunSettings | None:
        """The run with whose last weights this one begins; None where it begins with fresh ones."""
        rates = self.shared.get(INITIAL_WEIGHTS, {}).get(AFTER)
        if not rates:
            return None
        shared = {name: value for name, value in self.shared.items() if name != INITIAL_WEIGHTS}
        if len(rates) > 1:
            shared[INITIAL_WEIGHTS] = {AFTER: list(rates[:-1])}
        return RunSettings(float(rates[-1]), self.seed, shared)

    def __getattr__(self, name: str) -> Any:
        """A setting that the runs of an experiment share; InputError where there is none of that name."""
        if name.startswith("_") or name == "shared":  # asked for while this is copied
            raise AttributeError(name)
        if name not in self.shared:
            raise InputError(f"the settings of a run lack {name}; run snakemake again, which gives them all.")
        return self.shared[name]

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON has them."""
        return {**self.shared, "learning_rate": self.learning_rate, "seed": self.seed}


def carried_on(settings: Mapping[str, Any], learning_rate: float) -> bool:
    """Whether runs of another rate of an experiment begin with the weights that those of this rate end with."""
    order = settings.get(INITIAL_WEIGHTS, {}).get(ORDER, [])
    return learning_rate in order[:-1]
