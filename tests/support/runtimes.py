"""Running `.tflite` models in tests, on each runtime that is installed."""

from __future__ import annotations

import importlib
import importlib.util
import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_MODULES = {
    "tflite_runtime": "tflite_runtime.interpreter",
    "tensorflow": "tensorflow.lite.python.interpreter",
}
RUNTIMES = tuple(name for name in _MODULES if importlib.util.find_spec(name) is not None)

# Op resolvers, by their names in OpResolverType.
OPTIMISED = "BUILTIN_WITHOUT_DEFAULT_DELEGATES"
REFERENCE = "BUILTIN_REF"

_PLAN = re.compile(r"^wqlite: node (\d+) .*kernel=(\S+) tile=(\S+): ", re.MULTILINE)


def import_in_order() -> None:
    """Imports tflite_runtime, which crashes where TensorFlow was imported before it."""
    if "tflite_runtime" in RUNTIMES:
        importlib.import_module(_MODULES["tflite_runtime"])


def module_of(runtime: str) -> Any:
    """The module with Interpreter, load_delegate and OpResolverType."""
    import_in_order()
    return importlib.import_module(_MODULES[runtime])


def make_interpreter(
    runtime: str,
    model: bytes,
    delegates: Sequence[Any] = (),
    allocate: bool = True,
    resolver: str = OPTIMISED,
    num_threads: int | None = None,
) -> Any:
    """An interpreter on TFLite's built-in kernels (no XNNPACK)."""
    module = module_of(runtime)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow announces the end of its interpreter
        interpreter = module.Interpreter(
            model_content=model,
            num_threads=num_threads,
            experimental_op_resolver_type=getattr(module.OpResolverType, resolver),
            experimental_delegates=list(delegates),
        )
    if allocate:
        interpreter.allocate_tensors()
    return interpreter


def infer(interpreter: Any, values: npt.NDArray[Any]) -> npt.NDArray[np.int8]:
    """One run; the first input and a copy of the first output."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values)
    interpreter.invoke()
    output: npt.NDArray[np.int8]
    output = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return output


def resize(interpreter: Any, shape: list[int]) -> None:
    """Gives the first input another shape."""
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], shape)
    interpreter.allocate_tensors()


def plans(log: str) -> list[tuple[int, str, str]]:
    """(node, kernel, tile) of each layer in the log of the delegate."""
    return [(int(node), kernel, tile) for node, kernel, tile in _PLAN.findall(log)]
