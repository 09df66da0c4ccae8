"""What `lrbench --print-completion` prints for a shell."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from lrbench.cli import main
from lrbench.flags import parser
from lrbench.parsers import SHELLS
from lrbench.settings.shipped import shipped_configs

ASK = """
cd {folder}; . ./completion
words() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _shtab_lrbench; echo "${{COMPREPLY[@]}}"; }}
"""


@pytest.fixture
def script(tmp_path, capsys):
    def written(shell: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["--print-completion", shell])
        assert ended.value.code == 0
        text = capsys.readouterr().out
        (tmp_path / "completion").write_text(text)
        return text

    return written


@pytest.mark.parametrize("shell", SHELLS)
def test_every_subcommand_is_completed(script, shell):
    text = script(shell)
    (commands,) = (action.choices for action in parser()._actions if isinstance(action.choices, dict))
    assert [name for name in commands if name not in text] == []
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=text, text=True, check=True)


def test_bash_completes_commands_choices_and_files(script, tmp_path):
    script("bash")
    (tmp_path / "mine.yaml").touch()

    def completed(*words: str) -> list[str]:
        ask = f"{ASK.format(folder=tmp_path)} words {' '.join(repr(word) for word in words)}"
        return subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True).stdout.split()

    assert completed("lrbench", "ne") == ["new", "next"]
    assert set(completed("lrbench", "new", "--from", "")) == set(shipped_configs())
    assert completed("lrbench", "run", "mi") == ["mine.yaml"]


def test_another_shell_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", "ksh"])
    assert ended.value.code == 2
    assert "invalid choice: 'ksh'" in capsys.readouterr().err
