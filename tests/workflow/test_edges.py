"""Names, times, targets and profiles at the edge of what Snakemake and a shell take; and what is said last."""

from __future__ import annotations

import html
import os
import re
import signal
import subprocess
import time
import zipfile

import pytest
import yaml
from support.workspace import BIN, CONFIG, PROJECT, Workspace, write_blobs

pytestmark = pytest.mark.workflow
ODD = "my {project} (1) ü'\"`touch ran`$(touch ran)&;<>"
INTERRUPTED = "lrbench: interrupted; what was finished is kept, and running again goes on from there."
PATIENCE = 600


def last_line(output):
    """The last line that is not make's own."""
    return [line for line in output.splitlines() if line and not line.startswith("make: ")][-1]


def run_in_shell(command, workspace, programs=BIN):
    """What a command prints that is typed in the working directory, with an environment activated."""
    environment = workspace.environment
    environment |= {"PATH": f"{programs}{os.pathsep}{environment['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=environment, cwd=workspace.folder, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def commands_of_the_page(page):
    """The commands of lrbench that a report prints, as a reader copies them: that which makes it again is the last."""
    blocks = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page.read_text(), re.DOTALL)
    return [line for block in blocks for line in html.unescape(block).splitlines() if line.startswith("lrbench ")]


def in_the_future(*files):
    for file in files:
        os.utime(file, (time.time() + 86400,) * 2)


def test_names_that_a_shell_or_snakemake_would_act_on(tmp_path):
    workspace = Workspace(tmp_path / ODD)
    workspace.folder.mkdir()
    (workspace.folder / f"-{ODD}").mkdir()
    data, config = f"-{ODD}/{{experiment}} data.npz", f"-{ODD} config.yaml"
    write_blobs(workspace.folder / data)
    in_the_future(workspace.folder / data)
    workspace.configure(dataset={"name": "Three blobs", "path": data}, learning_rates=[0.1], seeds=[0], epochs=1)
    (workspace.folder / "config.yaml").rename(workspace.folder / config)
    assert f"The report: {workspace.folder}/reports/tiny.html\n" in workspace.make("report", config=config)
    assert not list(tmp_path.glob("**/ran"))

    *others, command = commands_of_the_page(workspace.folder / "reports/tiny.html")
    assert "Nothing to be done" in run_in_shell(command, workspace)
    assert [words.split()[1] for words in others].count("export") == 1
    for other in others:
        if not other.startswith("lrbench make"):  # of the config that the command before wrote
            (workspace.folder / "tiny-2.yaml").unlink(missing_ok=True)
            run_in_shell(other, workspace)
    assert (workspace.folder / "tiny.keras").exists()
    assert not list(tmp_path.glob("**/ran"))


def test_files_from_the_future_count_by_their_content(workspace):
    in_the_future(workspace.folder / "blobs.npz", *workspace.folder.glob("results/tiny/**/*.*"))
    workspace.configure(targets=[0.5])
    workspace.snakemake()
    assert workspace.jobs() == {}


def test_the_page_of_a_config_outside_the_project_says_how_to_make_it_again(workspace):
    command = commands_of_the_page(workspace.folder / "reports/tiny.html")[-1]
    assert command == "lrbench make config.yaml"
    output = run_in_shell(command, workspace)
    assert "Nothing to be done" in output
    assert f"The report: {workspace.folder}/reports/tiny.html\n" in output


def commands_of_the_readme():
    """Those that make something; the rest set up an environment, test, or remove."""
    blocks = re.findall(r"```sh\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"snakemake |make (report|resume)\b", line)]


@pytest.mark.long
def test_the_commands_of_the_readme_run_as_they_are_printed(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    workspace.make("report")
    for name in ("config", "quick", "mine"):
        config = CONFIG | {
            "experiment": name,
            "dataset": CONFIG["dataset"] | {"path": str(tmp_path / "copy/blobs.npz")},
        }
        (workspace.folder / f"config/{name}.yaml").write_text(yaml.safe_dump(config))
    for command in commands_of_the_readme():
        run_in_shell(command, workspace, workspace.folder / ".venv/bin")
    reports = (
        "copy/reports/config.html",
        "copy/reports/quick.html",
        "copy/reports/mine.html",
        "somewhere/reports/config.html",
    )
    assert [report for report in reports if not (tmp_path / report).exists()] == []


def test_several_config_files_in_one_call(workspace):
    before = workspace.trained()
    other = (workspace.folder / "config.yaml").read_text().replace("experiment: tiny", "experiment: other")
    (workspace.folder / "other one.yaml").write_text(other + "probes: []\n")
    command = "lrbench make --cores=2 --configs=\"config.yaml 'other one.yaml'\""
    assert (
        f"The reports: {workspace.folder}/reports/tiny.html\n{workspace.folder}/reports/other.html\n"
    ) in run_in_shell(command, workspace)
    assert (workspace.folder / "reports/other.html").exists()
    assert workspace.trained() == before  # the same runs, trained once
    ours, theirs = (workspace.folder / f"results/{name}/epochs.csv" for name in ("tiny", "other"))
    assert ours.read_bytes() == theirs.read_bytes()


def test_triggers_of_a_person_s_own_profile_give_no_old_report(workspace, monkeypatch):
    (workspace.folder / "own").mkdir()
    (workspace.folder / "own/config.yaml").write_text("rerun-triggers: mtime\n")
    monkeypatch.setenv("SNAKEMAKE_PROFILE", str(workspace.folder / "own"))
    workspace.configure(title="Another")
    assert workspace.jobs() == {"report": 1}


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (
            "results/p/rates.csv",
            "lrbench: results/p/rates.csv: the experiment 'p' is not among those of this call, which are tiny "
            "(in config.yaml); give the config file that has it, by --configfile after the target.",
        ),
        (
            "results/tiny/training/lr-0.5/block-0.json",
            "lrbench: results/tiny/training/lr-0.5/block-0.json: the experiment tiny makes no such file; "
            "ask for one that it makes.",
        ),
    ],
)
def test_a_target_that_no_config_has(target, sentence, workspace):
    words = workspace.command("--dry-run")
    place = words.index("--configfile")
    done = subprocess.run(
        [*words[:place], target, *words[place:]], capture_output=True, text=True, cwd=workspace.folder, check=False
    )
    assert done.returncode == 1
    assert last_line(done.stderr) == sentence
    assert "KeyError" not in done.stderr


def test_what_is_wrong_with_the_data_is_said_last(workspace):
    path = workspace.folder / "blobs.npz"
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("x_train.npy").header_offset + 1000
    content = path.read_bytes()
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    assert last_line(workspace.snakemake(status=1)) == (
        "lrbench: blobs.npz: is no .npz that lrbench loads (Bad CRC-32 for file 'x_train.npy'); "
        "give plain numeric arrays."
    )


def test_ctrl_c_is_said_last(workspace):
    workspace.undo("train")
    command = [str(BIN / "lrbench"), "make", "--cores=2", "config.yaml"]
    with (workspace.folder / "screen").open("w") as screen:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            running = subprocess.Popen(
                command, cwd=workspace.folder, stdout=screen, stderr=screen, start_new_session=True
            )
        finally:
            signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + PATIENCE
    while not any(workspace.folder.glob("logs/tiny/train/lr-0.01/*.log")):
        assert running.poll() is None, (workspace.folder / "screen").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(timeout=PATIENCE) == 1
    said = (workspace.folder / "screen").read_text()
    assert last_line(said) == INTERRUPTED
    assert said.count("lrbench: ") == 1
    assert str(PROJECT / "lrbench") not in said  # of a traceback; Snakemake may print one of its own event loop
