"""The delegate that runs INT8 1-D convolutions of TFLite models.

    from wqlite import delegate

    interpreter = delegate.interpreter("model.tflite")        # ready to invoke
    tflite.Interpreter("model.tflite", experimental_delegates=[delegate.load(num_threads=2)])

`conv1d`, `plan_conv1d`, `tiles` and `isa` expose the operator itself on numpy arrays.
"""

from __future__ import annotations

import importlib
from typing import Any

from .loader import (
    LIBRARY_VARIABLE,
    DelegateError,
    describe_options,
    interpreter,
    library_path,
    load,
)

# From the compiled module, which only those who call them need.
_COMPILED = ("conv1d", "isa", "plan_conv1d", "tiles")

__all__ = [
    "LIBRARY_VARIABLE",
    "DelegateError",
    "conv1d",
    "describe_options",
    "interpreter",
    "isa",
    "library_path",
    "load",
    "plan_conv1d",
    "tiles",
]


def __getattr__(name: str) -> Any:
    if name in _COMPILED:
        return getattr(importlib.import_module("._core", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_COMPILED})
