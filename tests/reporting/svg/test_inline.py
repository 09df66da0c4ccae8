import re

from lrbench.reporting.drawing import style
from lrbench.reporting.svg.inline import inline_svg, theme_rules

LIGHT = style.rate_colours(2)
SVG = f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="10pt" height="9pt" viewBox="0 0 10 9" version="1.1">
<metadata>who and when</metadata><defs><style type="text/css">*{{stroke-linejoin: round}}</style></defs>
<g id="figure_1"><g id="rate-0.7"><use xlink:href="#m1" style="fill: {LIGHT[0][0]}"/></g>
<g id="rate-1.8"><path clip-path="url(#p2)" style="stroke: {LIGHT[1][0]}"/></g><g id="context"/></g>
<defs><path id="m1"/><clipPath id="p2"/></defs></svg>"""


def test_ids_that_are_referred_to_are_prefixed_and_the_others_go():
    assert re.findall(r'id="([^"]*)"', inline_svg(SVG, "f3", "", 2)) == ["f3-0", "f3-1"]


def test_references_follow_their_ids():
    assert re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', inline_svg(SVG, "f3", "", 2)) == [("f3-0", ""), ("", "f3-1")]


def test_rates_become_classes():
    assert re.findall(r'class="([^"]*)"', inline_svg(SVG, "f", "", 2)) == ["figure", "rate-0", "rate-1", "context"]


def test_colours_become_variables():
    assert re.findall(r"var\(([^)]*)\)", inline_svg(SVG, "f", "", 2)) == ["--rate-0", "--rate-1"]


def test_no_style_sheet_or_metadata_stays():
    assert re.search(r"<style|<metadata|<!DOCTYPE", inline_svg(SVG, "f", "", 2)) is None


def test_the_text_for_those_who_do_not_see_is_escaped():
    assert 'aria-label="&#34;&gt;&lt;script&gt;"' in inline_svg(SVG, "f", '"><script>', 2)


def test_each_rate_has_a_rule_that_hides_it():
    assert theme_rules(3).count("display:none") == 3
