"""Commands called wrongly: one sentence on standard error, status 2, nothing written."""

from __future__ import annotations

import importlib.metadata
import signal
import subprocess
import sys

import pytest
from support.commands import PROJECT, arguments, complaint
from support.samples import tree

from lrbench.cli import main
from lrbench.errors import InputError, WorkError
from lrbench.flags import DISTRIBUTION


def test_no_command_is_a_usage_error(work, capsys):
    assert complaint(work, capsys, []).endswith("lrbench: error: the following arguments are required: COMMAND\n")


def test_an_unknown_command_is_a_usage_error(work, capsys):
    error = complaint(work, capsys, ["analyze"])
    assert "lrbench: error: argument COMMAND: invalid choice: 'analyze' (choose from " in error


# folders that cannot be written


def test_a_manifest_below_a_file_is_refused(work, capsys):
    (work / "file").touch()
    error = complaint(work, capsys, arguments("dataset", output="file/out.json"))
    assert error == "lrbench: file: cannot be written (File exists); give a place that can, then run again.\n"
    error = complaint(work, capsys, arguments("dataset", output="file/folder/out.json"))
    assert error == (
        "lrbench: file/folder: cannot be written (Not a directory); give a place that can, then run again.\n"
    )


def test_a_manifest_in_place_of_a_folder_is_refused(work, capsys):
    (work / "folder").mkdir()
    error = complaint(work, capsys, arguments("dataset", output="folder"))
    assert error == "lrbench: folder: cannot be written (Is a directory); give a place that can, then run again.\n"


def test_a_store_below_a_file_is_refused_before_anything_is_trained(work, capsys):
    (work / "file").touch()
    error = complaint(work, capsys, arguments("train", store="file/runs"))
    assert error == "lrbench: file/runs: cannot be written (Not a directory); give a place that can, then run again.\n"


def test_a_full_disk_is_failed_work(work, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lrbench.identity.provenance.sync", full)
    before = tree(work)
    assert main(arguments("dataset")) == 1
    assert capsys.readouterr().err == (
        "lrbench: out.json: No space left on device; make it writable or free some space, then run again.\n"
    )
    assert tree(work) == before


def test_failed_work_has_status_1(work, capsys, monkeypatch):
    def fail(*_):
        raise WorkError("it did not\nwork.")

    monkeypatch.setattr("lrbench.data.manifest.dataset_manifest", fail)
    assert main(arguments("dataset")) == 1
    assert capsys.readouterr().err == "lrbench: it did not work.\n"


INTERRUPTED = "lrbench: interrupted; what was finished is kept, and running again goes on from there.\n"


@pytest.fixture
def interruptible():
    """SIGINT as a command in the foreground meets it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) in (signal.default_int_handler, signal.SIG_IGN)
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    "error",
    [None, SystemError("returned a result with an exception set"), InputError("data: wrong."), OSError(28, "full")],
)
def test_ctrl_c_is_one_sentence_whatever_becomes_of_it(work, capsys, monkeypatch, interruptible, error):
    def interrupted(*_):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise error or KeyboardInterrupt from None

    monkeypatch.setattr("lrbench.data.manifest.dataset_manifest", interrupted)
    assert main(arguments("dataset")) == 130
    assert capsys.readouterr() == ("", INTERRUPTED)


def test_a_fault_of_lrbench_is_no_interrupt(work, monkeypatch, interruptible):
    def fail(*_):
        raise SystemError("returned NULL")

    monkeypatch.setattr("lrbench.data.manifest.dataset_manifest", fail)
    with pytest.raises(SystemError, match="returned NULL"):
        main(arguments("dataset"))


def test_where_an_interrupt_is_ignored_it_stays_so(work, monkeypatch):
    def interrupted(*_):
        signal.raise_signal(signal.SIGINT)
        raise WorkError("another.")

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    monkeypatch.setattr("lrbench.data.manifest.dataset_manifest", interrupted)
    assert main(arguments("dataset")) == 1
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    signal.signal(signal.SIGINT, before)


def test_control_characters_of_a_name_never_reach_the_terminal(work, capsys):
    data = work / "\x1b[31m\x07\u202edata"
    assert main(arguments("dataset", data=str(data))) == 2
    assert capsys.readouterr().err.startswith(f"lrbench: {work}/\\x1b[31m\\x07\\u202edata: cannot be read (")
    (work / "data").rename(data)
    assert main(arguments("dataset", data=str(data))) == 0
    assert capsys.readouterr().out == f"{work}/\\x1b[31m\\x07\\u202edata: 9 train, 3 validation examples\n"


# what is loaded


def loaded(code, folder):
    """The heavy modules among those loaded after running this code in a new process."""
    names = "{'tensorflow', 'keras', 'pandas', 'matplotlib', 'pyarrow', 'numpy', 'jinja2', 'pydantic'}"
    program = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(sorted(set(sys.modules) & {names}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("call", [["--help"], ["--version"], ["train", "--help"], []])
def test_help_loads_no_library(work, call):
    assert loaded(f"from lrbench.cli import main; main({call})", work) == "[]"


def test_dataset_loads_numpy_and_no_tensorflow(work):
    call = arguments("dataset")
    assert loaded(f"from lrbench.cli import main; main({call})", work) == "['numpy', 'pydantic']"
    assert (work / "out.json").exists()


def test_check_loads_numpy_and_no_tensorflow(work):
    (work / "config.yaml").write_text(
        "{experiment: mine, dataset: {name: D, path: data}, learning_rates: [0.1], seeds: [0]}"
    )
    assert loaded("from lrbench.cli import main; main(['check', 'config.yaml'])", work) == "['numpy', 'pydantic']"


def test_the_version_is_that_of_the_distribution(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"lrbench {importlib.metadata.version(DISTRIBUTION)}\n"
