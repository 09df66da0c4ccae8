import pytest

from lrbench.reporting.templates import fill_in


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
