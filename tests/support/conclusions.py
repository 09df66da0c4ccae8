"""Observations and claims of every kind, in the form in which analysis writes them."""

from __future__ import annotations

from lrbench.reporting.inputs import Conclusions, Measured


def conclusions(given: Measured) -> Conclusions:
    """Observations of every status and claims of every verdict, to match an experiment."""
    item = {
        "value": 0.9741,
        "table": "rates",
        "column": "score_mean",
        "row": {"learning_rate": given.learning_rates[0]},
    }
    never = {
        "value": None,
        "status": "never",
        "table": "reach",
        "column": "sustained_at",
        "row": {"learning_rate": given.learning_rates[0], "target": 0.97},
    }
    observations = [
        {
            "id": f"example-{number}",
            "statement": f"An observation that is {status}, with 97.4 % in it.",
            "evidence": [item, never],
            "rule": "The mean score lies further from the best than the resolution of the validation set.",
            "threshold": {"tie": 0.001},
            "n": given.seeds,
            "status": status,
            "figure": figure,
            "table": "rates",
        }
        for number, (status, figure) in enumerate(
            [
                ("finding", "loss"),
                ("finding", "accuracy"),
                ("passed", None),
                ("inconclusive", "sweep"),
                ("not applicable", "stability"),
            ]
        )
    ]
    claims = [
        {
            "id": f"claim-{number}",
            "claim": "A high learning rate learns faster at first.",
            "prediction": "Training loss at the end of epoch 1 is lower at the high rate.",
            "parts": [
                {
                    "id": "a",
                    "statement": "At the end of epoch 1 it is 0.02 nats lower.",
                    "verdict": verdict,
                    "evidence": [item],
                }
            ],
            "measurement": "Difference of training loss, paired by seed.",
            "verdict": verdict,
            "n": given.seeds,
            "figure": "first-epoch",
        }
        for number, verdict in enumerate(("supported", "contradicted", "mixed", "inconclusive", "not tested"), 1)
    ]
    roles = {
        "high": None,
        "default": given.chosen,
        "low": None,
        "from": "sweep",
        "statement": "The default rate is the recommended one; there is no high or low rate.",
    }
    return Conclusions(tuple(observations), {"roles": roles, "claims": claims})
