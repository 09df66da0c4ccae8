"""Names that several stages share: of rates, tables, conclusions and figures, and of a data set's files.

Apart from lrbench.experiment, so that an edit of how configs are read makes no stage run again.
"""

from __future__ import annotations

import os

# What analysis writes beside an experiment's tables: tables as CSV, conclusions as JSON. Workflow files read the
# tables' names here, since they import no table; a test holds them equal to those of lrbench.tables.analysis.
ANALYSIS_TABLES = ("runs", "targets", "reach", "rates", "comparisons")
CONCLUSIONS = ("across", "recommendation", "observations", "claims")
# The report's figures, in the order in which it shows them; each is drawn as SVG and PNG, with its data as CSV.
FIGURES = (
    "loss",
    "accuracy",
    "first-epoch",
    "sweep",
    "steps-to-target",
    "stability",
    "gradients",
    "differences",
    "loss-along-step",
)
IDX_FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def rate_label(learning_rate: float) -> str:
    """The one way to write a learning rate: the shortest text that reads back as the same number."""
    return repr(float(learning_rate)).removesuffix(".0")


def dataset_files(path: str) -> tuple[str, ...]:
    """The files of a data set, plain before gzipped; a missing one is named by its plain name."""
    if not os.path.isdir(path):
        return (path,)
    names = []
    for name in IDX_FILES.values():
        plain = os.path.join(path, name)
        names.append(plain if os.path.exists(plain) or not os.path.exists(f"{plain}.gz") else f"{plain}.gz")
    return tuple(names)
