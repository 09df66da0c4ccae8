"""The source of a model's file and of the modules beside it that it imports: read here, never run.

A module counts where a file of its name stands in the folder of the model's file: that folder is the first in which
its imports are looked for.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from lrbench.errors import InputError
from lrbench.identity.provenance import digest, file_digest
from lrbench.identity.regular_files import refuse_special

MAX_SOURCE_BYTES = 4 * 1024**2


def model_sources(path: Path | str) -> dict[str, Path]:
    """By path below its folder, the model's file and every local module that it imports, however deep.

    Raises InputError where a file cannot be read or is no Python.
    """
    path = Path(path)
    folder = path.parent
    found: dict[str, Path] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        name = file.relative_to(folder).as_posix()
        if name in found:
            continue
        found[name] = file
        tree = _parsed(file)
        waiting.extend(module for imported in _imports_of(tree, file, folder) for module in _files_of(imported, folder))
    return dict(sorted(found.items()))


def source_digest(path: Path | str) -> str:
    """SHA-256 over the source of a model, of its file and of the local modules that it imports; not over its place.

    Raises InputError as `model_sources` does.
    """
    sources = model_sources(path)
    own = Path(path).name
    return digest({"" if name == own else name: file_digest(file) for name, file in sources.items()})


def defines(path: Path | str, function: str) -> bool:
    """Whether a model's file may have a function of this name, seen without running it.

    Raises InputError as `model_sources` does.
    """
    return any(_binds(node, function) for node in _parsed(Path(path)).body)


def _binds(node: ast.AST, name: str) -> bool:
    """Whether a statement may give a name a value in the module that it stands in."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    if isinstance(node, ast.Import | ast.ImportFrom):
        return bool({"*", name} & {alias.asname or alias.name.partition(".")[0] for alias in node.names})
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Store)
    return any(_binds(inner, name) for inner in ast.iter_child_nodes(node))


def _parsed(file: Path) -> ast.Module:
    try:
        refuse_special(file)
        if os.path.getsize(file) > MAX_SOURCE_BYTES:
            raise InputError(
                f"{file}: has over {MAX_SOURCE_BYTES} bytes, more than source code has; give another file."
            )
        return ast.parse(file.read_bytes(), str(file))
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        raise InputError(f"{file}{where}: is no Python ({error.msg}); mend it.") from error
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes, or nested too deep
        raise InputError(f"{file}: is no Python ({error or type(error).__name__}); mend it.") from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror or error}); make it readable.") from error


def _imports_of(tree: ast.Module, file: Path, folder: Path) -> Iterator[str]:
    """Dotted names of modules, from the folder of the model, that a source may import; also names within them."""
    package = file.relative_to(folder).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            if module:
                yield module
            yield from (f"{module}.{alias.name}".lstrip(".") for alias in node.names)


def _files_of(module: str, folder: Path) -> Iterator[Path]:
    """The files in the folder that importing a module runs: its packages' `__init__.py` and its own."""
    place = folder
    for part in module.split("."):
        place = place / part
        for file in (place / "__init__.py", place.with_name(f"{part}.py")):
            if os.path.isfile(file):
                yield file
        if not place.is_dir():
            return
