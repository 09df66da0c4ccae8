"""The structure of the package: no circle of imports, no module too long to be read at once."""

from __future__ import annotations

from pathlib import Path

import grimp

PROJECT = Path(__file__).parents[1]
LINES = 300


def graph():
    """The modules of lrbench, and which of them each imports; a package's front imports what it names itself."""
    built = grimp.build_graph("lrbench", cache_dir=None)
    return {module: set(built.find_modules_directly_imported_by(module)) for module in built.modules}


def circles(imports: dict[str, set[str]]) -> set[str]:
    """The modules from which a way leads back to themselves."""
    left = {module: set(imported) for module, imported in imports.items()}
    while free := [module for module, imported in left.items() if not imported & left.keys()]:
        for module in free:
            del left[module]
    return {module for module in left if _reaches(imports, module)}


def _reaches(imports: dict[str, set[str]], start: str) -> bool:
    waiting, seen = list(imports[start]), set()
    while waiting:
        module = waiting.pop()
        if module == start:
            return True
        if module not in seen:
            seen.add(module)
            waiting.extend(imports[module])
    return False


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == {"a", "b", "c"}
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == set()


def test_no_modules_import_each_other_in_a_circle():
    assert circles(graph()) == set()


def test_no_module_is_too_long_to_be_read_at_once():
    lengths = {path: len(path.read_text().splitlines()) for path in (PROJECT / "lrbench").rglob("*.py")}
    assert {str(path.relative_to(PROJECT)): length for path, length in lengths.items() if length > LINES} == {}


def test_analysis_and_findings_stay_few():
    """Apart from observations and claims, of which more are welcome: 31 modules with 118 imports among them.

    Three of them are of searches; the first of these imports statistics alone, so that it can be played through.
    """
    imports, found = graph(), ("lrbench.findings.observations.", "lrbench.findings.claims.")
    own = {module for module in imports if module.startswith(("lrbench.analysis", "lrbench.findings"))}
    own = {module for module in own if not module.startswith(found)}
    assert len(own) < 32
    assert sum(len(imports[module] & own) for module in own) < 119
