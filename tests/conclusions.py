"""Conclusions to match an experiment made from tables alone, in the form in which analysis writes them."""

from __future__ import annotations

from lrbench.reporting.inputs import Conclusions, Measured


def conclusions(given: Measured) -> Conclusions:
    """Conclusions in the form in which analysis writes them."""
    chosen = given.chosen
    others = [rate for rate in given.learning_rates if rate != chosen]
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
    if chosen is None:
        statement = "No rate can be recommended: no learning rate has all its runs learned."
    else:
        statement = (
            f"Train with {chosen:g}: a mean validation accuracy of 97.4 %, 0.6 percentage points above the next."
        )
    recommendation = {
        "chosen": chosen,
        "confidence": None if chosen is None else "high" if given.seeds > 2 else "not assessable",
        "confidence_reason": f"{given.seeds} seeds a rate; every other rate is told apart from it.",
        "criterion": None if chosen is None else "accuracy",
        "delta": 0.0016,
        "evidence": [item],
        "loss_prefers": None,
        "loss_statement": None,
        "others": [
            {"learning_rate": rate, "reason": "0.6 points behind in accuracy.", "evidence": [item]} for rate in others
        ],
        "statement": statement,
        "target": 0.97,
        "tied": [] if chosen is None else [chosen],
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
    across = {
        "eta_squared": None,
        "grid": list(given.learning_rates),
        "plateau": None,
        "resolution": 0.0016,
        "sensitivity": 0.04,
        "targets": dict(given.target_rule),
    }
    roles = {
        "high": None,
        "default": chosen,
        "low": None,
        "from": "sweep",
        "statement": "The default rate is the recommended one; there is no high or low rate.",
    }
    return Conclusions(across, recommendation, tuple(observations), {"roles": roles, "claims": claims})
