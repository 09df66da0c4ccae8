"""docs/notebook.md, run as a notebook beside a real experiment."""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest
from nbclient import NotebookClient
from support.results import write_study_results
from support.studies import sweep
from support.workspace import PROJECT

BLOCKS = re.findall(r"```python\n(.*?)```", (PROJECT / "docs/notebook.md").read_text(), re.DOTALL)
VARIANTS = {"adam": {0.01: 0.95, 0.1: 0.90, 1.0: 0.80}, "sgd": {0.01: 0.80, 0.1: 0.95, 1.0: 0.10}}


@pytest.mark.workflow
def test_the_document_runs_as_a_notebook(base, tmp_path, monkeypatch):
    for folder in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(folder, str(tmp_path / folder))
    shutil.copytree(base.folder / "results" / "tiny", tmp_path / "results" / "tutorial")
    study = write_study_results({name: sweep(scores) for name, scores in VARIANTS.items()}, tmp_path / "results")
    study.rename(study.with_name("optimizers"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(block) for block in BLOCKS])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [
        {kind for output in cell.outputs for kind in output.get("data", {output.output_type: None})}
        for cell in notebook.cells
    ]
    assert {"text/html", "text/plain"} == shown[0]
    assert "<table>" in notebook.cells[0].outputs[0]["data"]["text/html"]
    pictures = [block for block, kinds in zip(BLOCKS, shown, strict=True) if "image/png" in kinds]
    assert pictures == ['print(r.figures)\nr.figure("loss")\n']
    assert (tmp_path / "sweep.pdf").read_bytes().startswith(b"%PDF")
    assert "results/nothing: is no folder" in notebook.cells[-1].outputs[0]["text"]
