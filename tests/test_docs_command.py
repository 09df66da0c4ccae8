"""`lrbench docs`: the documents that come with lrbench, as they are, and what their names are."""

from __future__ import annotations

import re

import pytest

from lrbench.cli import main
from lrbench.commands.documents import documents
from lrbench.places import CONFIGS, PROJECT


def test_it_lists_each_document_with_its_title(capsys):
    assert main(["docs"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines.keys() == {"config", *(path.stem for path in PROJECT.glob("docs/*.md"))}
    assert (lines["config"], lines["models"]) == ("Config files", "Your own model")


@pytest.mark.parametrize(("name", "file"), [("config", "config/README.md"), ("search", "docs/search.md")])
def test_it_prints_one_as_it_is(capsys, name, file):
    assert main(["docs", name]) == 0
    assert capsys.readouterr().out == (PROJECT / file).read_text(encoding="utf-8")


def test_a_name_that_no_document_has_is_refused_with_the_nearest(capsys):
    assert main(["docs", "metrisc"]) == 2
    assert capsys.readouterr() == (
        "",
        "lrbench: no document is called 'metrisc' (did you mean metrics?); lrbench docs lists those that there are.\n",
    )


def test_configs_to_begin_with_name_only_documents_and_commands_that_a_wheel_has():
    text = "".join(path.read_text(encoding="utf-8") for path in CONFIGS.rglob("*.yaml"))
    assert set(re.findall(r"lrbench docs (\w+)", text)) <= documents().keys()
    assert "lrbench docs config" in text
    assert re.findall(r"docs/\w+|README|make report|snakemake --\S+|config/\w+\.yaml", text) == []
