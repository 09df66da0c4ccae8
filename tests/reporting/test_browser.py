"""The page in a real browser: offline, with and without scripts, in both themes, narrow, printed."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections import Counter

import pytest

from lrbench.probes.mistakes.counts import HARDEST
from lrbench.stages import figure_ids

playwright = pytest.importorskip("playwright.sync_api")
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
EXTREMES = ["one-seed", "one-rate", "all-failed", "all-diverged", "eight", "thirty"]


@pytest.fixture(scope="module")
def browser():
    path = os.environ.get("LRBENCH_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"none of {', '.join(BROWSERS)} is installed")
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed; LRBENCH_CHROMIUM may name another")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path)
        yield launched
        launched.close()


@pytest.fixture
def opened(browser, report_of):
    """Opens the page of an experiment; what it asked the network for and what the console said are in `seen`."""
    contexts = []

    def opened_page(name="three", width=1280, height=720, **settings):
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.seen = {"requests": [], "console": []}
        page.on("request", lambda request: page.seen["requests"].append(request.url))
        page.on("console", lambda message: page.seen["console"].append(message.text))
        page.on("pageerror", lambda error: page.seen["console"].append(str(error)))
        page.goto((report_of(name) / "made.html").as_uri())
        return page

    yield opened_page
    for context in contexts:
        context.close()


def open_all(page):
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")


def test_nothing_is_asked_of_the_network(opened):
    page = opened()
    open_all(page)
    assert page.seen == {"requests": [page.url], "console": []}
    assert page.locator("link, iframe, object, embed, img[src^=http], [rel~=preconnect]").count() == 0


def test_a_script_that_is_not_ours_does_not_run(opened, report_of, browser, tmp_path):
    tampered = tmp_path / "made.html"
    html = (report_of("three") / "made.html").read_text(encoding="utf-8")
    tampered.write_text(re.sub(r"<script>.*</script>", "<script>document.title='x'</script>", html), encoding="utf-8")
    page = browser.new_page()
    page.goto(tampered.as_uri())
    assert page.title() == "Three learning rates"
    page.close()


def test_without_scripts_everything_is_there_and_works(opened):
    with_scripts, without = opened(), opened(java_script_enabled=False)
    assert without.locator("body").inner_text() == with_scripts.locator("body").inner_text()
    without.get_by_label("Dark").check()
    assert without.locator("body").bounding_box() is not None
    mark = without.locator("#loss .rate-2").first
    assert mark.is_visible()
    without.locator("#show-2").uncheck()
    assert not mark.is_visible()
    details = without.locator("#loss details")
    details.locator("summary").click()
    assert details.locator("table").is_visible()


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_theme_switch_beats_the_system(opened, choice):
    page = opened(color_scheme={"light": "dark", "dark": "light"}[choice])
    paper = "getComputedStyle(document.body).backgroundColor"
    page.locator(f"#theme-{choice}").check()
    assert page.evaluate(paper) == {"light": "rgb(254, 254, 254)", "dark": "rgb(22, 27, 34)"}[choice]


def test_the_theme_is_remembered(opened):
    page = opened()
    page.locator("#theme-dark").check()
    page.reload()
    assert page.locator("#theme-dark").is_checked()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["three", "diverged"])
def test_axe_finds_nothing_serious(opened, name, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(name, color_scheme=theme)
    open_all(page)
    found = [
        (violation["id"], [node["target"] for node in violation["nodes"]][:3])
        for violation in axe.Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical", "moderate")
    ]
    assert found == []


CONTRASTS = """() => {
  const light = text => {
    const [r, g, b] = text.match(/[0-9.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
  }
  const paper = light(getComputedStyle(document.body).backgroundColor)
  const ratio = text => { const own = light(text); return Math.max(own, paper) / Math.min(own, paper) }
  const found = []
  for (const mark of document.querySelectorAll('svg.figure [class^=rate-] :is(path, use)')) {
    const style = getComputedStyle(mark)
    if (style.stroke !== 'none') found.push(ratio(style.stroke))
  }
  return found
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_mark_of_a_rate_stands_out(opened, theme):
    ratios = opened(color_scheme=theme).evaluate(CONTRASTS)
    assert len(ratios) > 100
    assert min(ratios) >= 3


@pytest.mark.parametrize("name", ["three", *EXTREMES])
def test_ids_are_unique_and_links_resolve(report_of, name):
    html = (report_of(name) / "made.html").read_text(encoding="utf-8")
    ids = Counter(re.findall(r'\sid="([^"]*)"', html))
    assert [name for name, times in ids.items() if times > 1] == []
    referred = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)|aria-(?:labelledby|describedby)="([^"]*)"', html)
    assert {name for names in referred for name in names if name} - set(ids) == set()


def test_links_to_files_beside_the_page_resolve(report_of):
    folder = report_of("three")
    links = re.findall(r'href="(made/figures/[^"]*)"', (folder / "made.html").read_text(encoding="utf-8"))
    assert len(links) == 3 * len(figure_ids())
    assert [link for link in links if not (folder / link).is_file()] == []


@pytest.mark.parametrize("name", ["three", "all-failed"])
def test_the_html_is_valid(report_of, name):
    justhtml = pytest.importorskip("justhtml")
    html = (report_of(name) / "made.html").read_text(encoding="utf-8")
    assert [str(error) for error in justhtml.JustHTML(html, collect_errors=True).errors] == []


