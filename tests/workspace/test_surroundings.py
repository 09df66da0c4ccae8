"""What a run needs of its environment: what is lacking is one sentence and status 2, before snakemake starts."""

from __future__ import annotations

import errno
import inspect
import os
import subprocess
import sys
import tempfile

import pytest
from support.samples import idx_folder
from support.workspace import BIN, PROJECT

from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.workspace.surroundings import check_surroundings

CONFIG = "{experiment: mine, dataset: {name: D, path: data}, learning_rates: [0.1], seeds: [0]}"


@pytest.fixture
def place(project, monkeypatch):
    """A folder to work in, with a config, and a home folder, in which nothing is lacking."""
    (project / "config.yaml").write_text(CONFIG)
    (project / "data").rmdir()
    idx_folder(project / "data")
    (project / "home").mkdir()
    monkeypatch.setenv("HOME", str(project / "home"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for name in ("XDG_CACHE_HOME", "TMPDIR", "PYTHONWARNINGS"):
        monkeypatch.delenv(name, raising=False)
    return project


def unwritable(monkeypatch, folder, number=errno.EACCES):
    """Have every file be refused in one folder."""
    create = tempfile.TemporaryFile

    def refuse(*arguments, dir, **options):  # noqa: A002
        if os.path.realpath(dir) == os.path.realpath(folder):
            raise OSError(number, os.strerror(number), str(dir))
        return create(*arguments, dir=dir, **options)

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)


def refusal(capsys) -> str:
    assert main(["check", "config.yaml"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lrbench: ")
    assert err.count("\n") == 1
    return err.removeprefix("lrbench: ").strip()


def test_where_nothing_is_lacking_nothing_is_said_and_nothing_written(place, capsys):
    before = sorted(place.rglob("*"))
    assert main(["check", "config.yaml"]) == 0
    assert capsys.readouterr().err == ""
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize(
    ("variable", "value"),
    [("HOME", None), ("HOME", "/no/such/home"), ("LANG", "C"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Kathmandu"),
     ("TMPDIR", "/no/such/folder"), ("TMPDIR", "")],
)  # fmt: skip
def test_what_runs_today_is_not_refused(variable, value, place, monkeypatch):
    if value is None:
        monkeypatch.delenv(variable)
    elif value == "/no/such/home":
        monkeypatch.setenv(variable, str(place / "no/such/home"))
    else:
        monkeypatch.setenv(variable, value)
    check_surroundings(place)


def test_a_home_that_is_a_file_is_refused(place, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(place / "config.yaml"))
    assert refusal(capsys) == (
        f"{place}/config.yaml is not a folder, and snakemake's cache is there; "
        "set HOME or XDG_CACHE_HOME to a folder that can be written."
    )
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    check_surroundings(place)


def test_a_home_that_cannot_be_written_is_refused(place, monkeypatch, capsys):
    unwritable(monkeypatch, place / "home")
    assert refusal(capsys) == (
        f"{place}/home cannot be written (Permission denied), and snakemake's cache is there; "
        "set HOME or XDG_CACHE_HOME to a folder that can be written."
    )
    (place / "home/.cache/snakemake").mkdir(parents=True)  # one that exists and can be written is all that counts
    check_surroundings(place)
    unwritable(monkeypatch, place / "home/.cache/snakemake")
    assert refusal(capsys).startswith(f"{place}/home/.cache/snakemake cannot be written")


def test_a_full_folder_of_temporary_files_is_refused(place, monkeypatch, capsys):
    (place / "small").mkdir()
    monkeypatch.setenv("TMPDIR", str(place / "small"))
    unwritable(monkeypatch, place / "small", errno.ENOSPC)
    assert refusal(capsys) == (
        f"{place}/small cannot be written (No space left on device), and temporary files go there; "
        "free some space, or set TMPDIR to another folder."
    )


def test_no_folder_for_temporary_files_is_refused(place, monkeypatch, capsys):
    def none():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", none)
    assert refusal(capsys) == (
        "no folder takes temporary files; free some space, or set TMPDIR to a folder that can be written."
    )


@pytest.mark.parametrize(
    ("path", "state"), [(None, "is not set"), ("", "is empty"), ("/no/such/folder", "leads to no bash")]
)
def test_a_path_without_bash_is_refused(path, state, place, monkeypatch, capsys):
    monkeypatch.delenv("PATH") if path is None else monkeypatch.setenv("PATH", path)
    assert refusal(capsys) == (
        f"PATH {state}, and jobs run in bash; set it, for example PATH=/usr/local/bin:/usr/bin:/bin."
    )


@pytest.mark.parametrize("name", ["logs", "logs/mine", ".snakemake", ".snakemake/locks"])
def test_a_folder_that_snakemake_writes_to_must_be_writable(name, place, monkeypatch, capsys):
    (place / name).mkdir(parents=True)
    unwritable(monkeypatch, place / name)
    assert refusal(capsys) == (
        f"{place}/{name} cannot be written (Permission denied), and snakemake writes there; "
        "make it writable, or work in another folder."
    )


@pytest.mark.parametrize("name", [".snakemake", "logs"])
def test_a_file_or_a_broken_link_where_snakemake_has_a_folder_is_refused(name, place, capsys):
    (place / name).write_text("")
    said = f"{place}/{name} is not a folder, and snakemake writes there; make it writable, or work in another folder."
    assert refusal(capsys) == said
    (place / name).unlink()
    (place / name).symlink_to(place / "nowhere")
    assert refusal(capsys) == said


@pytest.mark.parametrize("name", ["results", "results/runs", "reports"])
def test_results_may_be_read_only_where_nothing_is_to_be_done(name, place, monkeypatch):
    (place / name).mkdir(parents=True)
    unwritable(monkeypatch, place / name)
    check_surroundings(place)


def test_a_working_folder_that_cannot_be_written_is_refused(place, monkeypatch, capsys):
    unwritable(monkeypatch, place)
    assert refusal(capsys).startswith(f"{place} cannot be written (Permission denied), and snakemake writes there; ")
    assert main(["check", "--report", "config.yaml"]) == 0  # only says where the report would be


@pytest.mark.parametrize(
    ("options", "taken"),
    [(["error"], "error"), (["default", "e"], "e"), (["error::DeprecationWarning"], "error::DeprecationWarning"),
     (["ignore"], None), (["default", "always::DeprecationWarning"], None), ([""], None)],
)  # fmt: skip
def test_warnings_that_are_errors_are_refused(options, taken, place, monkeypatch):
    monkeypatch.setattr("sys.warnoptions", options)
    if taken is None:
        check_surroundings(place)
    else:
        with pytest.raises(InputError, match=f"^Python turns warnings into errors here .{taken!r} in PYTHONWARNINGS"):
            check_surroundings(place)


PROGRAM = "import sys; from lrbench.cli import main; sys.exit(main(sys.argv[1:]))"
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit})); " + PROGRAM


def lrbench(place, *words: str, code: str = PROGRAM, options: tuple[str, ...] = ()) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *options, "-c", code, *words], cwd=place, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_too_little_address_space_is_refused(place):
    said = (
        2,
        "lrbench: a process may have 3 GB of address space here, and TensorFlow needs 4 GB; "
        "raise the limit (ulimit -v unlimited), then try again.\n",
    )
    assert lrbench(place, "check", "config.yaml", code=LIMITED.format(limit=3_000_000_000)) == said
    assert lrbench(place, "check", "config.yaml", code=LIMITED.format(limit=4_000_000_000)) == (0, "")


