"""The IDX reader under inputs that atheris makes to reach every branch of it."""

from __future__ import annotations

import gzip
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.samples import TRAIN_IMAGES, TRAIN_LABELS, idx_files

TARGET = Path(__file__).with_name("idx_target.py")
INPUTS = 200_000
OPTIONS = ["-keep_seed=1", "-reduce_inputs=0", "-print_final_stats=1"]


@pytest.mark.long
@pytest.mark.fuzz
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this platform")
def test_inputs_guided_by_coverage_give_an_array_or_one_sentence(tmp_path, record_property):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    good = idx_files()
    for choice in range(6):
        content = good[TRAIN_IMAGES if choice & 1 else TRAIN_LABELS]
        stored = gzip.compress(content, mtime=0) if choice % 3 == 2 else content
        (corpus / str(choice)).write_bytes(bytes([choice]) + stored)
    search = os.pathsep.join([str(TARGET.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, TARGET, f"-runs={INPUTS}", "-seed=1", "-max_len=200", *OPTIONS, corpus],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": search, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    executed = re.search(r"^stat::number_of_executed_units: +(\d+)$", done.stderr, re.MULTILINE)
    record_property("inputs", int(executed[1]) if executed else 0)
    assert done.returncode == 0, done.stderr[-5000:]
    assert executed, done.stderr[-5000:]
    assert int(executed[1]) >= INPUTS
