"""Loading the delegate into whichever TFLite runtime is installed, with errors that say why."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import re
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

from .model_file import read_model

LIBRARY_VARIABLE = "WQLITE_DELEGATE"

# Where each runtime keeps Interpreter, load_delegate and OpResolverType; in order of preference.
_RUNTIMES = {
    "tflite_runtime": "tflite_runtime.interpreter",
    "ai_edge_litert": "ai_edge_litert.interpreter",
    "tensorflow": "tensorflow.lite.python.interpreter",
}
_REPORT_ERROR = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
_OUR_ERROR = re.compile(r"wqlite: (.*)")


class DelegateError(RuntimeError):
    """The delegate cannot be loaded or applied. The message is one sentence for the user."""


def library_path() -> Path:
    """The delegate's shared library: what WQLITE_DELEGATE names, or the one in this package.

    Raises DelegateError when there is none.
    """
    named = os.environ.get(LIBRARY_VARIABLE)
    path = Path(named) if named else _own_library()
    if not path.is_file():
        hint = (
            f"correct {LIBRARY_VARIABLE}"
            if named
            else f"install wqlite with pip, or set {LIBRARY_VARIABLE} to a libwq_delegate.so"
        )
        raise DelegateError(f"there is no delegate library {path}; {hint}")
    return path


def describe_options() -> str:
    """The delegate's options as text, one a line."""
    return _refusal(library_path(), {"help": ""}) or ""


def check_processor() -> None:
    """Raises DelegateError where this processor lacks what the package was built for.

    The library is the one that can say so. The compiled module is built for the same processors and
    would end the program.
    """
    refusal = _refusal(_own_library(), {})
    if refusal is not None:
        raise DelegateError(refusal)


def load(*, runtime: str | None = None, **options: Any) -> Any:
    """Loads the delegate for use as `experimental_delegates=[load()]`.

    Args:
      runtime: "tflite_runtime", "ai_edge_litert" or "tensorflow"; by default one that is imported
        already, or else the first of them that is installed.
      **options: see `python -m wqlite.delegate --options`. None leaves an option at its default.

    Returns:
      The runtime's delegate object. An interpreter made with it keeps it alive.

    Raises:
      DelegateError: no runtime or library, or an option is refused.
    """
    path = library_path()
    texts = {key: _text(value) for key, value in options.items() if value is not None}
    refusal = _refusal(path, texts)
    if refusal is not None:
        raise DelegateError(refusal)
    module = _runtime_module(runtime)
    try:
        return module.load_delegate(str(path), texts)
    except (ValueError, OSError) as error:
        raise DelegateError(f"{module.__name__} does not load {path}: {error}") from error


def interpreter(
    model: str | os.PathLike[str] | bytes,
    *,
    num_threads: int = 1,
    delegate: bool = True,
    runtime: str | None = None,
    default_delegates: bool = False,
    **options: Any,
) -> Any:
    """A ready TFLite interpreter: the delegate applied, tensors allocated.

    Args:
      model: path or content of a `.tflite` file.
      num_threads: for the delegate and for TFLite's own kernels.
      delegate: False for TFLite's kernels alone, to compare with.
      runtime: see `load`.
      default_delegates: let XNNPACK take what the delegate leaves. It may differ from TFLite's
        built-in kernels by a unit, so it is off: with the delegate every byte is as without.
      **options: see `load`.

    Raises:
      DelegateError: the delegate cannot be loaded, or fails on this model.
      FileNotFoundError, ValueError: there is no such file, or it is not a whole TFLite model.
    """
    content = read_model(model)
    name = "the model" if isinstance(model, bytes) else os.fspath(model)
    module = _runtime_module(runtime)
    delegates = []
    if delegate:
        delegates.append(load(runtime=_runtime_of(module), num_threads=num_threads, **options))
    elif options:
        raise DelegateError(f"delegate=False leaves no use for the options {sorted(options)}")
    resolver = module.OpResolverType
    try:
        with warnings.catch_warnings():
            # TensorFlow announces the end of its interpreter each time; nothing to do about here.
            warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")
            made = module.Interpreter(
                model_content=content,
                num_threads=num_threads,
                experimental_delegates=delegates,
                experimental_op_resolver_type=resolver.AUTO
                if default_delegates
                else resolver.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
        made.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise _explain(error, name) from error
    return made


def _own_library() -> Path:
    return Path(__file__).with_name("libwq_delegate.so")


def _explain(error: Exception, name: str) -> Exception:
    """TFLite reports several lines, ours among them where the delegate is to blame."""
    text = str(error)
    ours = _OUR_ERROR.search(text)
    if ours:
        return DelegateError(f"{name}: {ours[1]}")
    return ValueError(f"{name} is not a model that TFLite can run: {' '.join(text.split())}")


def _runtime_module(runtime: str | None) -> ModuleType:
    if runtime is not None and runtime not in _RUNTIMES:
        raise DelegateError(f"unknown runtime '{runtime}'; permitted: {', '.join(_RUNTIMES)}")
    errors = []
    for name in [runtime] if runtime else _candidates():
        if name == "tflite_runtime" and "tensorflow" in sys.modules and name not in sys.modules:
            errors.append("tflite_runtime crashes when imported after tensorflow; import it first")
            continue
        try:
            return importlib.import_module(_RUNTIMES[name])
        except ImportError as error:
            missing = "install numpy (Debian: python3-numpy)" if error.name == "numpy" else error
            errors.append(f"{name}: {missing}")
    raise DelegateError(
        "no TFLite runtime can be imported; install tflite-runtime, ai-edge-litert or tensorflow"
        + "".join(f" ({error})" for error in errors)
    )


def _candidates() -> list[str]:
    """Installed runtimes; those imported already come first, since a program should have one."""
    installed = [name for name in _RUNTIMES if importlib.util.find_spec(name) is not None]
    return sorted(installed, key=lambda name: _RUNTIMES[name] not in sys.modules)


def _runtime_of(module: ModuleType) -> str:
    return module.__name__.partition(".")[0]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusal(path: Path, options: dict[str, str]) -> str | None:
    """What the library says against the options, or None.

    Asked directly, since not every version of the runtimes' own load_delegate passes the reason on.
    """
    try:
        library = ctypes.CDLL(str(path))
        create = library.tflite_plugin_create_delegate
        destroy = library.tflite_plugin_destroy_delegate
    except (OSError, AttributeError) as error:
        raise DelegateError(f"{path} is not a delegate for this machine: {error}") from error
    strings = ctypes.c_char_p * len(options)
    create.argtypes = [strings, strings, ctypes.c_size_t, _REPORT_ERROR]
    create.restype = ctypes.c_void_p
    destroy.argtypes = [ctypes.c_void_p]
    destroy.restype = None

    messages: list[str] = []
    delegate = create(
        strings(*(key.encode() for key in options)),
        strings(*(value.encode() for value in options.values())),
        len(options),
        _REPORT_ERROR(lambda message: messages.append(message.decode())),
    )
    if delegate:
        destroy(delegate)
        return None
    return " ".join(messages) or "the delegate refuses these options and does not say why"
