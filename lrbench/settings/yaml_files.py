"""Config files and values of the command line: YAML in, a mapping out, or one sentence on what is wrong with it.

YAML is read strictly: a key written twice is an error (plain YAML keeps the last one silently), and a value is what
it looks like. `1e-3` is a number and `010` is ten; `yes`, `1:30` and `2024-01-01` are text (plain YAML 1.1 reads
text, eight, true, ninety and a date).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from lrbench.errors import InputError
from lrbench.identity.regular_files import special_file
from lrbench.settings.given import GivenConfig
from lrbench.settings.spelling import NUMBER, WHOLE_NUMBER
from lrbench.settings.values import shown

# how PyYAML fails where a tag such as !!int or !!timestamp stands before text that is none
TAG_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
MAX_BYTES = 1_000_000
IMPLICIT = (  # what plain text in YAML is, and what such text begins with; all other is text
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", rf"{WHOLE_NUMBER.pattern}|[-+]?0x[0-9a-fA-F]+|[-+]?0b[01]+", "-+0123456789"),
    ("float", rf"{NUMBER.pattern}|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
)


class StrictLoader(yaml.SafeLoader):
    """YAML's safe subset, without duplicate keys and aliases."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node; an alias is an error."""
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping; a key written twice is an error."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(getattr(key_node, "value", key_node))
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is written twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: Any) -> int:
        """A whole number: decimal, or with 0x or 0b before it. ValueError where the text is none."""
        text = str(self.construct_scalar(node))
        return int(text, 10 if WHOLE_NUMBER.fullmatch(text) else 0)

    def construct_yaml_float(self, node: Any) -> float:
        """A number. ValueError where the text is none."""
        return float(re.sub(r"\.(inf|nan)", r"\1", str(self.construct_scalar(node)).lower()))


class TextLoader(StrictLoader):
    """The same, with every plain value as text."""


class StrictDumper(yaml.SafeDumper):
    """Writes text plain where the strict loader reads it as text, and lists of single values on one line."""

    def ignore_aliases(self, _: Any) -> bool:
        """Whether a value is written out wherever it stands: always."""
        return True

    def on_one_line(self, values: list[Any]) -> Any:
        """A list, in brackets where it holds neither lists nor mappings."""
        flat = not any(isinstance(value, list | dict) for value in values)
        return self.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flat)


StrictLoader.yaml_implicit_resolvers = {}
TextLoader.yaml_implicit_resolvers = {}
StrictDumper.add_representer(list, StrictDumper.on_one_line)
StrictDumper.yaml_implicit_resolvers = StrictLoader.yaml_implicit_resolvers
for _kind, _pattern, _first in IMPLICIT:
    StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_pattern})\Z"), list(_first))
StrictLoader.add_constructor("tag:yaml.org,2002:int", StrictLoader.construct_yaml_int)
StrictLoader.add_constructor("tag:yaml.org,2002:float", StrictLoader.construct_yaml_float)


def read_yaml(path: os.PathLike[str] | str) -> dict[str, Any]:
    """The mapping that a YAML file holds; InputError with one sentence where it holds none."""
    if isinstance(path, GivenConfig):
        return dict(path.values)
    kind = special_file(os.fspath(path))
    if kind in ("a named pipe", "a socket"):
        raise InputError(f"{path}: is {kind}, which could be read only once; give a config file.")
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({_reason(error)}); give an existing config file.") from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path}: is larger than {MAX_BYTES} bytes, which no config is; give a config file.")
    try:
        value = yaml.load(raw, StrictLoader)  # noqa: S506 - a subclass of SafeLoader
        repr(value)  # fails for a number of thousands of digits, which no later message could show
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = " ".join(filter(None, (error.context, error.problem)))
        raise InputError(f"{path}{where}: {reason}; correct the YAML there.") from error
    except (yaml.YAMLError, *TAG_ERRORS) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        if isinstance(error, RecursionError):
            reason = "nested too deeply"
        raise InputError(f"{path}: is not YAML ({reason}); correct it.") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: holds no keys; lrbench new writes a config to begin with.")
    return value


def yaml_text(content: Mapping[str, Any]) -> str:
    """YAML that `read_yaml` reads as this content: keys in their order, lists of single values on one line."""
    return yaml.dump(content, Dumper=StrictDumper, sort_keys=False, allow_unicode=True, width=100)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def command_line_values(entries: Iterable[str]) -> dict[str, Any]:
    """The values of `--config key=value` entries: text, and lists and mappings of text.

    What the text means is for the models of the settings, which know what they ask for. Quotes around a value are left
    out, an empty value is None. Raises InputError where a key is given twice.
    """
    values: dict[str, Any] = {}
    for entry in entries:
        key, _, text = entry.partition("=")
        if key in values:
            raise InputError(f"--config gives {shown(key)} twice; give it once.")
        values[key] = _command_line_value(key, text)
    return values


def _command_line_value(key: str, text: str) -> Any:
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
    if not bare:
        return None
    if text[0] not in "[{":
        return bare
    try:
        return yaml.load(text[:MAX_BYTES], TextLoader)  # noqa: S506 - a subclass of SafeLoader
    except yaml.constructor.ConstructorError as error:
        raise InputError(f"--config {key}: {error.problem}; correct the YAML there.") from error
    except (yaml.YAMLError, *TAG_ERRORS):
        return text
