"""Running snakemake on config files, as `make report` does: which files are meant, how it is called, waiting for it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from lrbench.errors import InputError
from lrbench.places import PROFILE, PROJECT, SAYS_REPORTS, SNAKEFILE

WORKFLOW_PROFILE = "--workflow-profile"


def config_files(text: str) -> list[str]:
    """The config files that a text names: the one file of this name, or several separated by blanks, as in a shell.

    Raises InputError where the text names none, or a quote in it is not closed.
    """
    if os.path.exists(os.path.expanduser(text)):
        return [text]
    try:
        files = shlex.split(text)
    except ValueError as error:
        raise InputError(
            f"CONFIG is {text!r}, in which a quote is not closed; give the names of config files."
        ) from error
    if not files:
        raise InputError("CONFIG is empty; give the name of a config file.")
    return files


def located(file: str) -> str:
    """The path of a config or a profile, looked for in the working directory, then in the project.

    `~` is the home folder. A path that begins with a dash gets `./` before it, so that no command takes it for an
    option. A file that is in neither place keeps its name.
    """
    path = os.path.expanduser(file)
    in_project = os.path.relpath(PROJECT / path)
    if not os.path.exists(path) and os.path.exists(in_project):
        path = in_project
    return os.path.join(".", path) if path.startswith("-") else path


def snakemake_command(configs: Sequence[str], options: Sequence[str]) -> list[str]:
    """The words of a call of this environment's snakemake, in the working directory, on these config files.

    options : without a workflow profile among them, that of the project is taken
    """
    own = any(option.partition("=")[0] == WORKFLOW_PROFILE for option in options)
    profile = [] if own else [f"{WORKFLOW_PROFILE}={PROFILE}"]
    script = Path(sys.executable).with_name("snakemake")
    program = [str(script)] if script.exists() else ["-P", "-m", "snakemake"]  # a Python with another place for scripts
    return [sys.executable, *program, "--snakefile", str(SNAKEFILE), *profile, *options, "--configfile", *configs]


def run(command: Sequence[str]) -> int:
    """The exit status of a command, which is waited for whatever interrupts this process meanwhile.

    Ctrl-C reaches the command by itself; SIGTERM is passed on to it.
    """
    with_signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    running: list[subprocess.Popen[bytes]] = []
    sys.stdout.flush()  # what was said before comes before what the command says

    def pass_on(number: int, _: FrameType | None) -> None:
        for process in running:
            process.send_signal(number)

    if with_signals[signal.SIGINT] is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)  # a handler, since a command inherits what is ignored
    signal.signal(signal.SIGTERM, pass_on)
    try:
        running.append(subprocess.Popen(command, env={**os.environ, SAYS_REPORTS: "1"}))
        status = running[0].wait()
    finally:
        for number, handler in with_signals.items():
            signal.signal(number, handler)
    return 128 - status if status < 0 else status
