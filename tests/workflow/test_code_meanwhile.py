"""Code and templates that are edited while a stage runs, and put back or not: its result is not kept.

Each stage is run as the workflow calls it, on a copy of the project. An audit hook of its process edits a file at a
given moment: when a module is about to be imported, when the code of one is executed, when a file is opened or renamed.
"""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from support.workspace import BIN, WRITTEN, Workspace

from lrbench.stages import STAGES

pytestmark = pytest.mark.workflow
EDIT = """
import sys

STAGE, EDIT_AT, PUT_BACK_AT, FILE = {stage!r}, {edit_at!r}, {put_back_at!r}, {file!r}
state = []


def name_of(event, arguments):
    if event == "exec":
        return getattr(arguments[0], "co_filename", "")
    return str(arguments[1] if event == "os.rename" else arguments[0])


def write(content):
    with open(FILE, "wb") as file:
        file.write(content)


def edit_meanwhile(event, arguments):
    if event not in ("import", "exec", "open", "os.rename"):
        return
    moment = (event, name_of(event, arguments))
    if not state and moment[0] == EDIT_AT[0] and moment[1].endswith(EDIT_AT[1]):
        with open(FILE, "rb") as file:
            state.append(file.read())
        write(state[0] + b"\\n\\n")
    elif len(state) == 1 and PUT_BACK_AT and moment[0] == PUT_BACK_AT[0] and moment[1].endswith(PUT_BACK_AT[1]):
        state.append(None)
        write(state[0])


if STAGE in sys.argv:
    sys.addaudithook(edit_meanwhile)
"""


# what the tiny experiment has not
OF_OTHERS = {"train-own-model", "contrast", "compare", "study", "test_range", "budget_steps", "decide"}


@pytest.fixture(scope="module")
def finished(base, tmp_path_factory) -> tuple[Workspace, dict[str, str]]:
    """A finished run in a copy of the project, and the command of each of its stages, by stage; of training, one."""
    workspace = base.copied(tmp_path_factory.mktemp("meanwhile"))
    workspace.take_project()
    printed = workspace.snakemake("--dry-run", "--forceall", "--printshellcmds")
    found = re.findall(r"^ *(lrbench (\w+) (?:[^\n]*\\\n)*[^\n]*)$", printed, re.MULTILINE)
    commands = {stage: command for command, stage in found if stage in STAGES and "--learning-rate 0.1" not in command}
    assert set(commands) == set(STAGES) - OF_OTHERS
    return workspace, commands


@pytest.fixture
def workspace(finished) -> Workspace:
    """The finished run, in which a test puts back what it edits and removes."""
    return finished[0]


def source(workspace: Workspace, module: str):
    return workspace.folder / (module.replace(".", "/") + ".py")


def meanwhile(workspace, stage, file, edit_at, put_back_at=None):
    """Have the process of a stage edit a file at a moment, and put it back at another."""
    code = EDIT.format(stage=stage, edit_at=edit_at, put_back_at=put_back_at, file=str(file))
    (workspace.folder / "site").mkdir(exist_ok=True)
    (workspace.folder / "site/sitecustomize.py").write_text(code)


def run(finished, stage) -> tuple[int, str]:
    """Status of a stage, and what its log says."""
    workspace, commands = finished
    environment = workspace.environment
    search = f"{workspace.folder / 'site'}:{workspace.folder}"
    environment |= {"PATH": f"{BIN}:{environment['PATH']}", "PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1"}
    log = re.search(r">\s*(logs\S+)", commands[stage])[1]
    done = subprocess.run(["bash", "-c", commands[stage]], cwd=workspace.folder, env=environment, check=False)
    return done.returncode, (workspace.folder / log).read_text()


def products(workspace, stage) -> dict[str, bytes]:
    """What a stage leaves: its files, and of training the stored runs with their weights."""
    places = [workspace.folder / name for name in WRITTEN[stage].split()]
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*")) if path.is_file()]
    found = {str(path.relative_to(workspace.folder)): path.read_bytes() for path in files}
    if stage == "train":
        found = {name: content for name, content in found.items() if "lr-0.1/" not in name}
        for name in (f"results/runs/{key}/manifest.json" for key in keys_of_training(workspace)):
            if (workspace.folder / name).exists():
                found[name] = (workspace.folder / name).read_bytes()
    return found


