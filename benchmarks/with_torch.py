"""PyTorch on one thread: examples in memory, batches by index, fused Adam; eager, and compiled from nothing."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from typing import Any

from benchmarks.contenders import Trained, timed_import
from benchmarks.examples import arrays, order
from benchmarks.scale import BATCH_SIZE, HIDDEN_UNITS, LEARNING_RATE, SEED, Scale


def eager(scale: Scale) -> Trained:
    """Step by step, as written."""
    return _train(scale, compiled=False)


def compiled(scale: Scale) -> Trained:
    """Forward pass and loss through `torch.compile`, and with them the backward pass; no cache from earlier runs."""
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
    cross_entropy = torch.nn.functional.cross_entropy

    def forward(batch: Any, batch_labels: Any) -> tuple[Any, Any]:
        logits = model(batch)
        return cross_entropy(logits, batch_labels), (logits.detach().argmax(1) == batch_labels).sum()

    if compiled:
        forward = torch.compile(forward)
    ends, losses, accuracies, val_accuracies = [], [], [], []
    for epoch in range(1, scale.epochs + 1):
        total, hits = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for batch in torch.from_numpy(order(epoch, len(labels))).split(BATCH_SIZE):
            loss, right = forward(images[batch], labels[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach()
            hits += right
        with torch.inference_mode():
            logits = model(val_images)
            cross_entropy(logits, val_labels).item()
            val_accuracies.append((logits.argmax(1) == val_labels).float().mean().item())
        losses.append(total.item() * BATCH_SIZE / len(labels))
        accuracies.append(hits.item() / len(labels))
        ends.append(time.perf_counter())
    return Trained(imports, begun, ends, losses, accuracies, val_accuracies)
