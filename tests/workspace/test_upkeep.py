"""What is removed, and above all what is not."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from lrbench.cli import main
from lrbench.errors import InputError, WorkError
from lrbench.identity.provenance import write_sealed
from lrbench.workspace.upkeep import broken_off, cleanable, prunable, remove

USED, UNUSED = "a" * 64, "b" * 64
FILES = (
    "config/config.yaml",
    "data/train.npz",
    "logs/one/train/lr-0.1/block-0.log",
    "logs/verify.log",
    "reports/README.md",
    "reports/one.html",
    "reports/one/figures/loss.svg",
    "reports/two.html",
    "results/one/epochs.csv",
    f"results/runs/{USED}/manifest.json",
    f"results/runs/{UNUSED}/manifest.json",
    "results/two/epochs.csv",
)


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    block = tmp_path / "results/one/training/lr-0.1/block-0.json"
    block.parent.mkdir(parents=True)
    write_sealed(block, {"learning_rate": 0.1, "runs": [{"run_key": USED, "seed": 0}]})
    return tmp_path


def clean(folder, experiment, **options):
    return remove(folder, cleanable(folder, experiment, **options))


def prune(folder, **options):
    return remove(folder, prunable(folder, **options))


def left(folder) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_one_experiment_is_removed_and_its_stored_runs_stay(folder):
    (folder / "reports/index.html").touch()  # it lists what is removed, and is no experiment
    removed = ["results/one", "reports/one", "reports/one.html", "logs/one", "reports/index.html"]
    assert clean(folder, "one") == removed
    assert left(folder) == {name for name in FILES if "one" not in name}


def test_all_experiments_are_removed_with_the_stored_runs(folder):
    clean(folder, None)
    assert left(folder) == {"config/config.yaml", "data/train.npz", "logs/verify.log", "reports/README.md"}
    assert clean(folder, None) == []


@pytest.mark.parametrize("name", ["three", "runs", "..", "../data", "", "one/../../data", "README", "index"])
def test_nothing_else_can_be_removed(name, folder):
    (folder / "reports/index.html").touch()
    before = left(folder)
    with pytest.raises(InputError, match="the experiments that have results here are: one, two"):
        clean(folder, name)
    assert left(folder) == before


def test_a_link_is_removed_and_not_what_it_leads_to(folder):
    (folder / "results/three").symlink_to(folder / "data")
    assert clean(folder, "three") == ["results/three"]
    assert "data/train.npz" in left(folder)


@pytest.mark.parametrize("name", ["../elsewhere", "..", "/", "one/../../elsewhere"])
def test_the_command_removes_nothing_outside(name, folder, monkeypatch, capsys):
    inside = folder / "inside"
    (folder / "elsewhere").mkdir()
    (inside / "results").mkdir(parents=True)
    monkeypatch.chdir(inside)
    before = left(folder)
    assert main(["clean", "--experiment", name]) == 2
    assert capsys.readouterr().err == (
        f"lrbench: EXPERIMENT is {name!r} but the experiments that have results here are: none.\n"
    )
    assert left(folder) == before
    assert (folder / "elsewhere").is_dir()


def test_results_may_be_a_link_to_another_place(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (folder / "results").rename(elsewhere / "results")
    (folder / "results").symlink_to(elsewhere / "results")
    (elsewhere / "data").write_text("")
    assert prune(folder, sole_user=True) == [f"results/runs/{UNUSED}"]
    parts = ["results/one", "reports/one", "reports/one.html", "logs/one"]
    assert clean(folder, "one", sole_user=True) == parts
    assert clean(folder, None, sole_user=True) == ["results/two", "reports/two.html", "results/runs"]
    assert left(elsewhere) == {"data"}
    assert (folder / "results").is_symlink()


def test_runs_that_no_block_names_are_pruned(folder):
    before = left(folder)
    assert prune(folder) == [f"results/runs/{UNUSED}"]
    assert before - left(folder) == {f"results/runs/{UNUSED}/manifest.json"}
    assert prune(folder) == []


def test_what_broken_off_writing_left_is_pruned_unless_its_writer_lives(folder):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale, alive = (f"results/runs/.{USED}.{number}-0a1b2c3d.tmp" for number in (ended.pid, os.getpid()))
    damaged, half = f"results/runs/.{USED}.damaged-0a1b2c3d", f"results/one/.epochs.csv.{ended.pid}-0a1b2c3d.tmp"
    for name in (stale, alive, damaged):
        (folder / name).mkdir()
    (folder / half).write_text("")
    assert prune(folder) == [f"results/runs/{UNUSED}", damaged, half, stale]
    assert (folder / alive).is_dir()


def test_nothing_is_pruned_where_a_block_cannot_be_read(folder):
    (folder / "results/two/training").mkdir()
    (folder / "results/two/training/block-0.json").write_text("{")
    before = left(folder)
    with pytest.raises(InputError, match=r"block-0\.json: is not JSON or is cut short"):
        prune(folder)
    assert left(folder) == before


@pytest.mark.parametrize("name", ["snakemake", "lrbench"])
def test_nothing_is_removed_while_a_run_is_under_way(name, folder, at_work):
    process, before = at_work(folder, name, "train"), left(folder)
    for removal in (prune, lambda place: clean(place, None), lambda place: clean(place, "one")):
        with pytest.raises(WorkError, match=rf"{name} is at work here \(process {process.pid}\)"):
            removal(folder)
    assert left(folder) == before


def test_broken_off_writing_with_any_process_number_is_pruned(folder):
    """A number that no process can have, and one that another process has taken over since."""
    huge, taken_over = (
        f"results/one/.epochs.csv.{number}-0a1b2c3d.tmp" for number in (99999999999999999999, os.getpid())
    )
    for name in (huge, taken_over):
        (folder / name).write_text("")
    os.utime(folder / taken_over, (1_000_000_000, 1_000_000_000))
    assert sorted(map(str, broken_off(folder))) == sorted(str(folder / name) for name in (huge, taken_over))


def test_the_commands_say_what_they_removed(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["prune", "--yes"]) == 0
    assert main(["clean", "--experiment", "two", "--yes"]) == 0
    assert main(["clean", "--all", "--yes"]) == 0
    assert main(["clean", "--all", "--yes"]) == 0
    assert main(["ready"]) == 0
    removed = [f"results/runs/{UNUSED}", "results/two", "reports/two.html"]
    removed += ["results/one", "reports/one", "reports/one.html", "logs/one", "results/runs"]
    assert capsys.readouterr().out.splitlines() == [*(f"removed {name}" for name in removed), "nothing to remove"]
    assert main(["clean", "--experiment", "two"]) == 2


# asking before anything is removed

LISTED = f"would remove results/runs/{UNUSED}\n"


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "said"), [("y\n", f"removed results/runs/{UNUSED}\n"), ("Yes\n", None)])
def test_who_agrees_has_it_removed(answer, said, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["prune"]) == 0
    out, err = capsys.readouterr()
    assert out == LISTED + (said or f"removed results/runs/{UNUSED}\n")
    assert err == "Remove this path? [y/N] "
    assert not (folder / "results/runs" / UNUSED).exists()


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yesterday\n", "--yes\n"])
def test_who_does_not_agree_keeps_everything(answer, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    before = left(folder)
    assert main(["clean", "--experiment", "two"]) == 0
    out, err = capsys.readouterr()
    assert out == "would remove results/two\nwould remove reports/two.html\nnothing was removed\n"
    assert err == "Remove these 2 paths? [y/N] "
    assert left(folder) == before


@pytest.mark.parametrize("stdin", [None, io.StringIO("y\n")], ids=["closed", "no terminal"])
@pytest.mark.parametrize("call", [["prune"], ["clean", "--all"], ["clean", "--experiment", "one"]])
def test_nothing_is_removed_where_nobody_can_be_asked(call, stdin, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.stdin", stdin)
    before = left(folder)
    assert main(call) == 2
    out, err = capsys.readouterr()
    assert out.startswith("would remove ")
    assert err == (
        "lrbench: nothing was removed, because nobody can be asked here (standard input is no terminal); "
        "give --yes (make clean YES=1) to remove what is listed, or --dry-run to list it only.\n"
    )
    assert left(folder) == before


def test_a_dry_run_lists_and_asks_nobody(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.stdin", None)
    before = left(folder)
    assert main(["prune", "--dry-run"]) == 0
    assert main(["clean", "--experiment", "two", "--dry-run"]) == 0
    assert capsys.readouterr() == (f"{LISTED}would remove results/two\nwould remove reports/two.html\n", "")
    assert left(folder) == before


def test_what_came_into_use_during_the_question_stays(folder, monkeypatch, capsys):
    class Slow(Terminal):
        def readline(self, _=-1) -> str:
            block = folder / "results/two/training/block-0.json"
            block.parent.mkdir()
            write_sealed(block, {"runs": [{"run_key": UNUSED}]})
            return "y\n"

    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.stdin", Slow())
    assert main(["prune"]) == 0
    assert capsys.readouterr().out == LISTED
    assert (folder / "results/runs" / UNUSED).is_dir()


def test_a_name_that_would_write_to_the_terminal_is_shown_escaped(folder, monkeypatch, capsys):
    (folder / "results/one/.\x1b[2J.99999999999-0a1b2c3d.tmp").write_text("")
    monkeypatch.chdir(folder)
    assert main(["prune", "--dry-run"]) == 0
    assert capsys.readouterr().out == f"{LISTED}would remove results/one/.\\x1b[2J.99999999999-0a1b2c3d.tmp\n"
