"""A small workflow of somebody else's, that uses lrbench as a module and goes on with what it finds."""

from __future__ import annotations

from pathlib import Path

import yaml
from support.workspace import CONFIG, write_blobs

SNAKEFILE = """\
configfile: "config.yaml"


workdir: "work"


module lrbench:
    snakefile:
        "{snakefile}"
    config:
        config["rates"]
    prefix:
        "lr"


use rule * from lrbench as lrbench_*


rule best:
    default_target: True
    input:
        "lr/results/tiny/rates.csv",
        "lr/results/other/rates.csv",
    output:
        "rates.txt",
    shell:
        "wc -l {{input}} > {{output}}"
"""


def write_outer(folder: Path, snakefile: Path) -> None:
    """Write the workflow and its config: two experiments, one named as a file, one whose settings stand there."""
    (folder / "work").mkdir(parents=True)
    write_blobs(folder / "work/blobs.npz")
    (folder / "work/tiny.yaml").write_text(yaml.safe_dump(CONFIG, sort_keys=False))
    own = CONFIG | {"experiment": "other", "learning_rates": ["1e-1"]}
    (folder / "config.yaml").write_text(yaml.safe_dump({"rates": {"configs": ["tiny.yaml", own]}}, sort_keys=False))
    (folder / "Snakefile").write_text(SNAKEFILE.format(snakefile=snakefile))
