"""The page in a real browser: offline, with and without scripts, in both themes, on narrow and wide screens."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from support.browser import open_all

from lrbench.stages import figure_ids

EXTREMES = ["one-seed", "one-rate", "all-failed", "all-diverged", "eight", "thirty"]


def test_nothing_is_asked_of_the_network(opened):
    page = opened()
    open_all(page)
    assert page.seen == {"requests": [page.url], "console": []}
    assert (
        page.locator(
            "link:not([rel=icon][href^='data:']), iframe, object, embed, img[src^=http], [rel~=preconnect]"
        ).count()
        == 0
    )


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
    with_scripts.locator(".copy").evaluate("button => button.remove()")  # it is of no use without scripts
    assert not without.locator(".copy").is_visible()
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


def test_the_answer_is_copied_with_its_link(opened):
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{page.url}#claims")
    page.locator(".copy").click()
    page.get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    answer = page.locator(".statement").text_content().replace("\N{NO-BREAK SPACE}", " ")
    assert copied == [answer, page.url.replace("#claims", "#answer")]


def test_where_nothing_can_be_copied_the_answer_is_selected(opened):
    page = opened()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator(".copy").click()
    assert page.evaluate("getSelection().toString()") == page.locator(".statement").inner_text()
    assert page.locator(".copy").inner_text() == "Selected, copy it by keyboard"


def test_every_observation_claim_and_figure_shows_its_link(opened):
    page = opened(java_script_enabled=False)
    links = page.locator(".permalink")
    shown = {link.get_attribute("href")[1:] for link in links.all()}
    cards = page.locator("[id^=observation-].card, [id^=claim-].card, section:has(> figure)").all()
    assert shown == {card.get_attribute("id") for card in cards}
    assert page.locator("#loss .permalink").is_visible()


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
    assert len(links) == 4 * len(figure_ids())
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
        "document.querySelectorAll('a[href], button, input, summary, [tabindex=\"0\"]').forEach((part, place) => "
        "part.dataset.place = place)"
    )
    expected = page.evaluate(
        "[...document.querySelectorAll('[data-place]')].filter(part => part.checkVisibility({contentVisibilityAuto: "
        "true})"
        " && !(part.type === 'radio' && !part.checked)).map(part => part.dataset.place)"
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


def test_the_first_screen_of_a_projector_holds_the_answer(opened):
    page = opened()
    box = page.locator("#answer").bounding_box()
    assert box["y"] + box["height"] < 720


@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_experiments_open_without_complaint(opened, name):
    page = opened(name)
    assert page.seen == {"requests": [page.url], "console": []}
    from support import stage_files
    from support.examples import EXAMPLES

    confusions = stage_files.measured(EXAMPLES[name]).chosen is not None
    assert page.locator("svg.figure").count() == len(figure_ids()) - (not confusions)


@pytest.mark.parametrize("file", ["rates.csv", "made.yaml"])
def test_a_small_file_can_be_saved_from_the_page(opened, file):
    page = opened(accept_downloads=True)
    with page.expect_download() as waiting:
        page.locator(f"#downloads a[download='{file}']").click()
    assert waiting.value.suggested_filename == file


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


@pytest.mark.parametrize("part", ["#verdicts .scroll", "#loss .scroll.picture"])
def test_what_is_wider_than_a_narrow_screen_says_that_it_scrolls(opened, part):
    hint = f"getComputedStyle(document.querySelector('{part}'), '::before').content"
    narrow = opened(width=360)
    assert narrow.evaluate(f"(part => part.scrollWidth > part.clientWidth)(document.querySelector('{part}'))")
    assert narrow.evaluate(hint) == '"Scroll sideways for more →"'
    assert opened().evaluate(hint) == "none"
