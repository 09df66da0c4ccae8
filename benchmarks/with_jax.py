"""JAX on one thread: a whole epoch is one compiled function, `lax.scan` over its batches, with Adam written out."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.contenders import Trained, timed_import
from benchmarks.examples import arrays, order
from benchmarks.scale import BATCH_SIZE, HIDDEN_UNITS, LEARNING_RATE, SEED, Scale

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


def train(scale: Scale) -> Trained:
    """One run."""
    imports, (jax, jnp) = timed_import("jax", "jax.numpy")
    data = arrays(scale)
    flat = data._replace(
        images=data.images.reshape(len(data.labels), -1), val_images=data.val_images.reshape(len(data.val_labels), -1)
    )
    images, labels, val_images, val_labels = (jax.block_until_ready(jax.device_put(array)) for array in flat)

    begun = time.perf_counter()
    state = _initial(jax, jnp)
    run_epoch, evaluate = _compiled(jax, jnp)
    ends, losses, accuracies, val_accuracies = [], [], [], []
    for epoch in range(1, scale.epochs + 1):
        batches = order(epoch, len(labels)).reshape(-1, BATCH_SIZE).astype("int32")
        state, loss, hits = run_epoch(state, images, labels, batches)
        _, val_accuracy = evaluate(state[0], val_images, val_labels)
        losses.append(float(loss))
        accuracies.append(int(hits) / len(labels))
        val_accuracies.append(float(val_accuracy))
        ends.append(time.perf_counter())
    return Trained(imports, begun, ends, losses, accuracies, val_accuracies)


def _initial(jax: Any, jnp: Any) -> tuple[Any, Any, Any, Any]:
    """Weights as Keras begins with (Glorot uniform, zero biases), Adam's two moments, and its count of steps."""
    sizes = (784, *HIDDEN_UNITS, 10)
    keys = jax.random.split(jax.random.key(SEED), len(sizes) - 1)
    glorot = jax.nn.initializers.glorot_uniform()
    weights = [
        (glorot(key, (inputs, units)), jnp.zeros(units))
        for key, inputs, units in zip(keys, sizes[:-1], sizes[1:], strict=True)
    ]
    return weights, jax.tree.map(jnp.zeros_like, weights), jax.tree.map(jnp.zeros_like, weights), jnp.zeros(())


def _compiled(jax: Any, jnp: Any) -> tuple[Any, Any]:
    def losses_of(weights: Any, images: Any, labels: Any) -> tuple[Any, Any]:
        *hidden, (last, bias) = weights
        for kernel, offset in hidden:
            images = jax.nn.relu(images @ kernel + offset)
        logits = images @ last + bias
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)
        return -chosen.mean(), logits.argmax(1) == labels

    gradients = jax.value_and_grad(losses_of, has_aux=True)

    def run_epoch(state: Any, images: Any, labels: Any, batches: Any) -> tuple[Any, Any, Any]:
        def step(carried: Any, batch: Any) -> tuple[Any, None]:
            (weights, first, second, count), total, hits = carried
            (loss, right), slopes = gradients(weights, images[batch], labels[batch])
            count = count + 1
            rate = LEARNING_RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
            first = jax.tree.map(lambda moment, slope: moment + (slope - moment) * (1 - BETA_1), first, slopes)
            second = jax.tree.map(lambda moment, slope: moment + (slope**2 - moment) * (1 - BETA_2), second, slopes)
            weights = jax.tree.map(
                lambda weight, one, two: weight - rate * one / (jnp.sqrt(two) + EPSILON), weights, first, second
            )
            return ((weights, first, second, count), total + loss, hits + right.sum()), None

        (state, total, hits), _ = jax.lax.scan(step, (state, jnp.zeros(()), jnp.zeros((), jnp.int32)), batches)
        return state, total / len(batches), hits

    def evaluate(weights: Any, images: Any, labels: Any) -> tuple[Any, Any]:
        loss, right = losses_of(weights, images, labels)
        return loss, right.mean()

    return jax.jit(run_epoch, donate_argnums=0), jax.jit(evaluate)
