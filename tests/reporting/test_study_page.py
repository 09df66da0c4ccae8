"""The page of a study, by the commands that make it: what it shows, the same bytes again, and refusals."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from support.shared import made_once
from support.studies import sweep, write_study

from lrbench.cli import main
from lrbench.errors import WorkError
from lrbench.places import TEMPLATES
from lrbench.rechecking import recheck_study

LOW = {0.01: 0.95, 0.1: 0.90, 1.0: 0.80}
HIGH = {0.01: 0.80, 0.1: 0.95, 1.0: 0.10}


def paths(folder: Path, names) -> dict[str, list[str]]:
    return {
        "tables": [str(folder / name / "tables.json") for name in names],
        "analysed": [str(folder / name / "analysis" / "analysis.json") for name in names],
    }


def compare(folder: Path, asked, names) -> int:
    given = paths(folder, names)
    flags = ["--tables", *given["tables"], "--analysed", *given["analysed"], "--output", str(folder / "results")]
    return main(["compare", "--study", json.dumps(asked), *flags])


def write_page(folder: Path, asked) -> int:
    flags = ["--compared", str(folder / "results/study.json"), "--figures", str(folder / "s/figures")]
    flags += ["--config", "s.yaml", "--output", str(folder / "s.html")]
    return main(["study", "--study", json.dumps(asked), *flags])


NAMES = ("adam", "a <b> & c")


def make(folder: Path) -> None:
    asked = write_study(dict(zip(("adam", "sgd"), (sweep(LOW), sweep(HIGH)), strict=True)), folder)
    asked["variants"][1]["label"] = NAMES[1]
    (folder / "asked.json").write_text(json.dumps(asked))
    assert compare(folder, asked, ("adam", "sgd")) == 0
    assert write_page(folder, asked) == 0


@pytest.fixture
def made(tmp_path_factory, tmp_path):
    """A folder with a study's comparison and page, and the study as the commands are told of it."""
    folder = shutil.copytree(made_once(tmp_path_factory, "study page", make), tmp_path / "study")
    return folder, json.loads((folder / "asked.json").read_text())


def test_the_page_says_the_answer_and_shows_every_variant(made):
    folder, _ = made
    page = (folder / "s.html").read_text()
    assert "The best learning rate depends on the variant: it is 0.01 for adam and 0.1 for a &lt;b&gt; &amp; c." in page
    assert "<b> & c" not in page
    assert page.count('<article class="card') == 8 + 4
    assert "base:\n  learning_rates: [0.0001, 0.001, 0.01, 0.1, 1]" in page
    assert "<code>lrbench make s.yaml</code>" in page.split('<section id="next"')[1].split("</section>")[0]
    assert "lrbench next" not in page
    for figure in ("accuracy-by-rate", "best-rates"):
        assert f'<section id="{figure}"' in page
        for kind in ("svg", "png", "pdf", "csv"):
            assert (folder / "s/figures" / f"{figure}.{kind}").stat().st_size > 100
    assert 'href="s-adam.html"' in page
    assert "not every run learns" not in page
    assert len(page.encode()) < 500_000
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_same_inputs_give_the_same_bytes(made):
    folder, asked = made
    before = (folder / "s.html").read_bytes()
    assert compare(folder, asked, ("adam", "sgd")) == 0
    assert write_page(folder, asked) == 0
    assert (folder / "s.html").read_bytes() == before


def test_what_the_page_rests_on_is_computed_again(made):
    folder, asked = made
    given = paths(folder, ("adam", "sgd")) | {
        "compared": str(folder / "results/study.json"),
        "config": "s.yaml",
        "figures": str(folder / "s/figures"),
        "page": str(folder / "s.html"),
        "study": asked,
    }
    assert "the study s and what it rests on came out the same" in recheck_study(given, TEMPLATES)
    page = folder / "s.html"
    page.write_text(page.read_text().replace("adam", "Adam", 1))
    with pytest.raises(WorkError, match=r"s\.html: differs from what comes out of the figures"):
        recheck_study(given, TEMPLATES)
    pairs = folder / "results/pairs.csv"
    pairs.write_text(pairs.read_text().replace("True", "False"))
    with pytest.raises(WorkError, match=r"pairs\.csv: differs from what comes out of the analyses"):
        recheck_study(given, TEMPLATES)


def test_other_inputs_are_refused(made, capsys):
    folder, asked = made
    assert compare(folder, asked, ("adam",)) == 2
    assert "the study has 2 variants, but there are 1 of --tables" in capsys.readouterr().err
    assert write_page(folder, asked | {"title": "Other"}) == 2
    assert "is of another study than was asked for" in capsys.readouterr().err
    (folder / "results/pairs.csv").write_text("one\n")
    assert write_page(folder, asked) == 2
    assert "pairs.csv: has changed since" in capsys.readouterr().err


def test_a_study_of_another_shape_is_refused(made, capsys):
    folder, asked = made
    assert compare(folder, asked | {"variants": []}, ("adam", "sgd")) == 2
    assert capsys.readouterr().err.startswith("lrbench: --study: variants")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_works_in_a_browser(made, browser, theme):
    folder, _ = made
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    context = browser.new_context(viewport={"width": 360, "height": 800}, offline=True, color_scheme=theme)
    page, seen = context.new_page(), []
    page.set_default_timeout(10_000)
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(message.text))
    page.goto((folder / "s.html").as_uri())
    assert seen == [(folder / "s.html").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    violations = axe.Axe().run(page).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in ("serious", "critical", "moderate")] == []
    marks = page.locator("svg.figure .rate-1").first
    assert marks.is_visible()
    page.locator("#show-1").uncheck()
    assert not marks.is_visible()
    context.close()


def test_the_page_works_without_scripts_and_refuses_those_of_others(made, browser):
    folder, _ = made
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((folder / "s.html").as_uri())
    marks = page.locator("svg.figure .rate-1").first
    page.locator("#show-1").uncheck()
    assert not marks.is_visible()
    page.locator("#theme-dark").check()
    assert page.locator(":root").evaluate("root => getComputedStyle(root).colorScheme") == "dark"
    context.close()
    foreign = folder / "foreign.html"
    foreign.write_text((folder / "s.html").read_text().replace("</body>", "<script>document.title='x'</script></body>"))
    page = browser.new_page()
    page.goto(foreign.as_uri())
    assert page.title() == "A study"


def test_the_print_is_as_wide_as_the_paper(made, browser):
    folder, _ = made
    page = browser.new_page(viewport={"width": 680, "height": 900})
    page.emulate_media(media="print")
    page.goto((folder / "s.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 680


def test_the_html_is_valid_and_its_links_resolve(made):
    folder, _ = made
    justhtml = pytest.importorskip("justhtml")
    html = (folder / "s.html").read_text()
    assert [str(error) for error in justhtml.JustHTML(html, collect_errors=True).errors] == []
    referred = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)|aria-(?:labelledby|describedby)="([^"]*)"', html)
    assert {name for names in referred for name in names if name} - set(re.findall(r'\sid="([^"]*)"', html)) == set()
    links = re.findall(r'href="(s/figures/[^"]*)"', html)
    assert len(links) == 8
    assert [link for link in links if not (folder / link).is_file()] == []
