"""Values that subcommands take as JSON: text in, the value out, or one sentence on what is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from lrbench.errors import InputError
from lrbench.identity.provenance import strict_json


def json_argument(flag: str, shape: str) -> Callable[[str], Any]:
    """A converter for argparse: JSON text in, the value out where it has the shape.

    shape : name of the shape in `lrbench.settings.arguments`, which is imported when there is something to check

    The converter raises ArgumentTypeError where the text is no JSON (argparse adds the usage) and InputError
    where it is JSON of another shape.
    """

    def convert(text: str) -> Any:
        try:
            value = strict_json(text)
        except (ValueError, RecursionError) as error:
            raise argparse.ArgumentTypeError(f"{text[:60]!r} is not JSON") from error
        from lrbench.settings import arguments
        from lrbench.settings.problems import checked

        _, problems = checked(value, getattr(arguments, shape))
        if problems:
            raise InputError(f"{flag}: " + "; ".join(problems) + ".")
        return value

    return convert
