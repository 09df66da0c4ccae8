"""How messages reach a terminal: of bounded length, and without characters that a terminal would act on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

INTERRUPTED = "interrupted; what was finished is kept, and running again goes on from there."
MAX_CHARACTERS = 3000
MAX_PROBLEMS = 20
UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
# characters with a category of visible ones that are drawn as nothing: Hangul fillers and the empty Braille cell
BLANK = "\u115f\u1160\u2800\u3164\uffa0"


def sentence(text: str) -> str:
    """The text on one line of at most MAX_CHARACTERS, printable; of a longer one the middle is left out."""
    line = printable(" ".join(text.split()))
    if len(line) <= MAX_CHARACTERS:
        return line
    end = MAX_CHARACTERS // 4  # where a sentence says what to do
    return f"{line[: MAX_CHARACTERS - end - 5]} ... {line[-end:]}"


def printable(text: str) -> str:
    r"""The text with every control or format character, a line end among them, written as an escape such as \x1b."""
    return "".join(
        character.encode("unicode_escape", "backslashreplace").decode()
        if unicodedata.category(character) in UNPRINTABLE
        else character
        for character in text
    )


def is_blank(text: str) -> bool:
    """Whether nothing of a text is visible: it is empty, or of blanks, control and zero-width characters alone."""
    return all(character in BLANK or unicodedata.category(character)[0] in "ZCM" for character in text)


def joined(problems: Sequence[str]) -> str:
    """The problems as one sentence, each once: at most MAX_PROBLEMS of them, and how many more there are."""
    each = list(dict.fromkeys(problems))
    more = len(each) - MAX_PROBLEMS
    return "; ".join(each[:MAX_PROBLEMS]) + (f"; and {more} more problem{'s' * (more != 1)}" if more > 0 else "") + "."
