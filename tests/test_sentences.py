"""Messages are bounded, printable and on one line."""

from __future__ import annotations

import pytest

from lrbench.sentences import is_blank, joined, printable, sentence


def test_a_sentence_is_on_one_line():
    assert sentence("it did not\n  work.") == "it did not work."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü – 漢", "plain ü – 漢"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("a\nb\tc", r"a\nb\tc"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("zero\u200bwidth\u2028", r"zero\u200bwidth\u2028"),
        ("\udcff", r"\udcff"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_what_a_terminal_would_act_on_is_an_escape(text, shown):
    assert printable(text) == shown


def test_a_long_sentence_keeps_its_beginning_and_its_end():
    shown = sentence("seeds: " + "9" * 9_000_000 + "; write fewer.")
    assert len(shown) == 3000
    assert shown.startswith("seeds: 999")
    assert shown.endswith("9; write fewer.")
    assert " ... " in shown
    assert sentence("x" * 3000) == "x" * 3000


def test_problems_are_counted_from_the_twenty_first_on():
    problems = [f"p{number}" for number in range(22)]
    assert joined(problems[:2] * 2) == "p0; p1."
    assert joined(problems[:20]) == "; ".join(problems[:20]) + "."
    assert joined(problems[:21]).endswith("; p19; and 1 more problem.")
    assert joined(problems).endswith("; p19; and 2 more problems.")


@pytest.mark.parametrize("text", ["", " \t\n", "\u200b\u2060\ufeff", "\u3000\xa0", "\u0301", "\u3164", "\u2800"])
def test_a_text_in_which_nothing_is_visible_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", " . ", "\u200b1", "漢", "∅", "e\u0301"])
def test_a_text_in_which_something_is_visible_is_not(text):
    assert not is_blank(text)
