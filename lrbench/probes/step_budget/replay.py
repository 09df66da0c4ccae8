"""A run replayed, stopped at the states before some of its steps, and what its optimizer would do from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lrbench.data.split import batch_order
from lrbench.learning.models import Learners
from lrbench.learning.settings import RunSettings

if TYPE_CHECKING:
    from lrbench.learning.training import Learner, TensorData


class Replay:
    """A run that is trained anew, with what is needed to go back to a state and on from it bit for bit.

    The state of a run is every TensorFlow variable that was made together with its model and its optimizer: weights,
    moving averages of batch normalisation, seeds of random layers, the optimizer's slots and its count of steps.
    """

    def __init__(self, run: RunSettings, data: TensorData, learners: Learners) -> None:
        import tensorflow as tf

        self._run, self._data = run, data
        self._made: list[Any] = []

        def keep(make: Callable[..., Any], **how: Any) -> Any:
            self._made.append(make(**how))
            return self._made[-1]

        with tf.variable_creator_scope(keep):
            self.learner: Learner = learners(run, data)
        made = self._made

        @tf.function(autograph=False)
        def read() -> list[tf.Tensor]:
            return [tf.identity(variable) for variable in made]

        @tf.function(autograph=False)
        def write(values: list[tf.Tensor]) -> None:
            for variable, value in zip(made, values, strict=True):
                variable.assign(value)

        self._read, self._write = read, write
        self._order, self._done = np.empty(0, int), 0

    def before(self, steps: Sequence[int]) -> Iterator[int]:
        """Go through the run, and stop before each of these steps, which ascend from 1; then go on to its end."""
        each, engine = self._data.steps_per_epoch(self._run.batch_size), self.learner.engine
        waiting = list(steps)
        for epoch in range(1, self._run.epochs + 1):
            self._order = batch_order(self._run.seed, epoch, self._data.train_examples)
            engine.start_epoch(self._order)
            self._done = 0
            while waiting and waiting[0] <= epoch * each:
                step = waiting.pop(0)
                self._go_on_to(step - 1 - (epoch - 1) * each)
                yield step
            self._go_on_to(each)

    def go_on(self) -> list[np.ndarray]:
        """The weights after the run's own next step, which it makes; from a stop of `before`."""
        self._go_on_to(self._done + 1)
        return self.learner.engine.weights()

    def _go_on_to(self, step: int) -> None:
        """Train until so many steps of the epoch are made."""
        if step > self._done:
            self.learner.engine.run(self._data.train, self._done, step)
        self._done = step

    def batch(self, step: int) -> np.ndarray:
        """Places among the training examples of the minibatch of a step, in the epoch that the run is in."""
        size = self._run.batch_size
        start = (step - 1) % self._data.steps_per_epoch(size) * size
        return self._order[start : start + size]

    def variables(self) -> list[np.ndarray]:
        """All variables of the model as they are now."""
        return [variable.numpy() for variable in self.learner.model.variables]

    def steps(self, batches: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
        """The weights after the optimizer's own step on each of these batches, each from the state as it is now.

        batches : places among the training examples, none larger than the run's own

        In the end the state is what it was.
        """
        state = self._read()
        engine, examples = self.learner.engine, self._data.train_examples
        for batch in batches:
            filler = np.zeros(examples - len(batch) if len(batch) == self._run.batch_size else 0, batch.dtype)
            engine.start_epoch(np.concatenate([batch, filler]))  # an order as long as the run's own has its graph
            engine.run(self._data.train, 0, 1)
            yield engine.weights()
            self._write(state)
        engine.start_epoch(self._order)
