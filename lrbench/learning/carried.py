"""Weights that are carried over: a run that begins with what the run before it, of another rate, ended with.

What is carried is all of the model's variables: its weights, trained or not, and the states of its random layers. A run
that ended is kept by its tables and fingerprints alone, so its variables are kept beside it in the store; where they
are not there, the run is trained once more, and must come out as it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lrbench.errors import WorkError
from lrbench.identity.provenance import run_key
from lrbench.learning.models import Learners
from lrbench.learning.settings import RunSettings
from lrbench.learning.store import RunStore
from lrbench.learning.training import Learner, TensorData, begin_with, train, weights_fingerprint


class Beginnings:
    """Learners that begin as their runs do: with fresh weights, or with those that the run before ended with.

    origin : `data`, `code` and `versions` of the runs, as in their keys
    """

    def __init__(self, learners: Learners, data: TensorData, store: RunStore, origin: Mapping[str, Any]) -> None:
        self._learners = learners
        self._data = data
        self._store = store
        self._origin = {name: origin[name] for name in ("data", "code", "versions")}

    def __call__(self, run: RunSettings, log: Callable[[str], None]) -> Learner:
        """A learner that is ready to train a run."""
        learner = self._learners(run, self._data)
        self.begin(run, learner.model, log)
        return learner

    def begin(self, run: RunSettings, model: Any, log: Callable[[str], None]) -> None:
        """Give a fresh model of a run the weights that the run begins with."""
        before = run.before()
        if before is not None:
            begin_with(model, self._ended(before, log))

    def keep(self, run: RunSettings, model: Any) -> None:
        """Keep the variables that a run ended with, for those that begin with them."""
        self._store.keep_variables(self._key(run), [variable.numpy() for variable in model.variables])

    def _key(self, run: RunSettings) -> str:
        return run_key(run.as_json(), **self._origin)

    def _ended(self, run: RunSettings, log: Callable[[str], None]) -> list[Any]:
        """The variables that a stored run ended with. Raises WorkError where it cannot be made to end so again."""
        key = self._key(run)
        stored = self._store.manifest(key)["weights"]["final"]
        kept = self._store.variables(key)
        if kept is not None and self._fingerprint(run, kept) == stored:
            return kept
        log(f"learning rate {run.learning_rate:g}, seed {run.seed} is trained again, for its last weights")
        learner = self(run, log)
        history = train(run, self._data, learner, log)
        if weights_fingerprint(history.weights) != stored:
            raise WorkError(
                f"the run of learning rate {run.learning_rate:g} and seed {run.seed} ({key[:12]}) comes out with other "
                "weights here than are stored, so no run can go on from it; lrbench verify says what differs."
            )
        self.keep(run, learner.model)
        return [variable.numpy() for variable in learner.model.variables]

    def _fingerprint(self, run: RunSettings, variables: list[Any]) -> str:
        """That of the weights among some variables; none where they are not those of this model."""
        model = self._learners.model(self._data.input_shape, self._data.classes, run)
        try:
            begin_with(model, variables)
        except ValueError:  # another number of them, or other shapes
            return ""
        return weights_fingerprint(model.get_weights())