def test_every_table_row_is_as_long_as_its_head(opened):
    page = opened()
    uneven = page.evaluate(
        "[...document.querySelectorAll('table')].filter(table =>"
        " new Set([...table.rows].map(row => row.cells.length)).size > 1).length"
    )
    assert uneven == 0


def test_the_keyboard_reaches_every_control_in_order_and_shows_where_it_is(opened):
    page = opened()
    page.evaluate(
        "document.querySelectorAll('a[href], input, summary, [tabindex=\"0\"]').forEach((part, place) => "
        "part.dataset.place = place)"
    )
    expected = page.evaluate(
        "[...document.querySelectorAll('[data-place]')].filter(part => part.checkVisibility({contentVisibilityAuto: "
        "true})"
        " && !(part.name === 'theme' && !part.checked)).map(part => part.dataset.place)"
    )
    reached = []
    for _ in expected:
        page.keyboard.press("Tab")
        place, outline = page.evaluate(
            "[document.activeElement.dataset.place, getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert outline != "none"
        reached.append(place)
    assert reached == expected


def test_a_rate_is_hidden_and_shown_with_the_keyboard(opened):
    page = opened()
    page.locator("#show-0").focus()
    mark = page.locator("#accuracy .rate-0").first
    page.keyboard.press("Space")
    assert not mark.is_visible()
    page.keyboard.press("Space")
    assert mark.is_visible()


BEYOND = """width => [...document.querySelectorAll('body *')].filter(part =>
  !part.closest('.scroll > *') && !part.closest('.unseen, .skip') && part.getBoundingClientRect().right > width + 1)
  .map(part => part.tagName + '.' + part.className).slice(0, 5)"""


@pytest.mark.parametrize(("width", "name"), [(360, "three"), (360, "thirty"), (360, "all-failed"), (1280, "thirty")])
def test_nothing_is_wider_than_the_screen(opened, width, name):
    page = opened(name, width=width)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(BEYOND, width) == []


def test_nothing_is_wider_than_a_printed_page(opened):
    page = opened(width=680)
    page.emulate_media(media="print")
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 680


def test_the_first_screen_of_a_projector_holds_the_answer(opened):
    page = opened()
    box = page.locator("#answer").bounding_box()
    assert box["y"] + box["height"] < 720


@pytest.mark.parametrize("spacer", [0, 150, 400])
@pytest.mark.parametrize(
    ("paper", "size"),
    [({"prefer_css_page_size": True}, (595, 842)), ({"width": "8.5in", "height": "11in"}, (612, 792))],
    ids=["A4", "Letter"],
)
def test_the_print_has_the_size_of_the_paper_and_cuts_no_figure(opened, paper, size, spacer):
    pypdf = pytest.importorskip("pypdf")
    page = opened(color_scheme="dark")
    page.add_style_tag(content=f".figures>section::before{{content:'';display:block;height:{spacer}px}}")
    printed = page.pdf(tagged=True, print_background=True, **paper)
    reader = pypdf.PdfReader(io.BytesIO(printed))
    assert [float(side) for side in reader.pages[0].mediabox[2:]] == pytest.approx(size, abs=1)
    figures = figure_pages(reader)
    expected = len(figure_ids()) + 2 + HARDEST  # and the example's picture, the path, and the examples most often wrong
    assert [len(pages) for pages in figures] == [1] * expected


def figure_pages(reader):
    """For each figure of a tagged PDF, the pages that hold some of it."""
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}
    found = []

    def pages(node, inherited=None):
        node = node.get_object()
        if isinstance(node, int):
            return {inherited}
        if isinstance(node, list):
            return set().union(*(pages(part, inherited) for part in node))
        own = numbers[node.raw_get("/Pg").idnum] if "/Pg" in node else inherited
        return pages(node["/K"], own) if "/K" in node else {own} if node.get("/Type") == "/MCR" else set()

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for part in node:
                walk(part)
        elif not isinstance(node, int):
            kind = node.get("/S")
            if kind == "/Figure" and isinstance(node.get("/K"), list | int | dict):
                found.append(pages(node) - {None})
                return
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return [pages for pages in found if pages]


def test_the_print_is_light_and_opens_all_details(opened):
    page = opened(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(28, 36, 48)"
    assert page.locator("#loss details table").is_visible()


@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_experiments_open_without_complaint(opened, name):
    page = opened(name)
    assert page.seen == {"requests": [page.url], "console": []}
    from support import stage_files
    from support.examples import EXAMPLES

    confusions = stage_files.measured(EXAMPLES[name]).chosen is not None
    assert page.locator("svg.figure").count() == len(figure_ids()) - (not confusions)


def test_a_small_table_can_be_saved_from_the_page(opened):
    page = opened(accept_downloads=True)
    with page.expect_download() as waiting:
        page.locator("#downloads a[download='rates.csv']").click()
    assert waiting.value.suggested_filename == "rates.csv"


@pytest.mark.parametrize(
    "text", ["w" * 500, "\u202eright to left", "<script>document.title='x'</script>", '"><img src=x>']
)
def test_hostile_titles_leave_the_layout_whole(opened, report_of, text, tmp_path, browser):
    from support import pages, stage_files
    from support.examples import THREE

    figures = report_of("three") / "made" / "figures"
    html = pages.page(*stage_files.report_inputs(THREE), figures, title=text, dataset_name=text)
    (tmp_path / "made.html").write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto((tmp_path / "made.html").as_uri())
    shown = page.locator("h1").inner_text()
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert (shown, width) == (text, 360)
