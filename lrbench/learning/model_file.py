"""A person's own model: a function in a Python file that builds a Keras classifier, loaded, called and checked.

Whatever is wrong with the file or with what it returns is an InputError of one sentence that says where.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from lrbench.errors import InputError, WorkError
from lrbench.identity.model_source import model_sources, source_digest

if TYPE_CHECKING:
    import keras

MODULE = "lrbench_model_file"  # the name under which a model's file is loaded
PROBE_EXAMPLES = 2
SUM_TOLERANCE = 1e-3  # of probabilities in float32, or of lower precision within the model
SHOWN = 300  # characters of somebody else's message


class _SourceLoader(importlib.machinery.SourceFileLoader):
    """Compiles a module from its source alone, and writes no cache beside it."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


class _Finder(MetaPathFinder):
    """Finds the local modules that a model imports, in the folder of its file and nowhere else.

    plain_folders : whether it finds folders without `__init__.py`, which Python takes for packages where nothing else
        has their name, instead of all others
    """

    def __init__(self, folder: Path, plain_folders: bool) -> None:
        self.folder = folder
        self.plain_folders = plain_folders

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        place = str(self.folder.joinpath(*fullname.split(".")[:-1]))
        if path is not None and place not in path:  # of a package that is installed, perhaps below the folder
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, [place], target)
        if spec is None or (spec.origin is None) is not self.plain_folders:
            return None
        if spec.origin is None:
            spec.submodule_search_locations = list(spec.submodule_search_locations or ())
        elif type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = _SourceLoader(spec.loader.name, spec.loader.path)
        spec.loader_state = MODULE
        return spec


