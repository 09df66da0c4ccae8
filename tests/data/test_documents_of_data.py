"""Every example of docs/data.md: its data are written, and its config is checked, read and split."""

from __future__ import annotations

import re

import pytest
from support.configs import config

from lrbench.data.formats import FORMATS
from lrbench.data.manifest import dataset_manifest
from lrbench.learning.outline import check_outline
from lrbench.places import PROJECT
from lrbench.settings.config import Dataset
from lrbench.settings.experiment import read_experiments

TEXT = (PROJECT / "docs" / "data.md").read_text()
EXAMPLES = re.findall(
    r"^## An? ([^\n]*)\n(?:(?!^## ).)*?```python\n(.*?)```\n\n```yaml\ndataset: (.*?)```", TEXT, re.DOTALL | re.M
)


@pytest.mark.parametrize(("code", "dataset"), [example[1:] for example in EXAMPLES], ids=[one[0] for one in EXAMPLES])
def test_an_example_is_read_as_it_says(here, code, dataset):
    exec(code, {})  # noqa: S102  # our own document
    (here / "config.yaml").write_text(config(dataset=dataset))
    experiment = read_experiments(["config.yaml"])["mine"]
    check_outline(experiment.dataset_path, experiment.split_settings)
    manifest = dataset_manifest(experiment.dataset_path, experiment.split_settings)
    assert manifest["classes"] == len(manifest["class_names"])
    assert min(manifest["parts"]["train"]["class_counts"]) > 0


def test_every_format_has_an_example_and_every_option_is_explained():
    assert len(EXAMPLES) == len(FORMATS)
    options = {option for form in FORMATS for option in form.OPTIONS}
    assert {option for option in options if f"`dataset.{option}" not in TEXT} == set()
    assert options <= set(Dataset.model_fields)
