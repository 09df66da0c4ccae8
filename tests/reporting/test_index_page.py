"""The index page: a line for each experiment and study, its answer, and what is wrong with it, never a crash."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support import stage_files
from support.shared import made_once
from support.studies import sweep, write_study

from lrbench.cli import main
from lrbench.errors import WorkError
from lrbench.identity.provenance import read_json, write_sealed
from lrbench.places import TEMPLATES
from lrbench.reporting.index import page as index_page
from lrbench.reporting.index.lines import read_lines
from lrbench.reporting.index.settings import split_settings
from lrbench.reporting.templates import read_templates
from lrbench.workspace.contents import lines_of_index, names_with_results

LOW = {0.01: 0.95, 0.1: 0.90, 1.0: 0.80}
HIGH = {0.01: 0.80, 0.1: 0.95, 1.0: 0.10}
NAMES = ["s", "s-adam", "s-sgd", "wide"]


def laid_out(folder: Path) -> None:
    """Put what `stage_files` writes where the workflow has it."""
    (folder / "dataset").mkdir()
    (folder / "manifest.json").rename(folder / "dataset/manifest.json")
    for path in (folder / "analysis").iterdir():
        path.rename(folder / path.name)
    (folder / "analysis").rmdir()


def make(folder: Path) -> None:
    """A working directory with a study of two variants and another experiment, each with a page."""
    results, reports = folder / "results", folder / "reports"
    results.mkdir()
    reports.mkdir()
    asked = write_study({"s-adam": sweep(LOW), "s-sgd": sweep(HIGH)}, results)
    for variant, label in zip(asked["variants"], ("adam", "a <b>"), strict=True):
        variant |= {"name": variant["label"], "label": label}
    (results / "wide").mkdir()
    stage_files.write_experiment(sweep(LOW, seeds=3), results / "wide")
    for name in NAMES[1:]:
        laid_out(results / name)
    flags = [[f"--{flag}", *(str(results / name / file) for name in NAMES[1:3])] for flag, file in FILES]
    assert main(["compare", "--study", json.dumps(asked), *flags[0], *flags[1], "--output", str(results / "s")]) == 0
    for name in NAMES:
        (reports / f"{name}.html").write_text("a page")


FILES = (("tables", "tables.json"), ("analysed", "analysis.json"))


@pytest.fixture
def folder(tmp_path_factory, tmp_path, monkeypatch):
    shutil.copytree(made_once(tmp_path_factory, "index page", make), tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def lines(names=NAMES):
    return {line.name: line for line in read_lines(Path("results"), Path("reports"), names)}


def write(names=NAMES, status=0):
    flags = ["--results", "results", "--reports", "reports", "--output", "reports/index.html"]
    assert main(["index", "--names", *names, *flags]) == status
    return Path("reports/index.html").read_text()


@pytest.mark.usefixtures("folder")
def test_every_experiment_and_study_has_its_answer_and_its_link():
    page = write()
    assert page.count('<article class="card"') == 4
    for name in NAMES:
        assert f'<a href="{name}.html">' in page
    assert "1 study and 3 experiments." in page
    found = lines()
    assert found["s"].answer.startswith("The best learning rate depends on the variant: it is 0.01 for adam")
    assert found["s-sgd"].answer.startswith("Train with 0.1")
    assert "2 variants that differ in what each variant changes: adam, a &lt;b&gt;" in page
    assert [line.problem for line in found.values()] == [""] * 4
    assert [line.title for line in found.values()] == ["A study", *["a variant of s"] * 2, ""]


@pytest.mark.usefixtures("folder")
def test_settings_that_differ_stand_with_each_and_others_once():
    shared, differing = split_settings([line.settings for line in lines().values() if line.kind == "experiment"])
    assert differing == ["Seeds"]
    assert shared["Optimizer"].startswith("adam (")
    page = write()
    assert page.count("Seeds 5") == 2
    assert page.count("Seeds 3") == 1
    assert split_settings([{"Seeds": "5"}]) == ({"Seeds": "5"}, [])


@pytest.mark.usefixtures("folder")
def test_the_order_is_that_of_names_and_the_bytes_repeat():
    before = write()
    assert write(list(reversed(NAMES))) == before
    assert list(lines(reversed(NAMES))) == NAMES


def spoil(name):
    path = Path("results/wide") / name
    path.write_text(path.read_text().replace("0", "1"))


def resealed():
    write_sealed("results/wide/tables.json", read_json("results/wide/tables.json") | {"settings": {}})


DAMAGES = {
    "the recommendation is another": (lambda: spoil("recommendation.json"), "recommendation.json: has changed since"),
    "the index of the analysis": (lambda: spoil("analysis.json"), "analysis.json: has changed since"),
    "the tables": (lambda: spoil("tables.json"), "tables.json: has changed since"),
    "tables of others, sealed": (resealed, "analysis.json: is of other tables"),
    "the manifest": (lambda: Path("results/wide/dataset/manifest.json").unlink(), "manifest.json: cannot be read"),
    "half a file": (lambda: Path("results/wide/analysis.json").write_text('{"files"'), "is not JSON or is cut short"),
    "no analysis yet": (lambda: Path("results/wide/analysis.json").unlink(), "It is not finished"),
    "a folder in its place": (
        lambda: (Path("results/wide/tables.json").unlink(), Path("results/wide/tables.json").mkdir()),
        "tables.json",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.usefixtures("folder")
def test_what_is_damaged_or_half_finished_is_said_in_its_line(damage):
    spoiled, text = DAMAGES[damage]
    spoiled()
    line = lines()["wide"]
    assert line.answer == ""
    assert text in line.problem
    page = write()
    assert page.count("no answer") == 1
    assert "1 study and 3 experiments, 1 of 4 without an answer." in page


@pytest.mark.usefixtures("folder")
def test_a_study_whose_variants_changed_since_is_no_answer():
    shutil.rmtree("results/s-sgd")
    found = lines()
    assert "its variants were analysed anew, or removed, since" in found["s"].problem
    assert "It is not finished" in found["s-sgd"].problem
    Path("results/s/findings.json").write_text("{}")
    assert "findings.json: has changed since" in lines()["s"].problem


@pytest.mark.usefixtures("folder")
def test_without_its_page_an_answer_stands_without_a_link():
    Path("reports/wide.html").unlink()
    line = lines()["wide"]
    assert line.answer
    assert line.problem == "Its page is not there; run snakemake on its config."
    assert 'href="wide.html"' not in write()


def test_what_has_results_is_found(folder):
    (folder / "results/runs").mkdir()
    (folder / "results/Foreign").mkdir()
    (folder / "results/empty").mkdir()
    (folder / "results/.configs").mkdir()
    begun = folder / "results/begun/dataset"
    begun.mkdir(parents=True)
    shutil.copy(folder / "results/wide/dataset/manifest.json", begun)
    assert names_with_results(folder) == ["begun", *NAMES]
    assert names_with_results(folder / "nowhere") == []


def test_the_page_is_made_from_the_same_files_whichever_experiment_is_asked_for(folder):
    whole = lines_of_index(folder, NAMES[1:], ["s"])
    assert whole[0] == NAMES
    assert [path for path in whole[1] if not Path(path).is_file()] == []
    assert lines_of_index(folder, ["wide"], []) == lines_of_index(folder, NAMES[1:3], ["s"]) == whole
    names, files = lines_of_index(folder, ["later"], [])
    assert names == sorted([*NAMES, "later"])
    assert set(files) - set(whole[1]) == {
        *(f"results/later/{name}.json" for name in ("tables", "analysis", "recommendation", "dataset/manifest")),
        "reports/later.html",
    }
    Path("results/wide/analysis.json").unlink()
    assert set(whole[1]) - set(lines_of_index(folder, [], [])[1]) == {"results/wide/analysis.json"}


@pytest.mark.usefixtures("folder")
def test_no_experiment_is_a_page_too():
    assert "There is no experiment here yet." in write([])


@pytest.mark.usefixtures("folder")
def test_an_index_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(index_page, "MAX_BYTES", 5_000)
    with pytest.raises(WorkError, match="over its limit of 5000"):
        index_page.render_index(list(lines().values()), read_templates(TEMPLATES, {}))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_works_in_a_browser(folder, browser, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    spoil("recommendation.json")
    write()
    context = browser.new_context(viewport={"width": 360, "height": 800}, offline=True, color_scheme=theme)
    page, seen = context.new_page(), []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(message.text))
    page.goto((folder / "reports/index.html").as_uri())
    assert seen == [(folder / "reports/index.html").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    violations = axe.Axe().run(page).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in ("serious", "critical", "moderate")] == []
    context.close()


@pytest.mark.usefixtures("folder")
def test_the_html_is_valid():
    justhtml = pytest.importorskip("justhtml")
    assert [str(error) for error in justhtml.JustHTML(write(), collect_errors=True).errors] == []