class ModelFile:
    """The function that builds a model.

    path : the file; function : the name of the function; source : the digest that its source must have, or None

    Raises InputError where the file has no such function or cannot be run, WorkError where its source is another.
    """

    def __init__(self, path: Path | str, function: str, source: str | None = None) -> None:
        self.path = Path(path)
        self.function = function
        self._sources = {file.resolve(): file for file in model_sources(path).values()}
        self.source = source_digest(path) if source is None else source
        self.check("done")
        self._build = self._loaded()

    def check(self, done: str = "stored") -> None:
        """Hold the source against its digest. Raises WorkError where it is another; `done` is what is not done then."""
        if source_digest(self.path) != self.source:
            raise WorkError(
                f"{self.path}: has changed since the workflow was planned: nothing was {done}; run snakemake again."
            )

    def build(self, input_shape: tuple[int, ...], classes: int, seed: int) -> keras.Model:
        """A fresh model with all its weights, its seed set immediately before; every check of it made.

        Raises InputError.
        """
        import keras

        keras.utils.set_random_seed(seed)
        with self._in_file(f"{self.function}({input_shape}, {classes})"):
            model = self._build(tuple(input_shape), int(classes))
        self._check_kind(model)
        self._check_outputs(model, tuple(input_shape), classes)
        if not model.trainable_variables:
            raise InputError(f"{self._named}: builds a model without trainable weights; add a layer that learns.")
        return model

    def check_repeats(self, input_shape: tuple[int, ...], classes: int, seed: int) -> None:
        """Raise InputError where two models built with one seed begin with other weights, or share some."""
        models = [self.build(input_shape, classes, seed) for _ in range(2)]
        if set(map(id, models[0].weights)) & set(map(id, models[1].weights)):
            raise InputError(
                f"{self._named}: returns weights that an earlier call made, so that each run would go on where the one "
                "before ended; build every layer inside the function."
            )
        first, second = (model.get_weights() for model in models)
        same = len(first) == len(second) and all(map(np.array_equal, first, second))
        if not same:
            raise InputError(
                f"{self._named}: gives other weights each time, although the seed is set before; draw random numbers "
                "from Keras, numpy.random or random alone, and keep nothing between calls."
            )

    @property
    def _named(self) -> str:
        return f"{self.path}: {self.function}"

    def _loaded(self) -> Callable[..., Any]:
        folder = self.path.parent.resolve()
        for name in [name for name, module in sys.modules.items() if _is_from_a_model(module)]:
            del sys.modules[name]  # another model's modules may be called the same
        others = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
        sys.meta_path[:] = [_Finder(folder, False), *others, _Finder(folder, True)]
        spec = importlib.util.spec_from_loader(MODULE, _SourceLoader(MODULE, str(self.path.resolve())))
        if spec is None or spec.loader is None:
            raise InputError(f"{self.path}: cannot be loaded; give a Python file.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[MODULE] = module
        with self._in_file("it is loaded"):
            spec.loader.exec_module(module)
        found = getattr(module, self.function, None)
        if not callable(found):
            what = "no function" if found is None else f"a {type(found).__name__} and no function"
            raise InputError(f"{self.path}: has {what} {self.function}; write it, or name another as model.build.")
        return found

    @contextmanager
    def _in_file(self, doing: str) -> Iterator[None]:
        """Turn what goes wrong in the person's code into a sentence with file and line."""
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # the person's code may raise anything, SystemExit too
            message = " ".join(str(error).split())
            message = message if len(message) <= SHOWN else f"{message[:SHOWN]}…"
            said = f"{type(error).__name__}: {message}" if message else type(error).__name__
            raise InputError(f"{self._place(error)}: when {doing}, {said.rstrip('.')}; mend the model.") from error

    def _place(self, error: BaseException) -> str:
        """The file and line of the person's code that an error comes from, as far down as it is theirs."""
        frames = [(Path(frame.filename).resolve(), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
        own = [(self._sources[file], line) for file, line in frames if file in self._sources]
        return "{}, line {}".format(*own[-1]) if own else f"{self.path}, function {self.function}"

    def _check_kind(self, model: Any) -> None:
        import keras

        if not isinstance(model, keras.Model):
            module = type(model).__module__
            if module.startswith(("tf_keras", "keras.src.engine", "tensorflow.python.keras")):
                raise InputError(f"{self._named}: returns a model of Keras 2; build it with `import keras`, Keras 3.")
            raise InputError(
                f"{self._named}: returns a {type(model).__name__} ({module}) and no keras.Model; return the model."
            )
        if getattr(model, "compiled", False):
            raise InputError(
                f"{self._named}: returns a compiled model; leave compile out, since lrbench chooses optimizer and loss."
            )
        if type(model).train_step is not keras.Model.train_step:
            raise InputError(
                f"{self._named}: returns a model with a train_step of its own, which lrbench would not follow; "
                "put what it adds into call, add_loss or compute_loss."
            )

    def _check_outputs(self, model: Any, input_shape: tuple[int, ...], classes: int) -> None:
        """Call the model on a few examples, which also builds weights that are still to be built."""
        import tensorflow as tf

        expected = _input_shape(model)
        if expected is not None and not _fits(expected, input_shape):
            raise InputError(
                f"{self._named}: builds a model for inputs of shape {expected} where the data have {input_shape}; "
                "use the input_shape that it is given."
            )
        examples = tf.zeros((PROBE_EXAMPLES, *input_shape))
        with self._in_file(f"it is called with examples of shape {input_shape}"):
            outputs = model(examples, training=False)
        if isinstance(outputs, list | tuple | dict) or tuple(outputs.shape) != (PROBE_EXAMPLES, classes):
            found = "several outputs" if isinstance(outputs, list | tuple | dict) else f"shape {tuple(outputs.shape)}"
            raise InputError(
                f"{self._named}: its output for {PROBE_EXAMPLES} examples has {found}; "
                f"end it with one layer that gives {classes} probabilities for each, ({PROBE_EXAMPLES}, {classes})."
            )
        sums = np.asarray(outputs, dtype="float64").sum(axis=1)
        if np.isfinite(sums).all() and (
            np.abs(sums - 1).max() > SUM_TOLERANCE or np.asarray(outputs).min() < -SUM_TOLERANCE
        ):
            raise InputError(
                f"{self._named}: its outputs are no probabilities (those of one example sum to {sums[0]:.3g}); "
                "end it with a softmax, as Dense(classes, activation='softmax') does."
            )


def _is_from_a_model(module: ModuleType) -> bool:
    return getattr(getattr(module, "__spec__", None), "loader_state", None) == MODULE


def _input_shape(model: Any) -> tuple[int | None, ...] | None:
    """The shape of one example that a model says it takes, where it says so before it is called."""
    try:
        shape = model.input_shape
    except Exception:  # a subclassed model that is not built has none, and says so in many ways
        return None
    return tuple(shape[1:]) if isinstance(shape, tuple) and shape and not isinstance(shape[0], tuple) else None


def _fits(expected: tuple[int | None, ...], shape: tuple[int, ...]) -> bool:
    return len(expected) == len(shape) and all(one in (None, two) for one, two in zip(expected, shape, strict=True))
