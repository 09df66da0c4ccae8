"""What the writer of an unknown key or value may have meant: "did you mean epochs?"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from lrbench.settings.schemas import Place
from lrbench.wording import listed

LIKENESS = 0.7  # of difflib: share of characters in common; one letter more, less or swapped leaves far more
SHORTEST_BEGINNING = 4  # letters; fewer begin too many words
MAX_LENGTH = 64  # no key is nearly as long
MAX_UNKNOWN = 20  # beyond so many unknown keys in one mapping, the mapping as a whole is something else
SHORT_FORMS = {"lr": "learning_rates", "lrs": "learning_rates"}


def nearest(name: str, known: Iterable[str], by_word: bool = True) -> str:
    """The known name that a misspelled one comes nearest to, or "" if none is near.

    by_word : also take one of which the misspelled name is one word, as `rate` is of `learning_rates`, or the only one
        that begins with it
    """
    names = list(known)
    if not 1 < len(name) <= MAX_LENGTH:
        return ""
    plain = name.lower().replace("-", "_").replace(" ", "_")
    plain = SHORT_FORMS.get(plain, plain)
    if plain in names:
        return plain
    of_word = [one for one in names if plain.removesuffix("s") in {word.removesuffix("s") for word in one.split("_")}]
    if by_word and of_word:
        return min(of_word, key=len)
    begun = [one for one in names if len(plain) >= SHORTEST_BEGINNING and one.startswith(plain)]
    if by_word and len(begun) == 1:
        return begun[0]
    return next(iter(difflib.get_close_matches(plain, names, n=1, cutoff=LIKENESS)), "")


def value_hint(value: Any, allowed: Sequence[Any]) -> str:
    """` (did you mean adam?)` where a value that is not allowed comes near one that is; otherwise ""."""
    near = nearest(value, [one for one in allowed if isinstance(one, str)]) if isinstance(value, str) else ""
    return f" (did you mean {near}?)" if near else ""


def key_hint(key: str, place: Place, root: Place) -> str:
    """` (did you mean epochs?)` or another hint at what an unknown key was to be; "" where nothing is near.

    Parameters
    ----------
    key : the unknown key
    place : where the mapping is that has it
    root : the settings as a whole
    """
    hint = _of_another_name(key, place)
    if hint:
        return f" ({hint})"
    own = ".".join(place.path)
    elsewhere = [path for path in root.paths() if path.rpartition(".")[0] != own]
    paths = [path for path in elsewhere if path.rpartition(".")[2] == key]
    paths = paths or [".".join(filter(None, (own, near))) for near in [nearest(key, place.keys())] if near]
    if not paths:
        near = nearest(key, sorted({path.rpartition(".")[2] for path in elsewhere}), by_word=False)
        paths = [path for path in elsewhere if near and path.rpartition(".")[2] == near]
    meant = [path if "." in path or not own else f"{path}, at the top level" for path in paths]
    return f" (did you mean {listed(meant, 'or')}?)" if meant else ""


def _of_another_name(key: str, place: Place) -> str:
    """A hint at the kinds (optimizers, say) that have a parameter, where the one that is named has not."""
    by_name = place.by_name()
    name = place.value.get("name")
    if not isinstance(name, str) or name not in by_name:
        return ""
    others = {parameter for known in by_name.values() for parameter in known} | set(by_name)
    meant = nearest(key, sorted(others))
    if not meant or meant in by_name[name]:
        return ""
    if name == "sgd" and meant == "momentum":
        return "SGD with momentum is an optimizer of its own: write name: momentum"
    having = [one for one, known in by_name.items() if meant in known]
    if having:
        return f"{meant} is a parameter of {', '.join(having)}"
    return f"to choose {meant}, write name: {meant}" if meant != name else ""
