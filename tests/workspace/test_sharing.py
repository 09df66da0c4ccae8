"""Runs that other folders use are removed by nobody else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.identity.provenance import read_json, write_json, write_sealed
from lrbench.workspace.sharing import REGISTRATIONS, _mounts, register, registrations
from lrbench.workspace.upkeep import broken_off, cleanable, prunable

UNUSED, USED = "b" * 64, "a" * 64


@pytest.fixture
def one(tmp_path) -> Path:
    """A folder with a store of its own, with which it is registered."""
    folder = tmp_path / "one"
    for name in (f"results/runs/{UNUSED}/manifest.json", f"results/runs/{USED}/manifest.json", "results/p/epochs.csv"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("")
    (folder / "results/p/training").mkdir()
    write_sealed(folder / "results/p/training/block-0.json", {"runs": [{"run_key": USED}]})
    register(folder / "results/runs", folder)
    return folder


@pytest.fixture
def two(tmp_path, one) -> Path:
    """A folder whose store is a link to that of the first."""
    folder = tmp_path / "two"
    (folder / "results/q").mkdir(parents=True)
    (folder / "results/runs").symlink_to(one / "results/runs")
    return folder


def test_what_was_kept_of_an_unused_run_is_prunable_and_that_of_a_used_one_is_not(one):
    for key in (UNUSED, USED):
        (one / f"results/runs/{key}.npz").write_bytes(b"")
    assert prunable(one) == [f"results/runs/{UNUSED}", f"results/runs/{UNUSED}.npz"]


def test_one_folder_alone_prunes_and_cleans(one):
    assert prunable(one) == [f"results/runs/{UNUSED}"]
    assert cleanable(one, None) == ["results/p", "results/runs"]


@pytest.mark.parametrize("removable", [prunable, lambda folder, **options: cleanable(folder, None, **options)])
def test_a_store_that_another_folder_uses_is_refused(removable, one, two):
    register(two / "results/runs", two)
    for options in ({}, {"sole_user": True}):
        with pytest.raises(InputError, match=rf"one/results/runs: these runs are also used by {two}, so nothing is"):
            removable(one, **options)
    with pytest.raises(InputError, match=rf"two/results/runs: these runs are also used by {one}, so nothing is"):
        removable(two, sole_user=True)


@pytest.mark.parametrize("removable", [prunable, lambda folder, **options: cleanable(folder, None, **options)])
def test_a_store_that_is_a_link_is_refused(removable, one, two):
    shutil.rmtree(one / "results/runs" / REGISTRATIONS)
    with pytest.raises(InputError, match=rf"two/results/runs: is a link to {one}/results/runs, so .* give --sole-user"):
        removable(two)
    assert removable(two, sole_user=True)


@pytest.mark.parametrize("place", ["results", "reports", "logs"])
def test_an_experiment_behind_a_link_is_refused(place, one, tmp_path):
    for name in ("reports/p", "logs/p"):
        (one / name).mkdir(parents=True)
    (one / place).rename(tmp_path / "elsewhere")
    (one / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=rf"one/{place}: is a link to {tmp_path}/elsewhere, so"):
        cleanable(one, "p")
    assert f"{place}/p" in cleanable(one, "p", sole_user=True)


def test_an_experiment_may_go_where_the_store_alone_is_shared(one, two):
    register(two / "results/runs", two)
    assert cleanable(one, "p") == ["results/p"]
    assert cleanable(two, "q") == ["results/q"]


def test_an_experiment_in_results_that_two_folders_have_is_refused(one, tmp_path):
    three = tmp_path / "three"
    three.mkdir()
    (three / "results").symlink_to(one / "results")
    register(three / "results/runs", three)
    for folder, other in ((one, three), (three, one)):
        with pytest.raises(InputError, match=f"results: is also the folder of results of {other}, so nothing is"):
            cleanable(folder, "p", sole_user=True)


def mount_at(monkeypatch, place):
    mounts = _mounts()
    monkeypatch.setattr("lrbench.workspace.sharing._mounts", lambda: mounts | {str(place)})


@pytest.mark.parametrize("place", ["results/runs", "results"])
def test_a_store_on_a_mount_is_refused(place, one, monkeypatch):
    mount_at(monkeypatch, one / place)
    for removable in (prunable, lambda folder, **options: cleanable(folder, None, **options)):
        with pytest.raises(InputError, match=f"one/{place}: is the mount of another file system, so .* --sole-user"):
            removable(one)


def test_a_mount_inside_what_would_be_removed_is_refused(one, monkeypatch):
    mount_at(monkeypatch, one / "results/p/data")
    with pytest.raises(InputError, match="one/results/p/data: is the mount of another file system"):
        cleanable(one, "p")
    assert prunable(one) == [f"results/runs/{UNUSED}"]


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to mount")
def test_a_folder_that_is_mounted_onto_itself_is_a_mount(one):
    if os.system(f"mount --bind {one}/results/runs {one}/results/runs 2>/dev/null"):  # noqa: S605
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(InputError, match="one/results/runs: is the mount of another file system"):
            prunable(one)
        assert cleanable(one, "p") == ["results/p"]
    finally:
        assert os.system(f"umount {one}/results/runs") == 0  # noqa: S605


# registrations that no longer hold


def changed(place, **changes) -> Path:
    """The registration of a folder's own, with some of it changed, under another name."""
    path = next((place / "results/runs" / REGISTRATIONS).iterdir())
    write_json(path.with_name("f" * 64 + ".json"), read_json(path) | changes)
    return path.with_name("f" * 64 + ".json")


