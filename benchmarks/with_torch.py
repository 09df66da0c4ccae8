"""PyTorch on one thread: examples in memory, batches by index, fused Adam; eager, and compiled from nothing."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.contenders import Trained, timed_import
from benchmarks.examples import arrays, order
from benchmarks.scale import BATCH_SIZE, HIDDEN_UNITS, LEARNING_RATE, SEED, Scale


def eager(scale: Scale) -> Trained:
    """Step by step, as written."""
    return _train(scale, compiled=False)


def compiled(scale: Scale) -> Trained:
    """Each batch's loss and gradients through `torch.compile`; no cache from earlier runs."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
        return _train(scale, compiled=True)


def _model(torch: Any) -> Any:
    """The classifier with logits for outputs, and Keras' initial weights: Glorot uniform, zero biases."""
    sizes = (784, *HIDDEN_UNITS, 10)
    layers: list[Any] = []
    for inputs, units in itertools.pairwise(sizes):
        dense = torch.nn.Linear(inputs, units)
        torch.nn.init.xavier_uniform_(dense.weight)
        torch.nn.init.zeros_(dense.bias)
        layers += [dense, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def _eager(torch: Any, model: Any, images: Any, labels: Any) -> Callable[[Any], tuple[Any, Any]]:
    """A function that sets the gradients of a batch and returns its loss and its hits."""

    def gradients(batch: Any) -> tuple[Any, Any]:
        batch_labels = labels[batch]
        logits = model(images[batch])
        loss = torch.nn.functional.cross_entropy(logits, batch_labels)
        model.zero_grad(set_to_none=True)
        loss.backward()
        return loss.detach(), (logits.detach().argmax(1) == batch_labels).sum()

    return gradients


def _compiled(torch: Any, model: Any, images: Any, labels: Any) -> Callable[[Any], tuple[Any, Any]]:
    """The same with taking the batch, forward and backward pass in one compiled function.

    It is faster than a compiled forward pass with `backward()`, which is no faster than eager for this model.
    """
    parameters = dict(model.named_parameters())

    def loss_of(weights: Any, batch_images: Any, batch_labels: Any) -> tuple[Any, Any]:
        logits = torch.func.functional_call(model, weights, (batch_images,))
        loss = torch.nn.functional.cross_entropy(logits, batch_labels)
        return loss, (logits.argmax(1) == batch_labels).sum()

    slopes = torch.func.grad_and_value(loss_of, has_aux=True)
    compiled = torch.compile(lambda weights, batch: slopes(weights, images[batch], labels[batch]))

    def gradients(batch: Any) -> tuple[Any, Any]:
        with torch.no_grad():
            found, (loss, hits) = compiled({name: weight.detach() for name, weight in parameters.items()}, batch)
        for name, weight in parameters.items():
            weight.grad = found[name]
        return loss, hits

    return gradients


def _train(scale: Scale, compiled: bool) -> Trained:
    imports, (torch,) = timed_import("torch")
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    data = arrays(scale)
    images, labels, val_images, val_labels = map(torch.from_numpy, data)
    images, val_images = images.flatten(1), val_images.flatten(1)
    labels, val_labels = labels.long(), val_labels.long()

    begun = time.perf_counter()
    model = _model(torch)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=1e-7, fused=True)
    gradients = (_compiled if compiled else _eager)(torch, model, images, labels)
    ends, losses, accuracies, val_accuracies = [], [], [], []
    for epoch in range(1, scale.epochs + 1):
        total, hits = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for batch in torch.from_numpy(order(epoch, len(labels))).split(BATCH_SIZE):
            loss, right = gradients(batch)
            optimizer.step()
            total += loss
            hits += right
        with torch.inference_mode():
            logits = model(val_images)
            torch.nn.functional.cross_entropy(logits, val_labels).item()
            val_accuracies.append((logits.argmax(1) == val_labels).float().mean().item())
        losses.append(total.item() * BATCH_SIZE / len(labels))
        accuracies.append(hits.item() / len(labels))
        ends.append(time.perf_counter())
    return Trained(imports, begun, ends, losses, accuracies, val_accuracies)
