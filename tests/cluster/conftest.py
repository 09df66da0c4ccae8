"""A Slurm for the whole session, and one local run of the tiny experiment to hold cluster runs against."""

from __future__ import annotations

import importlib.util
import shutil
import signal
from pathlib import Path

import pytest
import yaml
from support.slurm import Slurm, missing, missing_for_accounting
from support.workspace import BIN, CONFIG, Workspace, write_blobs

SEARCH = {
    "rates": {"from": 0.01, "to": 0.1, "at_most": 2, "resolution": 10},
    "seeds": {"first": 1, "at_most": 3},
    "rounds": 2,
}
CHECK_AFTER = "8"  # seconds until snakemake first asks how its jobs are
HOLD = """
import os, sys, time
words = sys.orig_argv
if os.path.basename((words + [""])[1]) == "lrbench" and words[2] == "train" and {rate!r} in words:
    open({begun!r} + os.environ["SLURM_JOB_ID"], "w").close()
    while not os.path.exists({release!r}):
        time.sleep(0.1)
"""
NET = """
import keras


def build(input_shape, classes):
    layers = [keras.layers.Flatten(), keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2)]
    return keras.Sequential([keras.Input(input_shape), *layers, keras.layers.Dense(classes, "softmax")])
"""


class ClusterWorkspace(Workspace):
    """A working directory in which snakemake runs the project on the cluster."""

    set_up = ("requirements-cluster.lock", "pyproject.toml", ".venv-cluster/.set-up")

    def command(self, *arguments: str) -> list[str]:
        places = ("--snakefile", str(self.project / "Snakefile"), "--directory", str(self.folder))
        profile = ("--workflow-profile", str(self.project / "profiles/slurm"))
        often = ("--slurm-init-seconds-before-status-checks", CHECK_AFTER)
        config = ("--configfile", str(self.folder / "config.yaml"))
        return [str(BIN / "snakemake"), *config, *places, *profile, *often, *arguments]

    def hold(self, rate: str) -> None:
        """Have training at a rate wait, once its process has started, until `release`."""
        begun, release = str(self.folder / "begun-"), str(self.folder / "release")
        self.customise(HOLD.format(rate=rate, begun=begun, release=release))

    def held(self) -> list[str]:
        """The Slurm jobs in which training waits or has waited."""
        return sorted(path.name.removeprefix("begun-") for path in self.folder.glob("begun-*"))

    def release(self) -> None:
        (self.folder / "release").touch()

    def note_calls(self, program: str) -> Path:
        """Have calls of a program noted; where, once there are any."""
        noted, calls = self.folder / "noted", self.folder / f"calls-of-{program}"
        noted.mkdir(exist_ok=True)
        (noted / program).write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexec {shutil.which(program)} "$@"\n')
        (noted / program).chmod(0o755)
        return calls

    @property
    def environment(self) -> dict[str, str]:
        """As of every workspace, with programs whose calls are noted in front."""
        found = super().environment
        return found | {"PATH": f"{self.folder / 'noted'}:{found['PATH']}"}

    def runs(self) -> list[Path]:
        """Where it stands when, where and by what each stored run was trained."""
        return sorted(self.folder.glob("results/runs/*/execution.json"))


@pytest.fixture(scope="session")
def slurm(request):
    """Slurm on this machine, with accounting where asked. Its jobs and daemons end with the tests, however they end."""
    accounting = getattr(request, "param", False)
    reason = missing() or (missing_for_accounting() if accounting else None)
    if reason is None and importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        reason = "this environment has no snakemake-executor-plugin-slurm; run make test-cluster"
    if reason:
        pytest.skip(reason)

    def interrupted(*_):
        raise KeyboardInterrupt  # as for Ctrl-C: fixtures are torn down

    before = signal.signal(signal.SIGTERM, interrupted)
    try:
        with Slurm(accounting) as started:
            yield started
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def local(tmp_path_factory) -> Workspace:
    """One finished local run of the tiny experiment."""
    workspace = Workspace(tmp_path_factory.mktemp("local"))
    write_blobs(workspace.folder / "blobs.npz")
    workspace.configure()
    workspace.snakemake()
    return workspace


@pytest.fixture(scope="session")
def own_local(tmp_path_factory) -> Workspace:
    """One finished local run of a small experiment whose network with dropout is built by a file of its own."""
    workspace = Workspace(tmp_path_factory.mktemp("own-local"))
    write_blobs(workspace.folder / "blobs.npz")
    (workspace.folder / "net.py").write_text(NET)
    workspace.configure(model={"file": "net.py"}, seeds=[0])
    workspace.snakemake()
    return workspace


@pytest.fixture
def untouched(local, slurm, tmp_path) -> ClusterWorkspace:
    """The same experiment before its first run, to be run on the cluster."""
    return not_run(local, tmp_path)


@pytest.fixture(scope="session")
def searched(tmp_path_factory) -> Workspace:
    """One finished local search of the tiny experiment, in two rounds."""
    workspace = Workspace(tmp_path_factory.mktemp("searched"))
    write_blobs(workspace.folder / "blobs.npz")
    asked = {key: value for key, value in CONFIG.items() if key not in ("learning_rates", "seeds", "seeds_per_job")}
    asked |= {"search": SEARCH, "thresholds": {"tie": 0}}
    (workspace.folder / "config.yaml").write_text(yaml.safe_dump(asked, sort_keys=False))
    workspace.snakemake()
    return workspace


@pytest.fixture
def searching(searched, slurm, tmp_path) -> ClusterWorkspace:
    """The search before its first round, to be run on the cluster."""
    return not_run(searched, tmp_path)


@pytest.fixture
def own(own_local, slurm, tmp_path) -> ClusterWorkspace:
    """The experiment with a network of its own before its first run, to be run on the cluster."""
    return not_run(own_local, tmp_path)


def not_run(local: Workspace, folder: Path) -> ClusterWorkspace:
    """A folder with the files that an experiment is made from."""
    for name in ("blobs.npz", "config.yaml", "net.py"):
        if (local.folder / name).exists():
            shutil.copy2(local.folder / name, folder)
    return ClusterWorkspace(folder)


@pytest.fixture
def half_done(local, untouched) -> ClusterWorkspace:
    """The experiment with the runs of rate 0.1 in the store, and nothing else done."""
    for run in local.read("results/tiny/tables.json")["runs"]:
        if run["learning_rate"] == 0.1:
            key = f"results/runs/{run['run_key']}"
            shutil.copytree(local.folder / key, untouched.folder / key)
    return untouched
