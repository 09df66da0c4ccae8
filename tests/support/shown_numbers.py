"""The numbers that a page shows, under the names of what they are, so that those of one name can be compared.

{("score", 0.01): [Shown("the answer", 0.953, 0.954), Shown("the table of verdicts", 0.953, 0.954)], …}
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from support import pages

from lrbench.findings.ledger import COMPUTED, look_up, plain
from lrbench.reporting.inputs import Conclusions, Measured
from lrbench.reporting.sections.trust import trust
from lrbench.reporting.sections.verdicts import verdict_rows

ROOM = 1e-9  # of a number that is rounded the other way in its last bits
RATE = r"\d+(?:\.\d+)?(?:e-?\d+)?"
NUMBER = r"−?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e−?\d+)?"
PERCENT = rf"{NUMBER} %"
INTERVAL = rf"(?:\d+ % interval (?P<low>{NUMBER}) to (?P<high>{NUMBER}); )?"
WINS = rf"\({INTERVAL}(?:{RATE} )?ahead in (?P<ahead>\d+) of (?P<n>\d+) seeds?(?: that both have)?\)"
POINTS = rf"(?P<value>{NUMBER}) points?"
Name = tuple[Any, ...]


@dataclass(frozen=True)
class Shown:
    """A number in a place, between the least and the most that is written as it is there."""

    place: str
    least: float
    most: float


def rounded_from(place: str, text: str, scale: float = 1.0) -> Shown:
    """What a text such as `97.3`, `97.3 %` or `−1.2e−5` may be rounded from, times a scale."""
    digits, percent, _ = text.partition(" %")
    scale = scale / 100 if percent else scale
    mantissa, _, exponent = digits.replace("−", "-").replace(",", "").partition("e")
    half = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    value = float(mantissa) * 10.0 ** int(exponent or 0)
    ends = sorted((scale * (value - half), scale * (value + half)))
    return Shown(place, ends[0] - ROOM, ends[1] + ROOM)


def found_in_words(*names: str) -> str:
    """A pattern of named groups, spelt {rate}, {other}, {value}, {percent} and {target}, in words."""
    spelt = {
        "rate": rf"(?P<rate>{RATE})",
        "other": rf"(?P<other>{RATE})",
        "value": rf"(?P<value>{NUMBER})",
        "percent": rf"(?P<value>{PERCENT})",
        "target": rf"(?P<target>{PERCENT})",
        "beside": PERCENT,
        "wins": WINS,
        "points": POINTS,
    }
    return "".join(names).format_map(spelt)


# name of the number, place (a prefix), and the words it stands in; without {rate} it is that of the recommended rate
IN_WORDS: tuple[tuple[str, str, str], ...] = (
    ("score", "answer", "Train with {rate}: it reached {percent}"),
    ("score", "answer", "the next, {rate}, reached {percent}"),
    ("score", "reason", "{rate} scored {percent} against"),
    ("score", "reason", "{beside} against {percent}"),
    ("score", "reason", r"^{rate} [^(]*\({percent} against"),
    ("score", "figure sweep", r"rate {rate}: \d+ of \d+ runs? learned, mean score {percent}"),
    ("score", "figure sweep: title", r"score is highest at {rate} \({percent}"),
    ("score", "figure sweep: title", r"lowest(?:, among [^,]*,)? at {rate} \({percent}"),
    ("score", "figure sweep: title", "Only {rate} learned in every planned run; its mean score is {percent}"),
    ("score", "observation best-at-edge", r"The recommended of \d+ rates, {rate} \({percent}\)"),
    ("score", "observation best-disagreement", r"The recommended {rate} \(score {percent}\)"),
    ("score", "observation practically-tied", r"its score \([^)]*\) is {percent}"),
    ("score", "observation equal-accuracy-sooner", "at the score of {rate}, {percent}"),
    ("loss", "figure loss: title", r"(?:lowest|highest) at {rate} \({value}"),
    ("loss", "figure loss: alt", "{value} at rate {rate}"),
    ("loss", "observation best-disagreement", r"has the least mean validation loss at the end \({value} nats\)"),
    ("loss", "answer", "validation loss is least at {rate}: {value} nats"),
    ("loss", "answer", "validation loss is least at [^:]*: [^ ]* nats against {value} at {rate}"),
    ("backtrack", "figure stability: alt", "{value} at {rate}"),
    ("backtrack", "observation unstable-rates", "at {rate}, {percent} of all movement"),
    ("backtrack", "figure stability: title", "unstable at {rate}, where by the median over runs, {percent}"),
    ("backtrack", "figure stability: title", "(?:goes back|;) at {rate}:? by the median over runs, {percent}"),
    ("unsteadiness", "observation unstable-rates", "at {rate}, [^;]*; it oscillates by {value} nats"),
    ("unsteadiness", "claim", "training loss oscillates by {value} nats at {rate}"),
    ("unsteadiness", "claim", r"oscillates by [^(]* and by {value} at {rate} \(medians"),
    ("unsteadiness", "answer", r"lower \({value} nats against"),
    ("unsteadiness", "reason", "^{rate} .*? of its training loss is higher \\({value} against"),
    ("first-epoch loss", "figure first-epoch: alt", "{value} at rate {rate}"),
    ("first-epoch loss", "figure first-epoch: title", r"{value} \({rate}\)(?: to [^;,]*)? at the end of epoch 1"),
    ("first-epoch loss", "figure first-epoch: title", r" to {value} \({rate}\) at the end of epoch 1"),
    ("first-epoch loss", "claim high-learns-faster", r"epoch 1 \(step \d+\), training loss is {value} nats at {rate}"),
    ("kept", "figure steps-to-target: alt", "at {rate} by step {value} for good"),
    ("kept", "figure steps-to-target: alt", "at {rate} by step [\\d,]+, for good by {value}"),
    ("first", "figure steps-to-target: alt", "at {rate} by step {value}(?:,| for good)"),
    ("kept", "answer", "it got to {target} sooner than [^:]*, for good by step {value}"),
    ("kept", "observation speed", "{rate} reaches {target} between steps [\\d,]+ and {value} and keeps it"),
    ("kept", "claim low-is-slow", "keeps {target}; by the median over runs, between steps \\d+ and {value} at {rate}"),
    ("kept", "claim low-is-slow", "keeps {target}; by the median .*? and between steps [\\d,]+ and {value} at {rate}"),
    ("runs first", "observation targets-not-reached", r"at {rate}, {value} of \d+ runs? reach(?:es)? {target}"),
    ("learned", "figure sweep: alt", r"rate {rate}: {value} of \d+ runs? learned"),
    ("learned", "answer", r"{value} of \d+ runs? at {rate}"),
    ("planned", "answer", r"\d+ of {value} runs? at {rate}"),
    ("planned", "figure sweep: alt", r"rate {rate}: \d+ of {value} runs? learned"),
    ("n", "answer", "validation accuracy (?:on average over|with) {value} seeds?"),
    ("difference", "card By how much?", r"^{points} more validation accuracy than {other}, the next best {wins}"),
    ("difference", "card By how much?", r"^{points} less validation accuracy than {other}, which has [^(]* {wins}"),
    ("difference", "reason", r"^{other} scored {beside} against {beside}, {points} less {wins}"),
    ("difference", "observation separated-pairs", "{rate} over {other}, by {points} {wins}"),
    ("difference", "observation price-of-erring", "{other}, [^ ]+ times too [a-z]+, [a-z]+ {points}(?: less)? {wins}"),
    ("difference", "observation price-of-erring", "{rate}, [^ ]+ times too [^;]*? {points} more {wins}"),
    ("difference", "answer", r"higher, little but more than chance would: {rate} by {points} {wins}"),
    ("difference", "figure differences: alt", "{rate} minus {other}: {value} percentage points"),
)  # fmt: skip
PATTERNS = [(*one[:2], re.compile(found_in_words(one[2]))) for one in IN_WORDS]
OUTCOMES = {"diverged": "diverged", "failed to learn": "failed", "collapsed": "collapsed", "exploded": "exploded"}


def texts(measured: Measured, conclusions: Conclusions) -> Iterator[tuple[str, str]]:
    """Place and text of every sentence of a page that analysis or a figure writes."""
    answer = measured.recommendation
    yield "answer", " ".join(filter(None, (answer["statement"], answer["confidence_reason"], answer["loss_statement"])))
    for card in answer["cards"]:
        yield f"card {card['question']}", f"{card['value']} {card['detail']}"
    for other in answer["others"]:
        yield "reason", other["reason"]
    for found in conclusions.observations:
        yield f"observation {found['id']}", found["statement"]
    for claim in conclusions.claims["claims"]:
        yield f"claim {claim['id']}", claim["measurement"]
    for figure in pages.ALL_FIGURES:
        if figure.section is None:
            drawing = pages.drawing(figure.id, measured)
            for part in ("title", "alt", "caption"):
                yield f"figure {figure.id}: {part}", getattr(drawing, part)
    for term, text in trust(measured):
        yield f"trust {term}", text


def shown_numbers(measured: Measured, conclusions: Conclusions) -> tuple[dict[Name, list[Shown]], set[int]]:
    """The numbers of a page by name, and which of the patterns of IN_WORDS were seen."""
    numbers: dict[Name, list[Shown]] = defaultdict(list)
    seen = set()
    for place, text in texts(measured, conclusions):
        for index, (name, prefix, pattern) in enumerate(PATTERNS):
            if not place.startswith(prefix):
                continue
            for part, target in _by_target(text) if "steps-to-target" in place else [(text, None)]:
                for match in pattern.finditer(part):
                    seen.add(index)
                    _keep(numbers, name, place, match, measured.chosen, target)
        for rate, outcome, count in _outcomes(place, text):
            numbers[outcome, rate].append(Shown(place, count, count))
        if place.startswith(("figure", "trust")):
            for count in re.findall(r"\b(\d+) seeds? a rate", text):
                numbers["planned seeds",].append(rounded_from(place, count))
    for name, one in _tabled(measured):
        numbers[name].append(one)
    return numbers, seen


def _by_target(text: str) -> Iterator[tuple[str, str | None]]:
    """The parts of a description that each begin with a target."""
    parts = re.split(rf"(?:^|\s)({PERCENT}): ", text)
    yield from zip(parts[2::2], parts[1::2], strict=True)


def _keep(
    numbers: Mapping[Name, list[Shown]],
    name: str,
    place: str,
    match: re.Match[str],
    chosen: float | None,
    target: str | None,
) -> None:
    """Put the number of a match under its name, a difference as that of the higher rate less the lower."""
    groups = match.groupdict()
    rate = chosen if groups.get("rate") is None else float(groups["rate"])
    if name == "difference":
        other = chosen if groups.get("other") is None else float(groups["other"])
        higher, lower = sorted((rate, other), reverse=True)
        # what stands in words is the first rate less the other, but on a card that names the other as ahead
        ahead = -1 if " less validation accuracy than" in match.string else 1
        sign = ahead * (1 if rate == higher else -1)
        numbers["difference", higher, lower].append(rounded_from(place, groups["value"], 0.01 * sign))
        if groups.get("low"):
            low, high = (rounded_from(place, groups[end], 0.01 * sign) for end in ("low", "high")[::sign])
            numbers["low", higher, lower].append(low)
            numbers["high", higher, lower].append(high)
        return
    at = groups.get("target") or target
    numbers[(name, rate) if at is None else (name, rate, at)].append(rounded_from(place, groups["value"]))


def _outcomes(place: str, text: str) -> Iterator[tuple[float, str, int]]:
    """Rate, outcome and count where a card or a reason says how the runs of a rate ended."""
    card, reason = place == "card Which went wrong?", place == "reason"
    pattern = rf"[Aa]t ({RATE}), ([^;]*)" if card else rf"^({RATE}) is out of the choice: ([^;]*)"
    for rate, said in re.findall(pattern, text) if card or reason else []:
        n = re.search(r"(?:all|of) (\d+) runs|(both) runs|(the only) run", said)
        total = 0 if n is None else int(n[1] or (2 if n[2] else 1))
        ends = rf"(all|both|the only|\d+)(?: of \d+)?(?: \d+)?(?: runs?)? ({'|'.join(OUTCOMES)})"
        for count, words in re.findall(ends, said):
            yield float(rate), OUTCOMES[words], int(count) if count.isdigit() else total


def _tabled(measured: Measured) -> Iterator[tuple[Name, Shown]]:
    """The numbers of the tables that analysis wrote, as they are, and of the table of verdicts, rounded."""

    def exactly(place: str, value: float) -> Shown:
        return Shown(place, value - ROOM, value + ROOM)

    for row in measured.rates.to_dict("records"):
        values = {
            "score": row["score_mean"],
            "score sd": row["score_sd"],
            "loss": row["final_val_loss_mean"],
            "backtrack": row["backtrack_median"],
            **{name: row[name] for name in ("n", "learned", "planned", *OUTCOMES.values())},
        }
        yield from (((name, row["learning_rate"]), exactly("rates.csv", value)) for name, value in values.items())
    for one in measured.across["unsteadiness"]:
        if one["unsteadiness"] is not None:
            yield ("unsteadiness", one["learning_rate"]), exactly("across.json", one["unsteadiness"])
    for row in measured.reach.to_dict("records"):
        where = (row["learning_rate"], f"{100 * row['target']:g} %")
        for name, column in {"kept": "sustained_at", "first": "first_at", "runs first": "first_reached"}.items():
            yield (name, *where), exactly("reach.csv", row[column])
    scores = measured.comparisons[measured.comparisons["measure"] == "score"]
    for row in scores.to_dict("records"):
        for name in ("difference", "low", "high"):
            yield (name, row["higher"], row["lower"]), exactly("comparisons.csv", row[name])
    evaluations = measured.tables.evaluations
    for rate, own in evaluations[evaluations["epoch"] == 1].groupby("learning_rate"):
        yield ("first-epoch loss", rate), exactly("evaluations.csv", float(own["train_loss"].to_numpy().mean()))
    yield ("planned seeds",), exactly("rates.csv", int(measured.rates["planned"].max()))
    yield from _verdicts(measured)


def _verdicts(measured: Measured) -> Iterator[tuple[Name, Shown]]:
    table = verdict_rows(measured)
    place = "table of verdicts"
    for row in table["rows"]:
        rate = row["learning_rate"]
        cells = {"backtrack": row["measures"][0], "unsteadiness": row["unsteadiness"]}
        cells["score"], cells["score sd"] = (f"{part} %" for part in row["accuracy"].partition(" ± ")[::2])
        cells["loss"] = row["loss"].partition(" ± ")[0]
        cells["learned"], _, cells["planned"] = row["learned"].partition(" of ")
        for name, text in cells.items():
            if re.fullmatch(rf"{NUMBER}(?: %)?", text):
                yield (name, rate), rounded_from(place, text)
        for name in ("first", "kept") if table["target"] else ():
            at = re.match(rf"({NUMBER}) \(", row[name])
            if at:
                yield (name, rate, table["target"]), rounded_from(place, at[1])


def cited(measured: Measured, conclusions: Conclusions) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every item of evidence of a page, with where it stands."""
    answer = measured.recommendation
    yield from (("answer", item) for item in answer["evidence"])
    yield from ((f"card {card['question']}", item) for card in answer["cards"] for item in card["evidence"])
    yield from ((f"reason {other['learning_rate']}", item) for other in answer["others"] for item in other["evidence"])
    yield from ((f"observation {one['id']}", item) for one in conclusions.observations for item in one["evidence"])
    parts = [(claim["id"], part) for claim in conclusions.claims["claims"] for part in claim["parts"]]
    yield from ((f"claim {name} {part['id']}", item) for name, part in parts for item in part["evidence"])
    further = [*conclusions.next["proposals"], *conclusions.next["settled"]]
    yield from ((f"next {one['rule']}", item) for one in further for item in one["evidence"])


def contradictory_evidence(measured: Measured, conclusions: Conclusions) -> list[tuple[str, Mapping[str, Any]]]:
    """The items of evidence with another value than the first that names their place, or than their table has there."""
    known: dict[str, Any] = {}
    wrong = []
    for place, item in cited(measured, conclusions):
        name = f"{item['table']}.{item['column']} {sorted(item['row'].items())}"
        if name not in known:
            in_table = item["table"] != COMPUTED
            known[name] = plain(look_up(measured, item)) if in_table else {"value": item["value"]}
        if item["value"] != known[name]["value"]:
            wrong.append((place, item))
    return wrong


def disagreements(numbers: Mapping[Name, list[Shown]]) -> list[tuple[Name, list[Shown]]]:
    """The names under which two places show numbers that are no roundings of one and the same."""
    finite = {name: [one for one in shown if math.isfinite(one.least)] for name, shown in numbers.items()}
    return [
        (name, shown)
        for name, shown in finite.items()
        if shown and max(one.least for one in shown) > min(one.most for one in shown)
    ]
