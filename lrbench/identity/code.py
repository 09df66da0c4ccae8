"""Which code a result comes from: the source of modules and of all of lrbench that they import.

A stage is told the digest of its code when the workflow is planned. A process holds that against the files before it
imports them, against what it really compiled, and against the files once more before it writes (`Code`), since code may
be edited, or another branch checked out, at any moment.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from lrbench.errors import WorkError
from lrbench.identity.discovery import modules_of, names_of
from lrbench.identity.provenance import digest, file_digest

PACKAGE = "lrbench"
IMPORT = re.compile(
    rf"^[ \t]*(?:from[ ]+({PACKAGE}(?:\.\w+)*)[ ]+import[ ]+(\([^)]*\)|[^\n]*)|import[ ]+({PACKAGE}\b[^\n]*))",
    re.MULTILINE,
)
COMMENT = re.compile(r"#[^\n]*")
COMPILED: dict[str, str] = {}  # digest of the source that was compiled, by module, since `record_what_is_compiled`


def code_digest(*modules: str) -> str:
    """SHA-256 over the source of modules and all of lrbench that they import, however deep.

    Imports are read from the source, those inside functions included, so nothing is run. A package that finds its own
    modules (see `discovery.modules_of`) imports each of them. A module that is loaded already is read from where it
    was loaded.
    """
    return digest(_digests(_import_closure(modules)))


def _digests(files: dict[str, Path]) -> dict[str, str]:
    return {name: file_digest(path) for name, path in files.items()}


def _import_closure(modules: Iterable[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        spec = _spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(name)
        found[name] = Path(spec.origin)
        parent = name.rpartition(".")[0]
        if parent:
            waiting.append(parent)  # imported with it, package by package
        source = found[name].read_text(encoding="utf-8")
        waiting.extend(one for one in _imports_of(source) if one not in found)
        if spec.submodule_search_locations is not None and f"{modules_of.__name__}(__name__)" in source:
            waiting.extend(f"{name}.{module}" for module in names_of(spec.submodule_search_locations))
    return found


def _spec(name: str) -> ModuleSpec | None:
    """Where a module is found. Unlike importlib's `find_spec`, it imports no package on the way."""
    loaded = sys.modules.get(name)
    if loaded is not None and loaded.__spec__ is not None:
        return loaded.__spec__
    package = name.rpartition(".")[0]
    if not package:
        return importlib.util.find_spec(name)
    around = _spec(package)
    if around is None or around.submodule_search_locations is None:
        return None
    return PathFinder.find_spec(name, list(around.submodule_search_locations))


def _imports_of(source: str) -> Iterator[str]:
    """Modules of lrbench that a source imports; of a package, the submodules among the names that it takes."""
    for module, names, plain in IMPORT.findall(source):
        if plain:
            yield from (part.split()[0] for part in COMMENT.sub("", plain).split(","))
            continue
        yield module
        spec = _spec(module)
        if spec is None or not spec.submodule_search_locations:
            continue
        within = set(names_of(spec.submodule_search_locations))
        words = COMMENT.sub("", names).strip("()").replace("\n", " ").split(",")
        yield from (f"{module}.{word.split()[0]}" for word in words if word.strip() and word.split()[0] in within)


class _Loader(SourceFileLoader):
    """Compiles a module from its source, never from a cache, and records the digest of what it compiled."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        source = self.get_data(path)
        COMPILED[fullname] = hashlib.sha256(source).hexdigest()
        code: CodeType = self.source_to_code(source, path)
        return code


class _Finder(MetaPathFinder):
    """Finds the modules of lrbench as usual, and has them loaded by `_Loader`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{PACKAGE}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


def record_what_is_compiled() -> None:
    """From here on, keep the digest of the source of every module of lrbench that this process loads."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class Code:
    """The code of a stage as its process found it, to be held against the files again before anything is written.

    modules : the modules whose code counts
    digest : their `code_digest`
    expected : their `code_digest` as the workflow took it; None where nobody said

    Raises WorkError where the code is not the expected one.
    """

    def __init__(self, modules: Iterable[str], expected: str | None = None) -> None:
        self._files = _import_closure(modules)
        self._digests = _digests(self._files)
        self.digest = digest(self._digests)
        if expected is not None and self.digest != expected:
            raise WorkError(
                f"lrbench's code is {self.digest} here where the workflow expects {expected}: nothing was done; "
                "run snakemake again, from the environment that lrbench is installed in, and leave the code alone."
            )

    def check(self, done: str = "written") -> None:
        """Hold the code against the files, and against what was compiled.

        done : what the message says was not done with the results: written, stored

        Raises WorkError where a file has changed, or other code was loaded than was found at the start.
        """
        changed = {name for name, found in self._digests.items() if COMPILED.get(name, found) != found}
        for name, path in self._files.items():
            try:
                now = file_digest(path)
            except OSError:
                now = ""
            if now != self._digests[name]:
                changed.add(name)
        if changed:
            shown = sorted(changed)[:3]
            more = f" and {len(changed) - len(shown)} more" * (len(changed) > len(shown))
            raise WorkError(
                f"{', '.join(shown)}{more} changed while this stage ran: nothing was {done}; "
                "run snakemake again, and leave the code alone while it runs."
            )
