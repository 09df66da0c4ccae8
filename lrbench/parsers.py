"""How lrbench reads a command line beyond what argparse does: bounded complaints, words passed on, shell completion."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from lrbench.argument_types import file
from lrbench.sentences import sentence

SHELLS = ("bash", "zsh", "fish")
FILES = ("config", "configs", "data", "models", "output")  # parameters that take names of files as text


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are of bounded length and printable, whatever the arguments are.

    passed_on : the parameter that takes the words after a bare `--`, of a command that hands them to another
    """

    passed_on = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The arguments, with the words after `--` as they are where they are passed on."""
        words = list(sys.argv[1:] if args is None else args)
        place = words.index("--") if self.passed_on and "--" in words else len(words)
        found, unknown = super().parse_known_args(words[:place], namespace)
        if self.passed_on:
            setattr(found, self.passed_on, words[place + 1 :])
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Print the usage and the complaint, and exit with status 2."""
        super().error(sentence(message))


class Completion(argparse.Action):
    """A flag that prints the completion of the whole command line for a shell, and ends."""

    def __init__(self, option_strings: list[str], **more: Any) -> None:
        nowhere = {"dest": argparse.SUPPRESS, "default": argparse.SUPPRESS}
        super().__init__(option_strings, **(more | nowhere), choices=SHELLS)

    def __call__(self, parser: argparse.ArgumentParser, _: Any, shell: Any, __: str | None = None) -> None:
        """Print and exit."""
        import shtab

        for action in _actions(parser):
            if action.dest in FILES or action.type in (Path, file):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
        print(shtab.complete(parser, shell))
        parser.exit()


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a parser and of its subcommands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
