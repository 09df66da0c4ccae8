"""Range tests: smoothing, the end and the suggestions against the published formulas, and the training itself."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from support.samples import PLAN, SETTINGS, SPLIT, as_json, idx_folder
from support.training import CLASSES, EXAMPLES, OPTIMIZERS, examples, settings

from lrbench.cli import main
from lrbench.data.split import Parts, batch_order, scaled, split
from lrbench.identity.model_source import source_digest
from lrbench.identity.provenance import read_json
from lrbench.learning.model import build_optimizer, set_up_tensorflow
from lrbench.learning.models import Learners
from lrbench.learning.settings import RunSettings
from lrbench.probes.range_test.loss_curve import DIVERGED, NOT_FINITE, WHOLE, ended, rising_rates, smoothed
from lrbench.probes.range_test.measurement import measure
from lrbench.probes.range_test.suggestions import suggestions
from lrbench.registry import probe_files
from lrbench.tables.probes import Training

ZOO = Path(__file__).parents[1] / "support" / "zoo.py"
nan, inf = math.nan, math.inf


def as_fastai_records(losses):
    """The smoothed losses that fastai records: lerp(loss, value, 0.98), debiased, up to one over 4 times the best."""
    value, best, recorded = 0.0, inf, []
    for count, loss in enumerate(losses, 1):
        value = loss + 0.98 * (value - loss)
        smooth = value / (1 - 0.98**count)
        recorded.append(smooth)
        best = smooth if smooth < best else best
        if smooth > 4 * best:
            break
    return recorded


def as_published(rates, losses):
    """What fastai and Lightning suggest for these batch losses, by their formulas, step by step."""
    recorded = as_fastai_records(losses)
    shown = list(zip(rates, recorded, strict=False))
    kept = shown[len(rates) // 10 : -5]
    for place, (_, loss) in enumerate(kept):
        if math.isnan(loss):
            kept = kept[:place]
            break
    found = dict.fromkeys(("lightning", "minimum", "steepest", "valley"))
    if len(kept) > 1:
        x, y = [rate for rate, _ in kept], [loss for _, loss in kept]
        slopes = [(y[k + 1] - y[k]) / (math.log(x[k + 1]) - math.log(x[k])) for k in range(len(x) - 1)]
        found["steepest"] = x[slopes.index(min(slopes))]
        found["minimum"] = x[y.index(min(y))] / 10
        length = [1] * len(y)  # of the longest decreasing subsequence that ends at each step
        for i in range(len(y)):
            length[i] = 1 + max((length[j] for j in range(i) if y[i] < y[j]), default=0)
        end = length.index(max(length))
        start = end - length[end] if end else 0
        third = (end - start) / 3
        found["valley"] = x[start + int(third) + int(third / 2)]
    finite = [(rate, loss) for rate, loss in shown[10:-1] if math.isfinite(loss)]
    if len(finite) > 1:
        x, y = np.array(finite).T
        found["lightning"] = float(x[by_rate(x, y).index(min(by_rate(x, y)))])
    return found


def by_rate(x, y):
    """Second-order differences on an uneven grid, one-sided at the ends, as torch.gradient computes them."""
    inner = []
    for k in range(1, len(x) - 1):
        before, after = x[k] - x[k - 1], x[k + 1] - x[k]
        slope = before**2 * y[k + 1] + (after**2 - before**2) * y[k] - after**2 * y[k - 1]
        inner.append(slope / (before * after * (before + after)))
    return [(y[1] - y[0]) / (x[1] - x[0]), *inner, (y[-1] - y[-2]) / (x[-1] - x[-2])]


def course(kind, steps, seed):
    """Losses of a test: that falls and rises, that only falls, that is noise, that diverges or is lost on the way."""
    random = np.random.default_rng(seed)
    place = np.linspace(-3, 3, steps)
    losses = {
        "valley": 2.3 / (1 + np.exp(2 * place)) + 0.2 + np.exp(place - 2),
        "falling": 2 - 0.3 * place,
        "noise": np.full(steps, 2.0),
        "diverging": 0.5 + np.exp(4 * place - 4),
        "lost": np.where(np.arange(steps) < 0.7 * steps, 2 - 0.3 * place, nan),
    }[kind]
    return losses + random.normal(0, 0.1, steps)


@pytest.mark.parametrize("kind", ["valley", "falling", "noise", "diverging", "lost"])
@pytest.mark.parametrize("steps", [1, 7, 12, 13, 30, 100, 188])
def test_suggestions_are_those_of_the_published_formulas(kind, steps):
    for seed in range(4):
        losses, rates = course(kind, steps, seed), rising_rates(1e-6, 1.0, steps)
        count, end = ended(losses, steps)
        found = suggestions(rates, smoothed(losses[:count]), end)
        expected = as_published(rates, losses)
        assert found == {rule: None if rate is None else pytest.approx(rate) for rule, rate in expected.items()}


def test_smoothing_is_a_mean_with_weights_that_fall_by_two_per_cent_a_step():
    losses = np.array([3.0, 1.0, 2.0])
    weights = 0.98 ** np.arange(2, -1, -1)
    assert smoothed(losses)[[0, 2]] == pytest.approx([3.0, (weights * losses).sum() / weights.sum()])


@pytest.mark.parametrize(
    ("losses", "steps", "end"),
    [
        ([2.0, 2.0], 2, (2, WHOLE)),
        ([2.0, 2.0], 3, None),
        ([1.0, 1000.0, 1.0], 3, (2, DIVERGED)),
        ([1.0, nan, 1.0], 3, (1, NOT_FINITE)),
        ([nan], 3, (0, NOT_FINITE)),
        ([1.0, inf], 3, (1, NOT_FINITE)),
    ],
)
def test_a_test_ends_with_divergence_a_lost_loss_or_the_epoch(losses, steps, end):
    assert ended(losses, steps) == end


def test_rates_rise_by_equal_factors_from_the_first_step_to_the_last():
    assert rising_rates(1e-4, 1.0, 5) == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    assert rising_rates(1e-4, 1.0, 1).tolist() == [1e-4]


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


def measured(run: RunSettings, given: Parts, model=None, **options):
    plan = {"learning_rates": [0.01], "seeds": [4]}
    found = measure(dict(run.shared), plan, given, Training({"from": 1e-4, "to": 1.0} | options, model))
    return found, found["seeds"][0]


def given_parts(number=EXAMPLES):
    return Parts(examples(number, 0), examples(50, 1))


def by_hand(run: RunSettings, given: Parts, model: str | None, rates) -> list[float]:
    """The losses of `train_on_batch`, with the optimizer's rate set before each step."""
    data = split(given, run.shared)
    built = Learners(run.shared, model).model(data.train.images.shape[1:], CLASSES, run)
    built.compile(optimizer=build_optimizer(run.optimizer, float(rates[0])), loss="sparse_categorical_crossentropy")
    shuffled = data.train.take(batch_order(4, 1, len(data.train)))
    losses = []
    for step, rate in enumerate(rates):
        batch = slice(step * run.batch_size, (step + 1) * run.batch_size)
        built.optimizer.learning_rate.assign(rate)
        built.reset_metrics()
        losses.append(float(built.train_on_batch(scaled(shuffled.images[batch]), shuffled.labels[batch])))
    return losses


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_step_is_that_of_the_optimizer_at_the_risen_rate(optimizer):
    run, given = settings(optimizer), given_parts()
    found, one = measured(run, given, to=0.3)
    assert (found["steps"], one["end"], len(one["losses"])) == (7, WHOLE, 7)
    assert one["losses"] == pytest.approx(by_hand(run, given, None, rising_rates(1e-4, 0.3, 7)), rel=1e-4)


