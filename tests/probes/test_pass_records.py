"""The passes of one example as JSON, for a network worked out on paper."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lrbench.probes.backpropagation import chain_rule
from lrbench.probes.backpropagation.pass_records import gradient_zeros, layers, output


def test_the_entries_of_the_gradient_that_are_0_are_counted():
    """x = (2, 0). Of two hidden units the first is active, z = 2, and the second is not, z = −2. Logits 2 and 0.

    Not 0 are one weight and one bias of the first layer, and two weights and two biases of the second.
    """
    weights = [np.array([[1.0, -1.0], [1.0, 1.0]]), np.zeros(2), np.array([[1.0, 0.0], [1.0, 1.0]]), np.zeros(2)]
    labels = np.array([0])
    passed = chain_rule.forward(weights, np.array([[2.0, 0.0]]), labels)
    back = chain_rule.backward(weights, passed, labels)
    assert gradient_zeros(back.gradient) == {"entries": 12, "zero_entries": 6}
    found = layers(passed, back)
    assert [(layer["entries"], layer["zero_entries"], layer["active"]) for layer in found] == [(6, 4, 1), (6, 2, None)]
    assert [row["logit"] for row in output(passed, back, 0)] == [2.0, 0.0]


@pytest.mark.parametrize("hidden", [(), (5,), (6, 4)])
def test_without_biases_all_paths_to_a_class_add_up_to_its_logit(hidden):
    random = np.random.default_rng(1)
    sizes = (3, *hidden, 2)
    weights = []
    for inputs, units in itertools.pairwise(sizes):
        weights += [random.normal(size=(inputs, units)), np.zeros(units)]
    passed = chain_rule.forward(weights, random.uniform(size=(1, 3)), np.array([1]))
    paths = np.ndindex(*sizes[:-1])
    total = sum(chain_rule.carried(weights, passed, (*path, 1)) for path in paths)
    assert total == pytest.approx(passed.pre_activations[-1][0, 1])