@pytest.mark.parametrize("command", ["train", "probe", "verify", "export"])
def test_commands_that_load_tensorflow_look_themselves(command, monkeypatch):
    """On a cluster, their machine is another one than that where the run was started."""
    from lrbench.commands import people, stages

    handler = getattr(people if command in ("verify", "export") else stages, command)
    given = dict.fromkeys(inspect.signature(handler).parameters)
    given |= {"name": "backpropagation"} if command == "probe" else {}
    monkeypatch.setattr("resource.getrlimit", lambda _: (3_000_000_000, 3_000_000_000))
    with pytest.raises(InputError, match="3 GB of address space"):
        handler(**given)


def test_python_run_with_w_error_is_refused_and_with_o_is_not(place):
    status, said = lrbench(place, "check", "config.yaml", options=("-W", "error"))
    assert status == 2
    assert said.startswith("lrbench: Python turns warnings into errors here ('error' in PYTHONWARNINGS or -W)")
    assert said.count("\n") == 1
    assert lrbench(place, "check", "config.yaml", options=("-O",)) == (0, "")


@pytest.mark.workflow
def test_snakemake_says_the_sentence_as_well(place):
    done = subprocess.run(
        [BIN / "snakemake", "--snakefile", PROJECT / "Snakefile", "--cores", "1", "--configfile", "config.yaml"],
        cwd=place,
        env=os.environ | {"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 2
    assert output.splitlines()[-1].startswith("lrbench: PATH is empty, and jobs run in bash; set it, for example")
    assert "Traceback" not in output


def test_make_resume_looks_before_it_unlocks():
    resume = (PROJECT / "Makefile").read_text().partition("\nresume: ")[2].splitlines()
    assert "$(LRBENCH) ready" in resume[1]
    assert "$(LRBENCH) make" in resume[2]
    assert "--unlock" in resume[2]


def test_make_looks_before_it_calls_snakemake(place, monkeypatch, capsys):
    called = []
    monkeypatch.setattr("lrbench.workspace.making.run", lambda command: called.append(command) or 0)
    monkeypatch.setenv("PATH", "")
    assert main(["make", "--unlock", "config.yaml"]) == 2
    assert capsys.readouterr().err.startswith("lrbench: PATH is empty")
    assert called == []