def keys_of_training(workspace) -> list[str]:
    """The runs of the training job that tests call."""
    return [
        run["run_key"] for run in workspace.read("results/tiny/tables.json")["runs"] if run["learning_rate"] == 0.01
    ]


def remove(workspace, stage):
    for name in products(workspace, stage):
        (workspace.folder / name).unlink()
    for key in keys_of_training(workspace) if stage == "train" else ():
        shutil.rmtree(workspace.folder / "results/runs" / key, ignore_errors=True)


def refused(finished, stage, words):
    """Run a stage after removing what it wrote: it ends with status 1 and one sentence, and writes nothing."""
    workspace = finished[0]
    remove(workspace, stage)
    status, log = run(finished, stage)
    assert status == 1, log
    assert "Traceback" not in log
    assert words in log.splitlines()[-1]
    assert products(workspace, stage) == {}


def works_again(finished, stage, before):
    workspace = finished[0]
    (workspace.folder / "site/sitecustomize.py").unlink(missing_ok=True)
    status, log = run(finished, stage)
    assert status == 0, log
    after = products(workspace, stage)
    assert after == before


IMPORTED = {  # of stages whose first module is found by its name, of which Python tells nobody: one that it imports
    "backpropagate": "lrbench.probes.backpropagation.descent",
    "examine": "lrbench.probes.mistakes.counts",
}
DAILY = ("train", "analyse")
STAGE = [
    pytest.param(stage, marks=[] if stage in DAILY else pytest.mark.long) for stage in STAGES if stage not in OF_OTHERS
]


@pytest.mark.parametrize("stage", STAGE)
def test_code_edited_while_a_stage_runs_gives_no_result(finished, stage):
    workspace, _ = finished
    module = IMPORTED.get(stage, STAGES[stage].modules[0])
    file = source(workspace, module)
    original, before = file.read_bytes(), products(workspace, stage)
    sentence = (
        f"{module} changed while this stage ran: nothing was {'stored' if stage == 'train' else 'written'}; "
        "run snakemake again, and leave the code alone while it runs."
    )
    try:
        meanwhile(workspace, stage, file, ("import", module), ("exec", str(file)))  # edited and put back
        refused(finished, stage, sentence)
        assert file.read_bytes() == original
        meanwhile(workspace, stage, file, ("exec", str(file)))  # edited after the import
        refused(finished, stage, sentence)
        assert file.read_bytes() != original
        (workspace.folder / "site/sitecustomize.py").unlink()
        refused(
            finished, stage, "here where the workflow expects"
        )  # edited between the workflow's start and the stage's
    finally:
        file.write_bytes(original)
    works_again(finished, stage, before)


def test_templates_edited_since_snakemake_began_give_no_page(finished):
    workspace, _ = finished
    file, before = workspace.folder / "templates/report.css", products(workspace, "report")
    original = file.read_bytes()
    try:
        file.write_bytes(original + b"\n")
        refused(finished, "report", "a template changed since snakemake began: nothing was written")
    finally:
        file.write_bytes(original)
    works_again(finished, "report", before)


def test_snakemake_does_again_what_was_refused(base, tmp_path):
    workspace = base.copied(tmp_path)
    folder = workspace.take_project()
    tables = [workspace.folder / name for name in WRITTEN["aggregate"].split()]
    before, runs = [path.read_bytes() for path in tables], set(workspace.trained())
    workspace.undo("train")
    file = folder / "lrbench/learning/engine.py"
    original = file.read_bytes()
    (folder / "site").mkdir()
    workspace.search.insert(0, str(folder / "site"))
    meanwhile(workspace, "train", file, ("import", "lrbench.learning.engine"), ("exec", str(file)))
    output = workspace.snakemake(status=1)
    assert "lrbench.learning.engine changed while this stage ran: nothing was stored" in output
    assert file.read_bytes() == original
    assert set(workspace.trained()) < runs  # those of the rate that were there already
    (folder / "site/sitecustomize.py").unlink()
    workspace.up_to("results/tiny/tables.json")
    assert set(workspace.trained()) == runs
    assert [path.read_bytes() for path in tables] == before
    assert workspace.jobs("results/tiny/tables.json") == {}
