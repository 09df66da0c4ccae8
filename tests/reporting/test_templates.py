import pytest

from lrbench.errors import InputError, WorkError
from lrbench.identity.provenance import files_digest
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


def test_row_name():
    assert filled("{{ row | row_name }}", row={"learning_rate": 0.01, "seed": 3}) == "learning rate 0.01, seed 3"


def test_the_templates_of_probes_are_read_and_held_against_their_digest_with_the_others(tmp_path):
    page, section = tmp_path / "templates" / "report.html.j2", tmp_path / "section.html.j2"
    page.parent.mkdir()
    page.write_text("page")
    section.write_text("section")
    expected, sections = files_digest([page, section]), {"probes/one/section.html.j2": section}
    texts = read_templates(page.parent, sections, expected)
    assert texts == {"report.html.j2": "page", "probes/one/section.html.j2": "section"}
    section.write_text("changed")
    with pytest.raises(WorkError, match="a template changed since snakemake began"):
        read_templates(page.parent, sections, expected)


def test_a_missing_template_of_a_probe_is_said_where_it_lies():
    with pytest.raises(InputError, match=r"^lrbench/probes/one/section\.html\.j2: is missing; restore the templates"):
        filled("{% include 'probes/one/section.html.j2' %}")
