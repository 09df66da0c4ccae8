"""What is taken from finished experiments into other tools: a module each, whose `export` writes and says where.

`export(results, output)` takes the results of an experiment and the place that a person named, a path or an address.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lrbench.errors import InputError

if TYPE_CHECKING:
    from lrbench.api.experiment import Results

MODULES = {  # by what a person names
    "tensorboard": "tensorboard_events",
    "mlflow": "mlflow_runs",
    "csv": "csv_files",
    "latex": "latex_table",
}


def export(kind: str, results: Results, output: str) -> str:
    """Export an experiment; a sentence that says where it is and how it is read.

    kind : a key of MODULES
    output : folder of event files, address of an MLflow store, folder of CSV files, or a file of LaTeX

    Raises InputError where the tool's package is not installed, or the place cannot be that.
    """
    try:
        said: str = import_module(f"{__name__}.{MODULES[kind]}").export(results, output)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "lrbench":
            raise
        raise InputError(
            f"exporting to {kind} needs the Python package {error.name.split('.')[0]}, which is not installed here; "
            f"install lrbench with its extra {kind}, as docs/export.md says."
        ) from error
    return said