def test_a_model_of_ones_own_is_tested_by_its_engine():
    own = {"build": "dense", "source": source_digest(ZOO)}
    run, given = settings("adam", model=own), given_parts()
    _, one = measured(run, given, str(ZOO), to=0.03)
    assert one["losses"] == pytest.approx(by_hand(run, given, str(ZOO), rising_rates(1e-4, 0.03, 7)), rel=1e-4)


def test_an_experiments_schedule_gives_way_and_first_weights_are_those_of_its_runs():
    schedule = {"name": "cosine", "keras": {"class": "CosineDecay", "initial_learning_rate": 1.0, "decay_steps": 2}}
    _, plain = measured(settings("sgd"), given_parts())
    _, scheduled = measured(settings("sgd", learning_rate_schedule=schedule), given_parts())
    assert plain == scheduled
    from lrbench.learning.model import build_model
    from lrbench.learning.training import weights_fingerprint

    assert plain["initial_weights"] == weights_fingerprint(build_model((6, 5), CLASSES, settings("sgd")).get_weights())


def test_fewer_examples_than_a_batch_are_one_step_that_suggests_nothing():
    found, one = measured(settings("sgd"), given_parts(20))
    assert (found["steps"], len(one["losses"]), set(one["suggestions"].values())) == (1, 1, {None})


def test_what_comes_after_the_end_of_a_test_is_dropped(monkeypatch):
    found, one = measured(settings("sgd", batch_size=2), given_parts(), to=1e20)
    assert one["end"] in (NOT_FINITE, DIVERGED)
    assert len(one["losses"]) < found["steps"]
    assert np.isfinite(one["losses"]).all()
    monkeypatch.setattr("lrbench.probes.range_test.measurement.PIECES", 1)
    assert measured(settings("sgd", batch_size=2), given_parts(), to=1e20)[1] == one


@pytest.mark.parametrize("model", [None, "dense"])
def test_the_command_writes_what_the_report_reads(tmp_path, capsys, model):
    data, manifest, output = idx_folder(tmp_path / "data"), tmp_path / "manifest.json", tmp_path / "range_test.json"
    asked = SETTINGS | ({"model": {"build": model, "source": source_digest(ZOO)}} if model else {})
    assert main(["dataset", "--data", str(data), "--split", as_json(SPLIT), "--output", str(manifest)]) == 0
    arguments = {"settings": as_json(asked), "plan": as_json(PLAN), "options": '{"from": 0.001, "to": 0.1}'}
    arguments |= {"dataset": str(manifest), "data": str(data), "output": str(output)}
    arguments |= {"model": str(ZOO)} if model else {}
    assert main(["test_range", *(f"--{flag}={value}" for flag, value in arguments.items())]) == 0
    origin = {"expected": {"data": read_json(manifest)["digest"]}, "plan": PLAN, "settings": asked, "runs": []}
    found = probe_files({"range_test": output})["range_test"].read(origin, {})
    assert (found["steps"], found["lowest"], found["highest"], len(found["seeds"])) == (3, 0.001, 0.1, 1)
    arguments["options"] = '{"from": 0.1}'
    assert main(["test_range", *(f"--{flag}={value}" for flag, value in arguments.items())]) == 2
    said = "lrbench: --options: must give the rates `from`, above 0, and `to`, above that one."
    assert capsys.readouterr().err.splitlines()[-1] == said
