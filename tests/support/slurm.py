"""A Slurm of the tests' own: munged, slurmctld and slurmd on this machine, started and stopped by them.

Run as a program, it says in a sentence what is missing for that, with status 2, or nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CONFIGURATION = Path("/etc/slurm/slurm.conf")  # a job step knows no other place
MARK = "# Written by lrbench's tests, process {}; removed at their end."
PACKAGES = {
    "slurm-wlm": ("slurmctld", "slurmd", "sbatch", "srun", "scancel", "scontrol", "squeue"),
    "munge": ("munged",),
}
ACCOUNTING_PACKAGES = {
    "slurmdbd": ("slurmdbd",),
    "mariadb-server": ("mariadbd", "mariadb-install-db"),
}
SYSTEM_PATH = ":/usr/sbin:/sbin"
SLURM_CONF = """\
{mark}
ClusterName=lrbench
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
{accounting}
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=600
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 CoresPerSocket=4 RealMemory=100000
PartitionName=all Nodes=ALL Default=YES MaxTime=240 DefaultTime=10 State=UP
"""
NO_ACCOUNTING = "AccountingStorageType=accounting_storage/none"
ACCOUNTING = """\
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={port}
AccountingStoragePass={folder}/munge.socket"""
SLURMDBD_CONF = """\
DbdHost={host}
DbdAddr=127.0.0.1
DbdPort={port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
PidFile={folder}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={storage_port}
StorageUser=slurm
StoragePass={password}
"""
DATABASE_USER = """\
CREATE USER 'slurm'@'127.0.0.1' IDENTIFIED BY '{password}';
GRANT ALL ON slurm_acct_db.* TO 'slurm'@'127.0.0.1';
"""


def missing() -> str | None:
    """A sentence on why no Slurm can be started here, or None."""
    if packages := not_installed(PACKAGES):
        return (
            f"the tests on a Slurm cluster need the Debian packages slurm-wlm and munge, and {named(packages)} here; "
            "install both with: apt-get install --no-install-recommends slurm-wlm munge"
        )
    if os.geteuid() != 0:
        return "the tests on a Slurm cluster start Slurm's daemons, which takes root; run them as root."
    if CONFIGURATION.exists():
        mark = re.match(MARK.format("([0-9]+)"), CONFIGURATION.read_text())
        if not mark:
            return f"{CONFIGURATION} is not the tests' own and is left alone; run them on a machine that has none."
        if Path(f"/proc/{mark[1]}").exists() and int(mark[1]) != os.getpid():
            return f"process {mark[1]} runs the tests on a Slurm cluster on this machine; wait until it has ended."
    return None


def missing_for_accounting() -> str | None:
    """A sentence on why Slurm can keep no accounts here, or None."""
    if packages := not_installed(ACCOUNTING_PACKAGES):
        return f"accounting needs the Debian packages slurmdbd and mariadb-server, and {named(packages)} here."
    return None


def not_installed(wanted: dict[str, tuple[str, ...]]) -> list[str]:
    """The packages of which a program is not found."""
    path = os.environ["PATH"] + SYSTEM_PATH
    return [name for name, tools in wanted.items() if not all(shutil.which(tool, path=path) for tool in tools)]


def named(packages: list[str]) -> str:
    return f"{' and '.join(packages)} {'is' if len(packages) == 1 else 'are'} not"


class Slurm:
    """Slurm's daemons and what they write; a context manager that stops and removes just these.

    With accounting, slurmdbd keeps accounts in a database of its own.
    """

    def __init__(self, accounting: bool = False) -> None:
        self.accounting = accounting
        self.folder = Path(tempfile.mkdtemp(prefix="lrbench-slurm-"))
        self.daemons: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> Slurm:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        self.folder.chmod(0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.touch(0o600)
        key.write_bytes(secrets.token_bytes(128))
        host, (accounts, storage, *ports) = socket.gethostname().split(".")[0], free_ports(4)
        text = SLURM_CONF.format(
            mark=MARK.format(os.getpid()),
            host=host,
            ports=ports,
            folder=self.folder,
            accounting=ACCOUNTING.format(port=accounts, folder=self.folder) if self.accounting else NO_ACCOUNTING,
        )
        CONFIGURATION.parent.mkdir(parents=True, exist_ok=True)
        CONFIGURATION.write_text(text)
        socket_file = self.folder / "munge.socket"
        files = {"key-file": key, "socket": socket_file} | {
            f"{name}-file": self.folder / f"munge.{name}" for name in ("pid", "seed")
        }
        self.run("munged", "--foreground", "--force", *(f"--{name}={path}" for name, path in files.items()))
        self.wait_until(socket_file.exists, "munged listens")
        if self.accounting:
            self._start_accounting(host, accounts, storage)
        self.run("slurmctld", "-D")
        self.run("slurmd", "-D")
        self.wait_until_idle()

    def _start_accounting(self, host: str, port: int, storage_port: int) -> None:
        data, password = self.folder / "database", secrets.token_hex(16)
        install = ["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={data}", "--skip-test-db"]
        subprocess.run(install, capture_output=True, check=True)
        user = self.folder / "user.sql"
        configuration = self.folder / "slurmdbd.conf"
        for path, text in (
            (user, DATABASE_USER.format(password=password)),
            (
                configuration,
                SLURMDBD_CONF.format(
                    host=host, port=port, storage_port=storage_port, folder=self.folder, password=password
                ),
            ),
        ):
            path.touch(0o600)
            path.write_text(text)
        paths = (f"--datadir={data}", f"--socket={self.folder}/database.socket", f"--init-file={user}")
        network = ("--bind-address=127.0.0.1", f"--port={storage_port}", "--skip-name-resolve")
        self.run("mariadbd", "--no-defaults", "--user=root", *paths, *network)
        self.wait_until(lambda: listens(storage_port), "the database listens")
        self.run("slurmdbd", "-D", SLURM_CONF=str(configuration.with_name("slurm.conf")))
        self.wait_until(lambda: self.ask("sacctmgr", "--immediate", "add", "cluster", "lrbench"), "slurmdbd answers")

    def run(self, name: str, *arguments: str, **environment: str) -> None:
        """Start a daemon. It ends with this process, however that ends."""
        with (self.folder / f"{name}.log").open("a") as log:
            self.daemons[name] = subprocess.Popen(
                [name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PATH": os.environ["PATH"] + SYSTEM_PATH} | environment,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop it in order
                preexec_fn=end_with_parent,
            )

    def end(self, name: str) -> None:
        """Stop a daemon that was started here."""
        process = self.daemons.pop(name)
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self) -> None:
        """Cancel every job, stop the daemons, remove what was written."""
        if "slurmctld" in self.daemons:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self.ask("scancel", "--user=root")
                self.wait_until(lambda: not self.jobs(), "every job has ended", seconds=30)
        for name in reversed(list(self.daemons)):
            self.end(name)
        if CONFIGURATION.exists() and CONFIGURATION.read_text().startswith(MARK.format(os.getpid())):
            CONFIGURATION.unlink()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, *command: str) -> str:
        """What one of Slurm's commands prints."""
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout

    def jobs(self) -> list[str]:
        """The ids of jobs that wait, run or are being ended."""
        return self.ask("squeue", "--noheader", "--format=%i").split()

    def states(self) -> dict[str, str]:
        """Every job's state, those included that ended in the last minutes."""
        lines = self.ask("squeue", "--noheader", "--states=all", "--format=%i %T").splitlines()
        return dict(line.split() for line in lines)

    def comments(self, folder: Path) -> list[str]:
        """What the executor wrote on the jobs of a working directory."""
        lines = self.ask("squeue", "--noheader", "--states=all", "--format=%k|%Z").splitlines()
        jobs = (line.split("|") for line in lines)
        return [comment for comment, place in jobs if place == str(folder)]

    def wait_until_idle(self) -> None:
        """Wait for a node that is up and has no job."""
        self.wait_until(lambda: self.ask("sinfo", "--noheader", "--format=%T").strip() == "idle", "the node is idle")

    def wait_until(
        self, condition: Callable[[], object], what: str, process: subprocess.Popen | None = None, seconds: float = 90
    ) -> None:
        """Wait for something that must happen while a process, if one is given, runs on."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert process is None or process.poll() is None, f"ended before {what}"
            assert time.monotonic() < deadline, f"not seen in {seconds} s: {what}\n{self.logs()}"
            time.sleep(0.2)

    def logs(self) -> str:
        """The last lines of every daemon's log."""
        return "\n".join(f"{path.name}:\n{path.read_text()[-2000:]}" for path in sorted(self.folder.glob("*.log")))


def end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


if __name__ == "__main__":
    if sentence := missing():
        print(f"lrbench: {sentence}", file=sys.stderr)
        sys.exit(2)
