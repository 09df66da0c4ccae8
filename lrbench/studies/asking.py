"""The keys of a study's config that ask for more: in base where variants follow it, else in each variant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from lrbench.settings.limits import new_rates
from lrbench.tables.plan import planned_runs
from lrbench.wording import counted, listed, rate_labels

BASE = ""  # in place of a variant's name


@dataclass(frozen=True)
class Proposal:
    """Something to ask for: `asks` are the keys of the study's config that change; `title` says it in a few words."""

    title: str
    asks: Mapping[str, Any]
    runs: int
    epochs: int


@dataclass(frozen=True)
class Asking:
    """Writes what a study may be asked for.

    labels : of the variants; asked : the study, as `lrbench.settings.study.Study.as_argument` has it
    """

    labels: Sequence[str]
    asked: Mapping[str, Any]

    @property
    def variants(self) -> list[Mapping[str, Any]]:
        """The variants as the study has them, by place."""
        return list(self.asked["variants"])

    @property
    def all_seeds(self) -> list[int]:
        """The seeds that any variant plans, ascending."""
        return sorted({int(seed) for one in self.variants for seed in one["plan"]["seeds"]})

    def rates(self, wanted: Mapping[int, Sequence[float]]) -> Proposal | None:
        """A proposal of the rates wanted of each variant; variants that follow base all get what one of them wants.

        None where a config's limits, or the study's axis, leave none of them.
        """
        lists, titles, runs, epochs = dict[str, list[float]](), [], 0, 0
        for where, places in self._followers("learning_rates").items():
            grid = sorted({float(rate) for place in places for rate in self.variants[place]["plan"]["learning_rates"]})
            new = new_rates(grid, sorted({rate for place in places for rate in wanted.get(place, ())} - {*grid}))
            if not new:
                continue
            lists[where] = sorted([*grid, *new])
            every = len(places) == len(self.labels)
            titles.append(f"{rate_labels(new)} {'in every variant' if every else f'with {self._names(places)}'}")
            for place in places:
                count = len(new) * len(self.variants[place]["plan"]["seeds"])
                runs, epochs = runs + count, epochs + count * int(self.variants[place]["settings"]["epochs"])
        if not lists:
            return None
        return Proposal(f"Try {'; '.join(titles)}", _asks("learning_rates", lists), runs, epochs)

    def seeds(self, seeds: Sequence[int]) -> Proposal | None:
        """A proposal of the same seeds for all variants; None where all have them, or the study's axis sets them."""
        followers = self._followers("seeds")
        runs = epochs = most = 0
        for one in self.variants:
            new = len(set(seeds) - set(map(int, one["plan"]["seeds"])))
            count = new * len(one["plan"]["learning_rates"])
            most, runs, epochs = max(most, new), runs + count, epochs + count * int(one["settings"]["epochs"])
        if not most or sum(map(len, followers.values())) < len(self.labels):
            return None
        title = f"Train every variant with {counted(most, 'seed')} more"
        if len({frozenset(one["plan"]["seeds"]) for one in self.variants}) > 1:
            title = "Train every variant with the same seeds"
        return Proposal(title, _asks("seeds", {where: list(seeds) for where in followers}), runs, epochs)

    def epochs(self, epochs: int) -> Proposal | None:
        """A proposal of as many epochs for all variants; None where the study's axis sets them."""
        followers = self._followers("epochs")
        if sum(map(len, followers.values())) < len(self.labels):
            return None
        runs = sum(planned_runs(one["plan"]) for one in self.variants)
        asks = _asks("epochs", dict.fromkeys(followers, epochs))
        return Proposal(f"Train every variant for {epochs} epochs", asks, runs, runs * epochs)

    def _followers(self, key: str) -> dict[str, list[int]]:
        """Where a key is set, and for which variants: in base, or by a variant's name; none where the axis sets it."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.variants):
            own = key in yaml.safe_load(f"{{{one['changes']}}}")
            if not own:
                found.setdefault(BASE, []).append(place)
            elif self.asked["axis"] is None:
                found[one["name"].removeprefix(f"{self.asked['name']}-")] = [place]
        return found

    def _names(self, places: Sequence[int]) -> str:
        return listed(self.labels[place] for place in places)


def _asks(key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The sections of a study's config with one key; `values` by the name of a variant, or `BASE`."""
    asks: dict[str, Any] = {"base": {key: values[BASE]}} if BASE in values else {}
    own = {name: {key: value} for name, value in values.items() if name != BASE}
    return asks | ({"variants": own} if own else {})
