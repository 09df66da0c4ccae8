"""What `lrbench publish` writes: a folder that stands alone, the same bytes each time, and nothing of others lost."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

import pytest
from support import stage_files
from support.examples import THREE

from lrbench.cli import main
from lrbench.workspace import published

SITE = Path("out/site")


@pytest.fixture
def work(report_of, tmp_path, monkeypatch):
    """A working directory with a finished experiment, and one that only began."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(report_of("three"), tmp_path / "reports")
    results = tmp_path / "results/made"
    stage_files.write_experiment(THREE(), results)
    for path in (results / "analysis").iterdir():
        path.rename(results / path.name)
    for folder in (results / "dataset", tmp_path / "results/begun/dataset"):
        folder.mkdir(parents=True)
        shutil.copy(results / "manifest.json", folder)
    return tmp_path


def publish(*more: str, status: int = 0) -> None:
    assert main(["publish", str(SITE), *more]) == status


def contents(folder: Path = SITE) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_link_of_the_folder_leads_into_it(work, capsys):
    publish()
    assert capsys.readouterr().out.splitlines() == [
        "left out: begun: It is not finished: nothing was concluded from its runs yet. Run snakemake on its config.",
        "out/site: published made; open out/site/index.html",
    ]
    assert {path for path in contents() if path.endswith(".html")} == {"index.html", "made.html"}
    for page in SITE.glob("*.html"):
        links = re.findall(r'<a\b[^>]*?href="(?!#|data:)([^"]*)"', page.read_text())
        assert links
        assert [link for link in links if link.startswith(("/", "..")) or not (SITE / link).is_file()] == []
    assert "begun" not in (SITE / "index.html").read_text()


def test_published_twice_it_has_the_same_bytes(work):
    publish()
    before = contents()
    assert (before["previews/made.png"][:8], len(before["previews/made.png"]) < 300_000) == (b"\x89PNG\r\n\x1a\n", True)
    publish()
    assert contents() == before
    assert [path.name for path in SITE.parent.iterdir()] == ["site"]


def test_the_sums_are_those_of_all_files(work):
    publish()
    found = contents()
    first, *lines = found.pop("SHA256SUMS").decode().splitlines()
    assert first.startswith("#")
    assert lines == [f"{hashlib.sha256(found[path]).hexdigest()}  {path}" for path in sorted(found)]


def test_where_the_address_is_known_previews_name_it(work):
    publish("--address", "https://example.org/a&b/")
    page = (SITE / "made.html").read_text()
    assert '<meta property="og:url" content="https://example.org/a&amp;b/made.html">' in page
    assert '<meta property="og:image" content="https://example.org/a&amp;b/previews/made.png">' in page
    assert '<link rel="canonical" href="https://example.org/a&amp;b/">' in (SITE / "index.html").read_text()
    publish()
    assert '<meta property="og:image" content="previews/made.png">' in (SITE / "made.html").read_text()


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org", "https://", "javascript:alert(1)"])
def test_an_address_that_is_none_is_refused(work, capsys, address):
    publish("--address", address, status=2)
    assert "must begin with https:// or http:// and name a host" in capsys.readouterr().err
    assert not SITE.exists()


FOREIGN = {
    "has CNAME, which lrbench did not publish": lambda: (SITE / "CNAME").touch(),
    "made.html in it was changed": lambda: (SITE / "made.html").write_text("mine"),
    "was not published by lrbench": lambda: (SITE / "SHA256SUMS").write_text("of something else"),
}


@pytest.mark.parametrize("problem", FOREIGN)
def test_what_others_put_there_is_not_written_over(work, capsys, problem):
    publish()
    FOREIGN[problem]()
    before = contents()
    capsys.readouterr()
    publish(status=2)
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line
    assert contents() == before


def test_the_working_folder_itself_is_not_written_over(work, capsys):
    assert main(["publish", "."]) == 2
    assert (
        capsys.readouterr().err == "lrbench: .: is not empty and was not published by lrbench; name another folder.\n"
    )


def test_where_nothing_is_finished_nothing_is_written(work, capsys):
    shutil.rmtree(work / "results/made")
    publish(status=2)
    assert "nothing is finished that could be published (begun: It is not finished" in capsys.readouterr().err
    shutil.rmtree(work / "results")
    publish(status=2)
    assert "there are no results here" in capsys.readouterr().err
    assert not SITE.parent.exists()


def test_an_old_page_is_left_out(work, capsys):
    page = work / "reports/made.html"
    page.write_text(re.sub(r'(made-from" content=")\w{4}', r"\g<1>0000", page.read_text()))
    publish(status=2)
    assert "made: Its page was not made from the results that are there" in capsys.readouterr().err


def test_a_file_that_is_gone_is_said(work, capsys):
    (work / "reports/made/figures/loss.svg").unlink()
    publish(status=2)
    assert "loss.svg: is not there, but a page links to it" in capsys.readouterr().err
    assert not SITE.exists()


@pytest.mark.parametrize("moment", ["sync", "rename"])
def test_what_fails_midway_leaves_the_folder_as_it_was(work, monkeypatch, moment):
    publish()
    before = contents()
    real, calls = {"sync": published.sync, "rename": os.rename}[moment], []

    def failing(*arguments):
        calls.append(arguments)
        if len(calls) == 2:  # the second file, or the new folder's turn
            raise OSError(28, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(published if moment == "sync" else os, moment, failing)
    publish("--address", "https://example.org", status=1)
    assert contents() == before
    assert [path.name for path in SITE.parent.iterdir()] == ["site"]


def test_a_link_to_a_page_that_is_not_there_becomes_plain_text(work):
    page = work / "reports/made.html"
    page.write_text(page.read_text().replace("</main>", '<a href="begun.html">begun</a><a href="../../x">x</a></main>'))
    publish()
    assert "<span>begun</span><span>x</span></main>" in (SITE / "made.html").read_text()


def test_the_page_works_from_there(work, browser):
    publish()
    page, seen = browser.new_page(), []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(message.text))
    page.goto((SITE.resolve() / "index.html").as_uri())
    page.get_by_role("link", name="made").click()
    assert page.locator("h1").inner_text() == "Three learning rates"
    assert seen == [(SITE.resolve() / name).as_uri() for name in ("index.html", "made.html")]
    page.close()
