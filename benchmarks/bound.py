"""The matrix products of a run and nothing else: no run on this core, by these libraries, can be faster.

Of each batch: forward, every layer's inputs times its weights; backward, the gradient of every layer's weights, and
that of every layer's inputs but the first's.
"""

from __future__ import annotations

import itertools
import time

import numpy as np

from benchmarks.contenders import Trained, timed_import
from benchmarks.scale import BATCH_SIZE, HIDDEN_UNITS, Scale

SIZES = (784, *HIDDEN_UNITS, 10)
LAYERS = list(itertools.pairwise(SIZES))
ALL_EXAMPLES = 60000


def _steps(scale: Scale) -> int:
    return (scale.examples or ALL_EXAMPLES) // BATCH_SIZE


def _operands() -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Every layer's inputs, weights, and slopes at its outputs."""
    random = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return random.standard_normal(shape, dtype="float32")

    inputs = [normal(BATCH_SIZE, size) for size in SIZES[:-1]]
    weights = [normal(before, after) for before, after in LAYERS]
    slopes = [normal(BATCH_SIZE, size) for size in SIZES[1:]]
    return inputs, weights, slopes


def numpy_products(scale: Scale) -> Trained:
    """By numpy, into memory that is there already."""
    inputs, weights, slopes = _operands()
    outputs = [x @ w for x, w in zip(inputs, weights, strict=True)]
    gradients = [x.T @ d for x, d in zip(inputs, slopes, strict=True)]
    back = [d @ w.T for d, w in zip(slopes, weights, strict=True)]
    products = [
        *zip(inputs, weights, outputs, strict=True),
        *((x.T, d, out) for x, d, out in zip(inputs, slopes, gradients, strict=True)),
        *[(d, w.T, out) for d, w, out in zip(slopes, weights, back, strict=True)][1:],
    ]
    matmul = np.matmul
    begun = time.perf_counter()
    ends = []
    for _ in range(scale.epochs):
        for _ in range(_steps(scale)):
            for first, second, out in products:
                matmul(first, second, out)
        ends.append(time.perf_counter())
    return Trained(0.0, begun, ends)


def tensorflow_products(scale: Scale) -> Trained:
    """By TensorFlow, in one compiled loop; each product is carried on, so that none can be left out or moved away."""
    imports, (tf,) = timed_import("tensorflow")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    inputs, weights, slopes = _operands()
    pairs = [
        *((x, w, False, False) for x, w in zip(inputs, weights, strict=True)),
        *((x, d, True, False) for x, d in zip(inputs, slopes, strict=True)),
        *[(d, w, False, True) for d, w in zip(slopes, weights, strict=True)][1:],
    ]
    variables = [(tf.Variable(a), tf.Variable(b), ta, tb) for a, b, ta, tb in pairs]

    @tf.function(autograph=False)
    def epoch(steps: tf.Tensor) -> list[tf.Tensor]:
        def products() -> list[tf.Tensor]:  # variables may change, so every step reads and multiplies anew
            return [tf.matmul(a, b, transpose_a=ta, transpose_b=tb) for a, b, ta, tb in variables]

        return tf.while_loop(
            lambda index, *_: index < steps,
            lambda index, *_: (index + 1, *products()),
            (tf.constant(0), *products()),
            parallel_iterations=1,
        )[1:]

    begun = time.perf_counter()
    ends = []
    for _ in range(scale.epochs):
        for product in epoch(tf.constant(_steps(scale))):
            product.numpy()
        ends.append(time.perf_counter())
    return Trained(imports, begun, ends)
