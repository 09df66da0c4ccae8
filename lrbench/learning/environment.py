"""Variables of the environment that could change how a run is computed, and what is done with each."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from fnmatch import fnmatchcase

# Set before TensorFlow is imported: value and reason.
SET = {
    "CUDA_VISIBLE_DEVICES": ("-1", "hides GPUs, which add in another order"),
    "KERAS_BACKEND": ("tensorflow", "another backend rounds otherwise"),
    "KERAS_HOME": (os.devnull, "a place without keras.json: neither its values nor its errors reach a run"),
}
ONEDNN = "TF_ENABLE_ONEDNN_OPTS"  # set too, as the engine asks: whether TensorFlow computes by oneDNN's kernels
# Left as they are, although a pattern of CLEARED includes them.
KEPT = {
    "DNNL_MAX_CPU_ISA": "counts as another processor",
    "ONEDNN_MAX_CPU_ISA": "counts as another processor",
    "TF_CPP_*": "decides what TensorFlow logs, and no number",
}
# Removed before TensorFlow is imported.
CLEARED = {
    "DNNL_*": "modes of oneDNN's arithmetic, such as DNNL_DEFAULT_FPMATH_MODE",
    "KERAS_*": "limits on epochs and steps (KERAS_MAX_EPOCHS, KERAS_MAX_STEPS_PER_EPOCH), other kinds of variables",
    "ONEDNN_*": "modes of oneDNN's arithmetic, such as ONEDNN_DEFAULT_FPMATH_MODE",
    "TF_*": "compilers (TF_XLA_FLAGS), kernels, mixed precision, determinism, and threads, which the settings fix",
    "XLA_*": "options of the XLA compiler (XLA_FLAGS)",
    "ZENDNN_*": "modes of ZenDNN's arithmetic",
}
# Read by numpy or the C library as the process starts, or a limit on instructions: they count as another processor.
PROCESSOR = {
    "GLIBC_TUNABLES": "may hide instructions from the C library, whose functions then round otherwise",
    "MKL_CBWR": "chooses the instructions of a numpy that is built on MKL",
    "MKL_DEBUG_CPU_TYPE": "chooses the instructions of a numpy that is built on MKL",
    "MKL_ENABLE_INSTRUCTIONS": "chooses the instructions of a numpy that is built on MKL",
    "NPY_DISABLE_CPU_FEATURES": "hides instructions from numpy",
    "NPY_ENABLE_CPU_FEATURES": "hides all other instructions from numpy",
    "OPENBLAS_CORETYPE": "chooses the instructions of numpy's matrix products",
}
LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")


def set_environment(environment: MutableMapping[str, str], onednn: bool) -> None:
    """Remove from an environment what could change a run, and set what a run needs; to be called before TensorFlow.

    onednn : whether TensorFlow is to compute by oneDNN's kernels
    """
    for name in list(environment):
        if _matches(name, CLEARED) and not _matches(name, KEPT):
            del environment[name]
    environment.update({name: value for name, (value, _) in SET.items()} | {ONEDNN: str(int(onednn))})
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def processor_settings(environment: MutableMapping[str, str]) -> Iterator[str]:
    """Phrases that say which variables make this processor count as another one."""
    limits = [environment[name] for name in LIMITS if environment.get(name)]
    yield from (f"limited to {limit}" for limit in limits[:1])
    yield from (f"with {name}={environment[name]}" for name in sorted(PROCESSOR) if environment.get(name))


def _matches(name: str, patterns: dict[str, str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
