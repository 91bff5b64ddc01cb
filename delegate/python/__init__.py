"""The delegate that runs INT8 1-D convolutions of TFLite models.

    from wqlite import delegate

    interpreter = delegate.interpreter("model.tflite")        # ready to invoke
    tflite.Interpreter("model.tflite", experimental_delegates=[delegate.load(num_threads=2)])

`conv1d`, `plan_conv1d`, `tiles` and `isa` expose the operator itself on numpy arrays.
"""

from __future__ import annotations

import functools
import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .loader import (
    LIBRARY_VARIABLE,
    DelegateError,
    check_processor,
    describe_options,
    interpreter,
    library_path,
    load,
)

if TYPE_CHECKING:
    from ._core import Plan, conv1d, isa, plan_conv1d, tiles

# From the compiled module, which only those who call them need.
_COMPILED = ("Plan", "conv1d", "isa", "plan_conv1d", "tiles")

__all__ = [
    "LIBRARY_VARIABLE",
    "DelegateError",
    "Plan",
    "conv1d",
    "describe_options",
    "interpreter",
    "isa",
    "library_path",
    "load",
    "plan_conv1d",
    "tiles",
]


@functools.cache
def _compiled() -> ModuleType:
    try:
        check_processor()
    except DelegateError as error:
        raise ImportError(str(error)) from None
    return importlib.import_module("._core", __name__)


if not TYPE_CHECKING:  # else every name would be one

    def __getattr__(name: str) -> Any:
        if name in _COMPILED:
            return getattr(_compiled(), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_COMPILED})
