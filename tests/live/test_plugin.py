"""Snakemake's logger plugin: found by its name, light, and silent where snakemake's own words are asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml
from snakemake.settings.enums import Quietness
from snakemake.settings.types import OutputSettings
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry
from snakemake_interface_logger_plugins.tests import TestLogHandlerBase

import snakemake_logger_plugin_lrbench as plugin
from lrbench.places import PROJECT


class TestHandler(TestLogHandlerBase):
    __test__ = True

    def get_log_handler_cls(self):
        return plugin.LogHandler

    def get_log_handler_settings(self):
        return plugin.LogHandlerSettings()


def test_snakemake_finds_it_and_the_profiles_ask_for_it():
    assert LoggerPluginRegistry().get_plugin("lrbench").log_handler is plugin.LogHandler
    for name in ("default", "slurm"):
        assert yaml.safe_load((PROJECT / "profiles" / name / "config.yaml").read_text())["logger"] == "lrbench"


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ({}, False),
        ({"quiet": {Quietness.REASON, Quietness.HOST}}, False),
        ({"nocolor": True, "show_failed_logs": True}, False),
        ({"quiet": {Quietness.PROGRESS}}, True),
        ({"quiet": {Quietness.RULES}}, True),
        ({"quiet": {Quietness.ALL}}, True),
        ({"verbose": True}, True),
        ({"printshellcmds": True}, True),
        ({"debug_dag": True}, True),
        ({"dryrun": True}, True),
    ],
)
def test_other_options_of_snakemake_keep_their_meaning(asked, plain):
    handler = plugin.LogHandler(OutputSettings(**asked), plugin.LogHandlerSettings())
    assert (handler._show is None) == plain


def test_snakemake_s_own_words_can_be_asked_for():
    assert plugin.LogHandler(OutputSettings(), plugin.LogHandlerSettings(plain=True))._show is None


def test_to_import_it_loads_nothing_else_of_lrbench():
    code = "import snakemake_logger_plugin_lrbench, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"lrbench", "rich", "pandas", "numpy", "tensorflow", "snakemake"}


def test_what_shows_a_run_loads_neither_pandas_nor_tensorflow():
    code = "import lrbench.live.show, lrbench.live.screens, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "matplotlib", "tensorflow", "keras"} & set(json.loads(done.stdout))
