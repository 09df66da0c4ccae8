"""The two ways in which lrbench gives up, each with a sentence for the person at the keyboard."""

from __future__ import annotations


class InputError(Exception):
    """Something the person gave is wrong: a config, a file, an argument. Exit status 2.

    The message is one sentence that names what is wrong, where, and what to do.
    """


class WorkError(Exception):
    """The input was right and the work still failed, or its result cannot be trusted. Exit status 1."""
