"""Only regular files are data: named pipes, sockets and devices are refused unopened, and every reader has a limit."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import numpy as np
import pytest
from support.configs import config
from support.data_files import assert_refused
from support.samples import TEST_LABELS, TRAIN_IMAGES, arrays, idx_folder

from lrbench.cli import main
from lrbench.data.formats import GIVE
from lrbench.errors import InputError
from lrbench.identity.provenance import file_digest, read_json
from lrbench.identity.regular_files import special_file, unfit_as_data
from lrbench.places import PROJECT
from lrbench.settings.experiment import read_experiments
from lrbench.tables.format import read_csv, read_parquet
from lrbench.tables.training import EXPERIMENT_TABLES

USE = GIVE
RESTORE = "restore it, or remove it to go without"
GIB = 1024**3
TOO_LARGE = f"has {5 * GIB} bytes, over the cap of {4 * GIB + 1024**2}"


def pipe(path):
    os.mkfifo(path)


def socket_file(path):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(path))


def device(path):
    path.symlink_to("/dev/zero")


def large(path):
    """A file of holes: it takes no room."""
    with open(path, "wb") as file:
        file.truncate(5 * GIB)


KINDS = {
    "pipe": (pipe, "is a named pipe, not a file"),
    "socket": (socket_file, "is a socket, not a file"),
    "device": (device, "is a device, not a file"),
    "large": (large, TOO_LARGE),
}


@pytest.mark.parametrize(("make", "reason"), KINDS.values(), ids=KINDS)
class TestSpecialFiles:
    def test_in_place_of_an_npz(self, here, capsys, make, reason):
        make(here / "data.npz")
        assert unfit_as_data("data.npz") == reason
        refused(capsys, "data.npz", f"data.npz: {reason}; {USE}.")
        self.refused_by_check(here, capsys, "data.npz", f"data.npz {reason}")

    @pytest.mark.parametrize("name", [TRAIN_IMAGES, f"{TEST_LABELS}.gz", "t10k-labels.idx1-ubyte"])
    def test_in_place_of_an_idx_file(self, here, capsys, make, reason, name):
        idx_folder(here / "data")
        (here / "data" / (TRAIN_IMAGES if name.startswith("train") else TEST_LABELS)).unlink()
        make(here / "data" / name)
        refused(capsys, "data", f"data/{name}: {reason}; {USE}.")
        self.refused_by_check(here, capsys, "data", f"data/{name} {reason}")

    def test_in_place_of_a_list_of_digests(self, here, capsys, make, reason):
        idx_folder(here / "data")
        make(here / "data" / "SHA256SUMS")
        refused(capsys, "data", f"data/SHA256SUMS: {reason}; {RESTORE}.")

    def test_in_place_of_a_file_that_is_listed(self, here, capsys, make, reason):
        folder = idx_folder(here / "data")
        lines = [f"{'0' * 64}  {path.name}\n" for path in sorted(folder.iterdir())]
        (folder / "SHA256SUMS").write_text("".join(lines))
        (folder / TRAIN_IMAGES).unlink()
        make(folder / TRAIN_IMAGES)
        refused(capsys, "data", f"data/{TRAIN_IMAGES}: {reason}; {USE}.")

    @staticmethod
    def refused_by_check(here, capsys, data, complaint):
        (here / "config.yaml").write_text(config(dataset=f"{{name: D, path: {data}}}"))
        assert main(["check", "config.yaml"]) == 2
        assert capsys.readouterr().err == f"lrbench: config.yaml: dataset.path: {complaint}; {USE}.\n"


def refused(capsys, data, complaint):
    """The command refuses the data with this sentence."""
    split = '{"train_examples": null, "validation": {"examples": null, "protocol": "test"}}'
    assert main(["dataset", "--data", data, "--split", split, "--output", "out/manifest.json"]) == 2
    assert capsys.readouterr() == ("", f"lrbench: {complaint}\n")
    assert not os.path.exists("out")


def test_a_link_to_a_file_is_a_file(here):
    np.savez("data.npz", **arrays())
    (here / "link.npz").symlink_to(here / "data.npz")
    assert [unfit_as_data(path) for path in ("data.npz", "link.npz", ".", "missing", "with\0null")] == [""] * 5


def test_devices_are_told(here):
    assert [special_file(path) for path in ("/dev/zero", "/dev/null", ".")] == ["a device", "a device", ""]


def test_several_data_sets_are_refused_before_anything_runs(here):
    for name in ("data/a", "data/b"):
        os.makedirs(os.path.dirname(name), exist_ok=True)
        idx_folder(here / name)
    (here / "config.yaml").write_text(config())
    with pytest.raises(InputError) as caught:
        read_experiments(["config.yaml"])
    assert str(caught.value) == (
        "config.yaml: dataset.path: data: holds 2 data sets (a, b); "
        "give a folder that holds the four files of one alone."
    )


def test_a_list_of_digests_is_read_to_a_limit(here, capsys):
    idx_folder(here / "data")
    with open(here / "data" / "SHA256SUMS", "wb") as file:
        file.truncate(16 * 1024**2 + 1)
    assert_refused(
        here,
        capsys,
        "data",
        f"data/SHA256SUMS: is larger than 16777216 bytes, which no list of digests is; {RESTORE}.",
    )


def test_a_list_of_digests_that_is_a_link_to_nothing_is_refused(here, capsys):
    idx_folder(here / "data")
    (here / "data" / "SHA256SUMS").symlink_to(here / "gone")
    refused(capsys, "data", f"data/SHA256SUMS: cannot be read as text; {RESTORE}.")


def test_a_pipe_that_nobody_writes_to_ends_the_command(here):
    """In a process of its own, which waits for ever where the pipe is opened."""
    pipe(here / "data.npz")
    (here / "config.yaml").write_text(config(dataset="{name: D, path: data.npz}"))
    done = subprocess.run(
        [sys.executable, "-m", "lrbench", "check", "config.yaml"],
        env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"lrbench: config.yaml: dataset.path: data.npz is a named pipe, not a file; {USE}.\n"


READERS = {
    "JSON": lambda path: read_json(path),
    "CSV": lambda path: read_csv(path, EXPERIMENT_TABLES["epochs"]),
    "Parquet": lambda path: read_parquet(path, EXPERIMENT_TABLES["steps"]),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(("make", "kind"), [(pipe, "a named pipe"), (device, "a device"), (socket_file, "a socket")])
def test_what_stages_pass_on_is_a_file(reader, make, kind, here):
    make(here / "passed")
    with pytest.raises(InputError) as refused:
        reader(here / "passed")
    assert str(refused.value).startswith(f"{here}/passed: cannot be read (it is {kind}, not a file); ")


@pytest.mark.parametrize("make", [pipe, device, socket_file])
def test_a_digest_is_of_a_file(make, here):
    make(here / "passed")
    with pytest.raises(OSError, match="not a file"):
        file_digest(here / "passed")
