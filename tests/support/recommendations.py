"""The recommendation of a made experiment, and whether every number of its sentences has its evidence."""

from __future__ import annotations

import math
import re

from support.histories import experiment, run

from lrbench.findings.conclusions import recommend
from lrbench.findings.ledger import look_up
from lrbench.identity.provenance import canonical_json
from lrbench.wording import rate_label


def spread(accuracy, seeds=5, step=0.001, **curves):
    """Runs whose scores differ a little from seed to seed."""
    return [run([accuracy + step * (seed - (seeds - 1) / 2)] * 10, **curves) for seed in range(seeds)]


def recommendation(runs, **options):
    return recommend(experiment(runs, **options).analyse())


def check_sentences(analysis):
    """Every number of every sentence is a learning rate or a rounded piece of evidence; all evidence is true."""
    found = recommend(analysis)
    canonical_json(found)
    parts = [(found[name], found["evidence"]) for name in ("statement", "confidence_reason", "loss_statement")]
    parts += [(other["reason"], other["evidence"]) for other in found["others"]]
    parts += [(f"{card['value']} {card['detail']}", card["evidence"]) for card in found["cards"]]
    labels = {rate_label(rate) for rate in analysis.across["grid"]}
    for sentence, numbers in parts:
        for entry in numbers:
            actual = look_up(analysis, entry)
            if entry["value"] is None:
                assert not math.isfinite(actual)
            else:
                assert actual == entry["value"]
        values = [abs(entry["value"]) for entry in numbers if isinstance(entry["value"], int | float)]
        values += [entry["row"]["seed"] for entry in numbers if "seed" in entry["row"]]
        limits = re.findall(r"within (\d+(?:\.\d+)?) point", sentence or "")
        for limit in limits:  # limits are rounded up
            assert any(-1e-9 <= float(limit) - 100 * value < 0.01 for value in values), (limit, sentence)
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", sentence or ""):
            if number in limits:
                continue
            number = number.rstrip(",")
            if number in labels:
                continue
            half = 0.5 * 10.0 ** -len(number.partition(".")[2]) * (1 + 1e-9)
            shown = float(number.replace(",", ""))
            assert any(abs(value * scale - shown) <= half for value in values for scale in (1, 100)), (
                number,
                sentence,
            )
