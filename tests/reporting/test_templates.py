import pytest
from markupsafe import Markup

from lrbench.errors import InputError, WorkError
from lrbench.identity.provenance import files_digest
from lrbench.places import CITATION
from lrbench.reporting.templates import fill_in, read_templates


def filled(template, **values):
    return fill_in({"report.html.j2": template}, values)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"value": 0.97410001}, "0.9741"),
        ({"value": None, "status": "never"}, "never"),
        ({"value": True}, "yes"),
        ({"value": 5}, "5"),
        ({"value": "learned"}, "learned"),
    ],
)
def test_evidence_value(item, expected):
    assert filled("{{ item | evidence_value }}", item=item) == expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("18 % to 26.5 %, 1 of 5 seeds", "18_% to 26.5_%, 1 of 5 seeds"),
        ("0.5 points (95 % interval 0.4 to 1 point)", "0.5_points (95_% interval 0.4 to 1_point)"),
        ("0.012 nats, 2 natural numbers, 3 pointed ones", "0.012_nats, 2 natural numbers, 3 pointed ones"),
        (Markup("<b>5 %</b>"), "<b>5 %</b>"),  # markup of our own is left alone
        (5, "5"),
    ],
)
def test_no_line_of_the_page_breaks_between_a_number_and_its_unit(value, shown):
    assert filled("{{ value }}", value=value) == shown.replace("_", "\N{NO-BREAK SPACE}")


def test_row_name():
    assert filled("{{ row | row_name }}", row={"learning_rate": 0.01, "seed": 3}) == "learning rate 0.01, seed 3"


def test_the_templates_of_probes_are_read_and_held_against_their_digest_with_the_others(tmp_path):
    page, section = tmp_path / "templates" / "report.html.j2", tmp_path / "section.html.j2"
    page.parent.mkdir()
    page.write_text("page")
    section.write_text("section")
    expected, sections = files_digest([page, section, CITATION]), {"probes/one/section.html.j2": section}
    texts = read_templates(page.parent, sections, expected)
    cited = CITATION.read_text(encoding="utf-8")
    assert texts == {"report.html.j2": "page", "probes/one/section.html.j2": "section", "CITATION.cff": cited}
    section.write_text("changed")
    with pytest.raises(WorkError, match="a template changed since snakemake began"):
        read_templates(page.parent, sections, expected)


def test_a_missing_template_of_a_probe_is_said_where_it_lies():
    with pytest.raises(InputError, match=r"^lrbench/probes/one/section\.html\.j2: is missing; restore the templates"):
        filled("{% include 'probes/one/section.html.j2' %}")
