"""Which examples train and which validate, worked out by hand where that can be done."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import BOUNDED, as_json, assert_sentence, idx_folder, tree

from lrbench.cli import main
from lrbench.data.split import Examples, Parts, batch_order, scaled, split, stratified, training_subset
from lrbench.errors import InputError


def settings(protocol="test", examples=None, train_examples=None):
    return {"validation": {"protocol": protocol, "examples": examples}, "train_examples": train_examples}


def examples(labels, first=0):
    """Examples of one pixel, each with a value of its own."""
    labels = np.array(labels, np.uint8)
    return Examples(np.arange(first, first + len(labels), dtype=np.uint8).reshape(-1, 1, 1), labels)


TRAIN = examples([0] * 6 + [1] * 3 + [2])
TEST = examples([2, 1, 0], first=100)


def pixels(part):
    return part.images.ravel().tolist()


def test_protocol_test_validates_on_the_test_set():
    parts = split(Parts(TRAIN, TEST), settings())
    assert (pixels(parts.train), pixels(parts.validation), parts.test, parts.classes) == (
        list(range(10)),
        [100, 101, 102],
        None,
        3,
    )


@pytest.mark.parametrize(
    ("counts", "number", "expected"),
    [
        ([6, 3, 1], 5, [3, 2, 0]),  # shares 3, 1.5, 0.5: the tie goes to the smaller class
        ([6, 3, 1], 10, [6, 3, 1]),
        ([6, 3, 1], 1, [1, 0, 0]),  # shares .6, .3, .1
        ([6, 3, 1], 3, [2, 1, 0]),  # shares 1.8, .9, .3
        ([4, 4, 4], 4, [2, 1, 1]),  # shares 4/3 each
        ([1, 2, 7], 6, [1, 1, 4]),  # shares .6, 1.2, 4.2
        ([5, 5], 4, [2, 2]),
    ],
)
def test_a_holdout_has_the_classes_in_their_proportions(counts, number, expected):
    labels = np.repeat(np.arange(len(counts)), counts)
    taken = stratified(labels, number)
    assert np.bincount(labels[taken], minlength=len(counts)).tolist() == expected
    assert sorted(set(taken.tolist())) == taken.tolist()


def test_a_holdout_takes_the_first_of_a_fixed_shuffle_of_each_class():
    labels = np.array([0, 1, 0, 1, 0, 1, 0, 0])
    generator = np.random.default_rng((0, 1))
    zeros, ones = generator.permutation([0, 2, 4, 6, 7]), generator.permutation([1, 3, 5])
    # shares of 4: 2.5 and 1.5; the tie goes to class 0
    assert stratified(labels, 4).tolist() == sorted([*zeros[:3], *ones[:1]])


def test_the_drawn_examples_stay_the_same():
    labels = np.array([0, 1, 2] * 4)
    assert stratified(labels, 5).tolist() == [0, 4, 5, 9, 10]
    assert set(range(1001)) - set(training_subset(1001).tolist()) == {428}
    assert batch_order(3, 1, 5).tolist() == [1, 4, 0, 2, 3]


def test_a_holdout_is_taken_out_of_the_training_set():
    parts = split(Parts(TRAIN, TEST), settings("holdout", 5))
    assert np.bincount(parts.validation.labels, minlength=3).tolist() == [3, 2, 0]
    assert sorted(pixels(parts.train) + pixels(parts.validation)) == list(range(10))
    assert pixels(parts.train) == sorted(pixels(parts.train))
    assert pixels(parts.test) == [100, 101, 102]
    again = split(Parts(TRAIN, TEST), settings("holdout", 5))
    assert (pixels(again.train), pixels(again.validation)) == (pixels(parts.train), pixels(parts.validation))


def test_every_image_keeps_its_label():
    parts = split(Parts(TRAIN, TEST), settings("holdout", 3, 7))
    known = dict(zip(range(10), TRAIN.labels.tolist(), strict=True))
    for part in (parts.train, parts.validation):
        assert [known[pixel] for pixel in pixels(part)] == part.labels.tolist()


@given(
    labels=st.lists(st.integers(0, 3), min_size=2, max_size=40),
    share=st.floats(0, 1),
)
@BOUNDED
def test_a_holdout_is_within_one_of_each_class_share(labels, share):
    labels = np.array(labels)
    number = int(share * len(labels))
    taken = stratified(labels, number)
    assert len(taken) == len(set(taken.tolist())) == number
    counts = np.bincount(labels)
    held = np.bincount(labels[taken], minlength=len(counts))
    assert (np.abs(held - counts * number / len(labels)) < 1).all()


def test_train_examples_are_the_first_of_a_fixed_shuffle():
    many = examples([0, 1] * 10)
    order = np.random.default_rng((0, 2)).permutation(20)
    parts = {
        wanted: pixels(split(Parts(many, TEST_OF_TWO), settings(train_examples=wanted)).train) for wanted in (6, 9, 20)
    }
    assert parts == {wanted: order[:wanted].tolist() for wanted in (6, 9, 20)}


TEST_OF_TWO = examples([0, 1], first=100)


def test_train_examples_come_from_what_the_holdout_leaves():
    many = examples([0, 1] * 10)
    held_out = pixels(split(Parts(many, TEST_OF_TWO), settings("holdout", 8)).validation)
    parts = split(Parts(many, TEST_OF_TWO), settings("holdout", 8, 7))
    assert pixels(parts.validation) == held_out
    assert len(parts.train) == 7
    assert not set(pixels(parts.train)) & set(held_out)


REFUSED = {
    "more holdout than examples": (
        settings("holdout", 11),
        "dataset.holdout_examples is 11 but the training set has 10 examples; "
        "hold out fewer, so that some are left to train on.",
    ),
    "all held out": (
        settings("holdout", 10),
        "dataset.holdout_examples is 10 but the training set has 10 examples; "
        "hold out fewer, so that some are left to train on.",
    ),
    "more to train on than there are": (
        settings(train_examples=11),
        "dataset.train_examples is 11 but there are 10 to train on; "
        "ask for no more than that, or remove the key to take all.",
    ),
    "more to train on than the holdout leaves": (
        settings("holdout", 2, 9),
        "dataset.train_examples is 9 but there are 8 to train on; "
        "ask for no more than that, or remove the key to take all.",
    ),
    "a class all held out": (
        settings("holdout", 9),
        "dataset: with train_examples all and validation holdout, no training example of class 1 is left; "
        "train on more examples or hold out fewer.",
    ),
    "a class not among the first": (
        settings(train_examples=1),
        "dataset: with train_examples 1 and validation test, no training example of class 0 is left; "
        "train on more examples or hold out fewer.",
    ),
}


@pytest.mark.parametrize(("asked", "complaint"), REFUSED.values(), ids=REFUSED)
def test_a_division_that_leaves_too_little_is_refused(asked, complaint):
    with pytest.raises(InputError) as caught:
        split(Parts(TRAIN, TEST), asked)
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (settings("holdout", 9), REFUSED["more holdout than examples"][1].replace("11", "9").replace("10 ex", "9 ex")),
        (
            settings(train_examples=10),
            "dataset.train_examples is 10 but there are 9 to train on; "
            "ask for no more than that, or remove the key to take all.",
        ),
    ],
)
def test_the_command_refuses_it_and_writes_nothing(tmp_path, capsys, monkeypatch, asked, complaint):
    monkeypatch.chdir(tmp_path)
    idx_folder(tmp_path / "data")
    before = tree(tmp_path)
    assert main(["dataset", "--data", "data", "--split", as_json(asked), "--output", "out/manifest.json"]) == 2
    assert capsys.readouterr() == ("", f"lrbench: {complaint}\n")
    assert tree(tmp_path) == before


ALIKE = "cannot show what is learned; "
OTHER_TEST = "give test examples of two classes or more, or set dataset.validation to holdout."
MORE = "hold out more, of two classes or more."
VALIDATES_NOTHING = {
    "a test set of one class": (
        [2, 2, 2],
        settings(),
        f"data.npz: the test set has 3 examples (all of class 2), so that validating on it {ALIKE}{OTHER_TEST}",
    ),
    "a test set of one example": (
        [1],
        settings(),
        f"data.npz: the test set has 1 example (of class 1), so that validating on it {ALIKE}{OTHER_TEST}",
    ),
    "a holdout of one example": (
        [0, 1, 2],
        settings("holdout", 1),
        "dataset.holdout_examples is 1, which takes 1 example (of class 0) from data.npz, so that validating on them "
        f"{ALIKE}{MORE}",
    ),
    "a holdout of one class": (  # shares of 2 are 1.75 and 0.125 twice
        [0, 1, 2],
        settings("holdout", 2),
        "dataset.holdout_examples is 2, which takes 2 examples (all of class 0) from data.npz, so that validating on "
        f"them {ALIKE}{MORE}",
    ),
}


@pytest.mark.parametrize(("test_labels", "asked", "complaint"), VALIDATES_NOTHING.values(), ids=VALIDATES_NOTHING)
def test_validation_examples_of_one_class_are_refused(here, capsys, test_labels, asked, complaint):
    train_labels = np.array([0] * 14 + [1, 2], np.uint8)
    images = {"x_train": np.zeros((16, 2, 2), np.uint8), "x_test": np.zeros((len(test_labels), 2, 2), np.uint8)}
    np.savez("data.npz", y_train=train_labels, y_test=np.array(test_labels, np.uint8), **images)
    assert main(["dataset", "--data", "data.npz", "--split", as_json(asked), "--output", "out/manifest.json"]) == 2
    assert capsys.readouterr() == ("", f"lrbench: {complaint}\n")
    assert not (here / "out").exists()


def test_two_validation_examples_of_two_classes_are_enough(here, capsys):
    np.savez(
        "data.npz",
        x_train=np.zeros((4, 2, 2), np.uint8),
        y_train=np.array([0, 1, 0, 1], np.uint8),
        x_test=np.zeros((1, 2, 2), np.uint8),
        y_test=np.array([1], np.uint8),
    )
    split_ = as_json(settings("holdout", 2))
    assert main(["dataset", "--data", "data.npz", "--split", split_, "--output", "manifest.json"]) == 0
    assert capsys.readouterr().out == "data.npz: 2 train, 2 validation, 1 test examples\n"


@given(
    labels=st.lists(st.integers(0, 2), min_size=1, max_size=12),
    held=st.none() | st.integers(1, 14),
    wanted=st.none() | st.integers(1, 14),
)
@BOUNDED
def test_any_division_gives_parts_that_fit_or_one_sentence(labels, held, wanted):
    train = examples(labels)
    try:
        parts = split(Parts(train, TEST), settings("test" if held is None else "holdout", held, wanted))
    except InputError as error:
        assert_sentence(error, "dataset")
        return
    assert set(parts.train.labels) == set(range(max(labels) + 1))
    assert len(parts.train) == (wanted or len(labels) - (held or 0))
    assert len(parts.validation) == (held or len(TEST))


@pytest.mark.parametrize(
    ("examples", "drawn"),
    [(3, 3), (1000, 1000), (1001, 1000), (12011, 1000), (12012, 1001), (60000, 5000), (200000, 5000)],
)
def test_the_training_subset_is_a_twelfth_within_bounds(examples, drawn):
    expected = np.sort(np.random.default_rng(0).choice(examples, drawn, replace=False))
    np.testing.assert_array_equal(training_subset(examples), expected)
    assert len(set(expected.tolist())) == drawn


def test_the_order_of_batches_depends_on_seed_and_epoch():
    expected = np.random.default_rng([7, 2]).permutation(50)
    np.testing.assert_array_equal(batch_order(7, 2, 50), expected)
    assert batch_order(7, 3, 50).tolist() != expected.tolist()
    assert batch_order(8, 2, 50).tolist() != expected.tolist()


def test_images_are_divided_by_255_in_single_precision():
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    values = scaled(images)
    assert values.dtype == np.float32
    assert values.ravel().tolist() == [float(np.float32(value) / np.float32(255)) for value in range(256)]