def test_a_folder_that_is_gone_or_has_another_store_uses_these_runs_no_more(one, two):
    register(two / "results/runs", two)
    (two / "results/runs").unlink()
    (two / "results/runs").mkdir()
    stale = [path.path for path in registrations(one)[1]]
    assert len(stale) == 1
    assert prunable(one) == [f"results/runs/{UNUSED}", str(stale[0].relative_to(one))]
    shutil.rmtree(two)
    assert [path.path for path in registrations(one)[1]] == stale


def test_a_folder_that_was_moved_or_copied_is_no_other_folder(one, tmp_path):
    shutil.copytree(one, tmp_path / "copy")
    assert prunable(tmp_path / "copy")[0] == f"results/runs/{UNUSED}"
    one.rename(tmp_path / "moved")
    assert prunable(tmp_path / "moved")[0] == f"results/runs/{UNUSED}"


def test_the_folder_itself_seen_from_another_machine_is_no_other_folder(one):
    changed(one, host="a-container", folder="/work")
    assert registrations(one) == ([], [])


def test_a_folder_of_another_machine_or_of_an_unmounted_disk_counts_as_in_use(one):
    for changes in ({"host": "elsewhere"}, {"mount": "/no/such/mount"}):
        path = changed(one, folder="/no/such/folder", holds=False, **changes)
        others, stale = registrations(one)
        assert [(other.path, other.folder) for other in others] == [(path, "/no/such/folder")]
        assert stale == []


def test_nothing_is_removed_where_a_registration_cannot_be_read(one):
    changed(one).write_text("{")
    with pytest.raises(InputError, match=r"f\.json: is not JSON or is cut short; it says that a folder uses these"):
        prunable(one)


def test_a_temporary_file_in_a_store_of_others_is_left_to_them(one, two):
    for name in ("results/runs/.run", "results/p/.table"):
        (one / f"{name}.999999999-0a1b2c3d.tmp").write_text("")
    assert len(broken_off(one)) == 2
    register(two / "results/runs", two)
    assert [path.name for path in broken_off(one)] == [".table.999999999-0a1b2c3d.tmp"]


def test_the_command_prunes_no_run_of_another_folder(one, two, monkeypatch, capsys):
    monkeypatch.chdir(two)
    assert main(["prune", "--yes"]) == 2
    assert capsys.readouterr().err.startswith("lrbench: results/runs: is a link to ")
    assert main(["prune", "--yes", "--sole-user"]) == 2
    assert f"these runs are also used by {one}" in capsys.readouterr().err
    assert (one / "results/runs" / UNUSED / "manifest.json").exists()
