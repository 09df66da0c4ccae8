import pytest

from lrbench.tables.conclusions import CLAIMS
from lrbench.tables.contracts import check_shape
from lrbench.tables.figures import figure_files, figure_id

CLAIM = {
    "claim": "c", "figure": None, "id": "i", "measurement": "m", "n": 3, "parts": [], "prediction": "p",
    "verdict": "mixed",
}  # fmt: skip
WHOLE = {"claims": [CLAIM], "roles": {"statement": "s", "from": "sweep"}}


def test_what_keeps_its_contract_passes():
    check_shape(WHOLE, CLAIMS, "claims.json")


@pytest.mark.parametrize(
    ("changed", "keys"),
    [
        ({"claims": [CLAIM | {"n": 3.5}]}, "claims"),
        ({"roles": {"statement": None}}, "roles"),
        ({"claims": [{"id": "i"}], "roles": {}}, "claims, roles"),
    ],
)
def test_what_breaks_its_contract_is_not_written(changed, keys):
    with pytest.raises(ValueError, match=rf"^claims\.json: what is to be written breaks its contract in {keys}\.$"):
        check_shape(WHOLE | changed, CLAIMS, "claims.json")


def test_a_key_that_is_missing_breaks_the_contract():
    with pytest.raises(ValueError, match=r"in roles\.$"):
        check_shape({"claims": []}, CLAIMS, "claims.json")


def test_a_figure_is_called_as_its_module():
    assert figure_id("lrbench.reporting.figures.first_epoch") == "first-epoch"
    assert figure_files("first-epoch") == [f"first-epoch.{kind}" for kind in ("svg", "png", "pdf", "csv")]
