"""How `lrbench make` and `lrbench run` take names of config files, and how they call snakemake."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from support.configs import config
from support.samples import idx_folder

from lrbench.cli import main
from lrbench.commands import people
from lrbench.errors import InputError
from lrbench.workspace import making


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("a.yaml", ["a.yaml"]),
        ("a.yaml b.yaml", ["a.yaml", "b.yaml"]),
        (" a.yaml\tb.yaml ", ["a.yaml", "b.yaml"]),
        ("'a b.yaml' c.yaml", ["a b.yaml", "c.yaml"]),
        ("my config.yaml", ["my config.yaml"]),  # a file of this name is there
        ("~/a.yaml", ["~/a.yaml"]),
        ("it's.yaml", ["it's.yaml"]),
        ("$(x).yaml", ["$(x).yaml"]),
    ],
)
def test_config_names_one_file_or_several(here, text, files):
    for name in ("my config.yaml", "it's.yaml"):
        (here / name).touch()
    assert making.config_files(text) == files


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "CONFIG is empty; give the name of a config file."),
        (" ", "CONFIG is empty; give the name of a config file."),
        ("'a.yaml", 'CONFIG is "\'a.yaml", in which a quote is not closed; give the names of config files.'),
    ],
)
def test_a_config_that_names_none_is_refused(here, text, problem):
    with pytest.raises(InputError) as caught:
        making.config_files(text)
    assert str(caught.value) == problem


def test_a_config_is_looked_for_here_and_then_in_the_project(here, monkeypatch):
    monkeypatch.setattr(making, "PROJECT", here / "project")
    monkeypatch.setenv("HOME", str(here / "home"))
    for folder, names in {"project": ("a.yaml", "b.yaml"), "home": ("c.yaml",), ".": ("a.yaml", "-d.yaml")}.items():
        (here / folder).mkdir(exist_ok=True)
        for name in names:
            (here / folder / name).touch()
    assert [making.located(name) for name in ("a.yaml", "b.yaml", "~/c.yaml", "-d.yaml", "e.yaml")] == [
        "a.yaml",
        os.path.join("project", "b.yaml"),
        str(here / "home/c.yaml"),
        os.path.join(".", "-d.yaml"),
        "e.yaml",
    ]


OWN_PROFILE = f"--workflow-profile={making.PROJECT}/profiles/default"


@pytest.fixture
def calls(here, monkeypatch):
    """The calls of snakemake, each of which succeeds; beside two right configs and their reports."""
    idx_folder(here / "data")
    (here / "reports").mkdir()
    for name in ("mine", "other"):
        (here / "reports" / f"{name}.html").touch()
    (here / "a b.yaml").write_text(config())
    (here / "c.yaml").write_text(config(experiment="other"))
    made = []
    monkeypatch.setattr(making, "run", lambda command: made.append(command) or 0)
    return made


def test_make_calls_this_environment_s_snakemake_and_says_where_the_reports_are(here, calls, capsys):
    assert main(["make", "--cores=2", "--configs='a b.yaml' c.yaml"]) == 0
    program = [sys.executable, os.path.join(os.path.dirname(sys.executable), "snakemake")]
    workflow = ["--snakefile", str(making.PROJECT / "workflow/Snakefile"), OWN_PROFILE]
    assert calls == [[*program, *workflow, "--cores=2", "--configfile", "a b.yaml", "c.yaml"]]
    assert capsys.readouterr().out == (
        "mine: 2 learning rates x 2 seeds x 10 epochs on Digits\n"
        "other: 2 learning rates x 2 seeds x 10 epochs on Digits\n"
        f"The reports: {here}/reports/mine.html\n{here}/reports/other.html\n"
    )


@pytest.mark.parametrize(
    ("options", "given"),
    [
        ([], [OWN_PROFILE, "--cores=3"]),
        (["--cores=1"], [OWN_PROFILE, "--cores=1"]),
        (["--workflow-profile=p"], ["--workflow-profile=p"]),
    ],
)
def test_make_takes_three_cores_unless_something_else_says(calls, options, given):
    assert main(["make", *options, "c.yaml"]) == 0
    assert [call[4:-2] for call in calls] == [given]


def test_a_profile_is_looked_for_here_and_then_in_the_project(calls):
    assert main(["make", "--workflow-profile=profiles/slurm", "c.yaml"]) == 0
    assert [call[4:-2] for call in calls] == [[f"--workflow-profile={os.path.relpath(making.PROJECT)}/profiles/slurm"]]


def test_a_python_without_a_script_of_snakemake_beside_it_runs_the_module(here, calls, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(here / "bin/python"))
    assert main(["make", "c.yaml"]) == 0
    assert [call[:5] for call in calls] == [[str(here / "bin/python"), "-P", "-m", "snakemake", "--snakefile"]]


def test_make_unlocks_first(calls):
    assert main(["make", "--unlock", "--workflow-profile=p", "--slurm-status-command=squeue", "c.yaml"]) == 0
    given = ["--workflow-profile=p", "--slurm-status-command=squeue"]
    assert [call[4:] for call in calls] == [
        [*given, "--unlock", "--quiet=all", "--configfile", "c.yaml"],
        [*given, "--configfile", "c.yaml"],
    ]


def test_run_passes_on_what_follows_two_dashes(here, calls, capsys):
    assert main(["run", "c.yaml", "--cores", "1", "--", "verify", "--cores=2", "-n"]) == 0
    assert [call[4:] for call in calls] == [
        [OWN_PROFILE, "--cores=1", "verify", "--cores=2", "-n", "--configfile", "c.yaml"]
    ]
    assert capsys.readouterr().out.endswith(f"The report: {here}/reports/other.html\n")


def test_run_alone_is_the_default_experiment_and_says_nothing_of_a_report_that_is_not_there(here, calls, capsys):
    assert main(["run"]) == 0
    given = [OWN_PROFILE, "--cores=3", "--configfile", str(making.PROJECT / "config/config.yaml")]
    assert [call[4:] for call in calls] == [given]
    assert capsys.readouterr().out == "tutorial: 3 learning rates x 5 seeds x 10 epochs on MNIST\n"


def test_run_takes_a_profile_of_one_s_own(calls):
    assert main(["run", "c.yaml", "--", "--workflow-profile", "p"]) == 0
    assert [call[4:-2] for call in calls] == [["--cores=3", "--workflow-profile", "p"]]


@pytest.mark.parametrize("cores", ["0", "00", "-1", "1.5", "many", "²"])
@pytest.mark.parametrize("command", ["run", "make"])
def test_a_number_of_cores_with_which_nothing_would_run_is_refused(calls, capsys, command, cores):
    with pytest.raises(SystemExit) as ended:
        main([command, "c.yaml", f"--cores={cores}"])
    assert (ended.value.code, calls) == (2, [])
    refusal = f"lrbench {command}: error: argument --cores: {cores!r} is not a whole number of 1 or more, or all\n"
    assert capsys.readouterr().err.endswith(refusal)


@pytest.mark.parametrize(("cores", "given"), [("all", "all"), ("12", "12"), ("", "3")])
@pytest.mark.parametrize("command", ["run", "make"])
def test_all_cores_may_be_taken_and_an_empty_number_is_none(calls, command, cores, given):
    assert main([command, "c.yaml", f"--cores={cores}"]) == 0
    assert [call[5] for call in calls] == [f"--cores={given}"]


def test_run_explains_itself_in_ten_lines():
    assert len(people.RUN.splitlines()) <= 10


def test_make_ends_as_snakemake_does(calls, capsys, monkeypatch):
    monkeypatch.setattr(making, "run", lambda command: 1)
    assert main(["make", "c.yaml"]) == 1
    assert "report" not in capsys.readouterr().out


def test_make_starts_nothing_with_a_wrong_config(here, calls, capsys):
    (here / "c.yaml").write_text(config(epochs="0"))
    assert main(["make", "a b.yaml", "c.yaml"]) == 2
    assert capsys.readouterr() == ("", "lrbench: c.yaml: epochs is 0 but must be 1 or more.\n")
    assert main(["make"]) == 2
    assert capsys.readouterr() == (
        "",
        "lrbench: no config file is given; name one; lrbench new writes one to begin with.\n",
    )
    assert calls == []


CHILD = "import os, signal, sys; os.kill(os.getppid(), signal.{signal}); {then}"


def status_of(code):
    """What `run` returns for a Python program, run by another process that it may send signals to."""
    program = f"import sys; from lrbench.workspace.making import run; sys.exit(run([sys.executable, '-c', {code!r}]))"
    return subprocess.run([sys.executable, "-c", program], check=False).returncode


def test_a_command_is_waited_for_after_an_interrupt():
    assert status_of(CHILD.format(signal="SIGINT", then="sys.exit(7)")) == 7


def test_a_command_can_be_interrupted():
    default = "import signal, sys; sys.exit(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    assert status_of(default) == (signal.getsignal(signal.SIGINT) is not signal.SIG_IGN)


def test_a_command_is_told_to_end():
    assert status_of(CHILD.format(signal="SIGTERM", then="signal.pause()")) == 128 + signal.SIGTERM
