from urllib.parse import unquote

from support import stage_files
from support.examples import THREE

from lrbench.reporting.sections import downloads as section
from lrbench.reporting.sections.downloads import downloads

MADE = {"name": "made", "yaml": "experiment: made\n"}


def test_small_tables_travel_inside_and_large_ones_beside(monkeypatch):
    monkeypatch.setattr(section, "EMBEDDED_BYTES", 3000)
    inside = {file.name: file.href for file in downloads(stage_files.measured(THREE), [], MADE) if file.inside}
    assert "reach.csv" in inside
    assert "epochs.csv" not in inside
    assert inside["reach.csv"].startswith("data:text/csv;charset=utf-8,learning_rate,target,n,")


def test_fingerprints_that_would_fill_the_page_are_left_to_the_table_that_has_them(monkeypatch):
    asked = stage_files.measured(THREE)
    assert "fingerprints.csv" in [file.name for file in downloads(asked, [], MADE)]
    monkeypatch.setattr(section, "FINGERPRINT_BYTES", 10)
    files = {file.name: file.about for file in downloads(asked, [], MADE)}
    assert "fingerprints.csv" not in files
    assert "SHA-256" in files["tables.json"]


def test_the_config_travels_inside_as_it_is():
    text = 'experiment: made\ntitle: 100 % ✓ # "quoted" & <b>\n'
    config = downloads(stage_files.measured(THREE), [], {"name": "made", "yaml": text})[0]
    assert (config.name, config.inside) == ("made.yaml", True)
    assert unquote(config.href.partition(",")[2]) == text
