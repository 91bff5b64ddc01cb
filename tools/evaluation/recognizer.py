"""A trained model, `.tflite` or `.keras`, as a function from the features of speech to logits.

Example:
```python
recognizer = open_recognizer("model.tflite", use_delegate=True)
logits = recognizer(features.extract(audio))       # float32 [frames / 2, 29]
print(ctc.greedy_decode(logits))
```

A `.tflite` runs without TensorFlow. Speech that is longer than the model's time axis goes through
it in windows that overlap, and the logits are joined in the middle of each overlap.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wqlite import delegate
from wqlite.converter.errors import ConversionError, first_sentence
from wqlite.converter.files import source_kind
from wqlite.converter.quiet import captured_output
from wqlite.models.ctc import LABELS
from wqlite.models.shape import FEATURES
from wqlite.tools.evaluation.int8 import dequantize, quantize

Array = npt.NDArray[np.float32]
OVERLAP = 0.25
"""Share of a window that it has in common with the next one."""


class ModelError(ValueError):
    """A model that is no recogniser of speech; the message is one sentence for the user."""


@dataclass(frozen=True)
class Recognizer:
    """Features [frames, 39] to logits [ceil(frames / stride), 29].

    Attributes:
        run: from features [window, 39] to logits.
        window: the frames that `run` takes, None for any number.
        stride: frames for one frame of logits.
        description: how reports call it, e.g. "INT8, delegate".
    """

    run: Callable[[Array], Array]
    window: int | None
    stride: int
    description: str

    def __call__(self, features: Array) -> Array:
        """The logits of an utterance of any length.

        Args:
            features: float32 [frames, 39].
        """
        if self.window is None:
            return self.run(features)
        starts = window_starts(len(features), self.window, self.stride)
        pieces = [self.run(_cut(features, start, self.window)) for start in starts]
        joined = _join(pieces, [start // self.stride for start in starts])
        return joined[: -(-len(features) // self.stride)]


def window_starts(frames: int, window: int, stride: int) -> list[int]:
    """Where windows begin that cover all frames, in multiples of the stride.

    The last one is moved back, so that as little of it as possible lies after the end.
    """
    if frames <= window:
        return [0]
    last = -(-(frames - window) // stride) * stride
    hop = max(stride, int(window * (1 - OVERLAP)) // stride * stride)
    return [*range(0, last, hop), last]


def _cut(features: Array, start: int, window: int) -> Array:
    """A window, filled up with zeros: the mean of normalised features."""
    piece = features[start : start + window]
    return np.pad(piece, ((0, window - len(piece)), (0, 0)))


def _join(pieces: Sequence[Array], starts: Sequence[int]) -> Array:
    """Changes from piece to piece in the middle of what they have in common."""
    length = len(pieces[0])
    middles = [(left + length + right) // 2 for left, right in pairwise(starts)]
    bounds = [0, *middles, starts[-1] + length]
    return np.concatenate(
        [
            piece[begin - start : end - start]
            for piece, start, begin, end in zip(
                pieces, starts, bounds[:-1], bounds[1:], strict=True
            )
        ]
    )


def open_recognizer(
    path: str | os.PathLike[str],
    *,
    use_delegate: bool = False,
    num_threads: int = 1,
    window: int | None = None,
    **options: Any,
) -> Recognizer:
    """Loads a model by the ending of its name.

    Args:
        path: a `.tflite` (int8 or float ends) or a `.keras` file.
        use_delegate: run a `.tflite` with wqlite's kernels.
        num_threads: of a `.tflite`.
        window: frames that a `.keras` model with an open time axis is given at a time; None for
            whole utterances.
        **options: the delegate's.

    Raises:
        ModelError: not such a file, or not a model from features to logits.
        delegate.DelegateError: the delegate cannot be used.
    """
    path = Path(path)
    if path.suffix == ".tflite":
        return _open_tflite(path, use_delegate, num_threads, options)
    if path.suffix != ".keras":
        raise ModelError(f"Model {path} must be a .tflite or a .keras file.")
    if use_delegate:
        raise ModelError(f"The delegate runs .tflite models only: convert {path} with wq_convert.")
    return _open_keras(path, window)


def _open_tflite(
    path: Path, use_delegate: bool, num_threads: int, options: Mapping[str, Any]
) -> Recognizer:
    try:
        interpreter = delegate.interpreter(
            path, delegate=use_delegate, num_threads=num_threads, **options
        )
    except (OSError, ValueError) as error:
        raise ModelError(f"Model {path} cannot be run: {error}.") from error
    ends = [*interpreter.get_input_details(), *interpreter.get_output_details()]
    shapes = [tuple(int(size) for size in end["shape"]) for end in ends]
    window, stride = _check_shapes(path, shapes)
    if any(end["dtype"] not in (np.int8, np.float32) for end in ends) or window is None:
        raise ModelError(f"Model {path} must have int8 or float32 ends.")
    source, target = ends

    def run(features: Array) -> Array:
        interpreter.set_tensor(source["index"], _to_end(features, source)[np.newaxis])
        interpreter.invoke()
        return _from_end(interpreter.get_tensor(target["index"])[0], target)

    kind = "INT8" if source["dtype"] == np.int8 else "float"
    kernels = "the delegate" if use_delegate else "TFLite's built-in kernels"
    return Recognizer(run, window, stride, f"{kind}, {kernels}, {num_threads} thread(s)")


def _to_end(values: Array, end: dict[str, Any]) -> npt.NDArray[Any]:
    return values if end["dtype"] == np.float32 else quantize(values, *end["quantization"])


def _from_end(values: npt.NDArray[Any], end: dict[str, Any]) -> Array:
    if end["dtype"] == np.float32:
        return values
    return dequantize(values, *end["quantization"])


def _open_keras(path: Path, window: int | None) -> Recognizer:
    try:
        source_kind(path)
    except ConversionError as error:
        raise ModelError(str(error)) from error
    with captured_output():  # TensorFlow describes the machine while it starts.
        keras, model = _load_keras(path)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(f"Model {path} must have one input and one output.")
    fixed, stride = _check_shapes(path, [model.inputs[0].shape, model.outputs[0].shape])
    if fixed is None and window is not None:
        stride = -(-window // model.compute_output_shape((1, window, FEATURES))[1])

    def run(features: Array) -> Array:
        return np.asarray(model.predict_on_batch(features[np.newaxis])[0], np.float32)

    return Recognizer(run, fixed or window, stride, f"Keras on {keras.backend.backend()}")


def _load_keras(path: Path) -> tuple[Any, Any]:
    """The module and the model."""
    try:
        keras = importlib.import_module("keras")
        importlib.import_module("wqlite.converter.rsq")  # Registers the layers of RSQ models.
    except ImportError as error:
        raise ModelError(
            f"Model {path} needs Keras: install it with pip install 'wqlite[convert]'."
        ) from error
    try:
        return keras, keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises whatever its parts raise.
        raise ModelError(f"Model {path} cannot be loaded: {first_sentence(error)}.") from error


def _check_shapes(path: Path, shapes: Sequence[tuple[int | None, ...]]) -> tuple[int | None, int]:
    """The window, and the frames for one frame of logits."""
    if len(shapes) == 2 and all(len(shape) == 3 and shape[0] in (1, None) for shape in shapes):
        (_, window, features), (_, outputs, labels) = shapes
        if features == FEATURES and labels == LABELS:
            if window is None or outputs is None:
                return None, 1
            return window, -(-window // outputs)
    listed = " to ".join(str(list(shape)) for shape in shapes)
    raise ModelError(
        f"Model {path} goes from {listed}, not from features [1, frames, {FEATURES}] to logits "
        f"[1, frames, {LABELS}]."
    )
