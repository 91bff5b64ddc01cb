"""Load: a Keras model in any of its forms becomes one traceable function with named inputs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from . import rsq
from .errors import ConversionError, first_sentence
from .files import SourceKind, source_kind
from .shapes import InputSpec

SERVING_SIGNATURE = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY


@dataclass(frozen=True)
class SourceModel:
    """A loaded model.

    Attributes:
        title: how error messages call it.
        inputs: its inputs, in the order in which `call` takes their tensors.
        outputs: the names of its outputs, in the order in which `call` returns their tensors.
        call: the model in inference mode.
        trained: the Keras model itself if it was quantised in training (`rsq`).
    """

    title: str
    inputs: tuple[InputSpec, ...]
    outputs: tuple[str, ...]
    call: Callable[[Sequence[tf.Tensor]], list[tf.Tensor]]
    trained: keras.Model | None = None


def load(model: str | os.PathLike[str] | keras.Model) -> SourceModel:
    """Loads a path or wraps a model that is in memory already.

    Raises:
        ConversionError: the model cannot be loaded or has no declared inputs.
    """
    if keras.config.backend() != "tensorflow":
        raise ConversionError(
            f"Keras runs on {keras.config.backend()}, but TFLite models are made from its "
            "TensorFlow backend: set KERAS_BACKEND=tensorflow."
        )
    if isinstance(model, keras.Model):
        return _from_keras(model, f"'{model.name}'")
    if not isinstance(model, (str, os.PathLike)):
        raise ConversionError(f"A Keras model or a path is needed, not {type(model).__name__}.")
    path = Path(model)
    if source_kind(path) is SourceKind.SAVED_MODEL:
        return _from_saved_model(path)
    try:
        loaded = keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises anything from KeyError to BadZipFile here.
        raise ConversionError(
            f"{path} cannot be loaded by Keras: {first_sentence(error)} (where custom layers are "
            "at hand, call wqlite.converter.convert with the model itself)."
        ) from error
    return _from_keras(loaded, str(path))


def _from_keras(model: keras.Model, title: str) -> SourceModel:
    tensors = getattr(model, "inputs", None)
    if not tensors:
        raise ConversionError(
            f"{title} does not declare its inputs: build it as a functional or sequential model "
            "with an Input layer."
        )

    def call(inputs: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        arguments = inputs[0] if len(inputs) == 1 else list(inputs)
        return list(tf.nest.flatten(model(arguments, training=False)))

    return SourceModel(
        title=title,
        inputs=tuple(InputSpec(t.name, tuple(t.shape), t.dtype) for t in tensors),
        # As Keras names them itself when it exports a SavedModel.
        outputs=tuple(f"output_{index}" for index in range(len(model.outputs))),
        call=call,
        trained=model if rsq.is_quantized(model) else None,
    )


def _from_saved_model(path: Path) -> SourceModel:
    title = f"{path}{os.sep}"
    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:  # OSError, ValueError and protobuf errors among others.
        raise ConversionError(f"{title} cannot be loaded: {first_sentence(error)}.") from error
    if SERVING_SIGNATURE not in loaded.signatures:
        found = ", ".join(f"'{name}'" for name in loaded.signatures) or "none"
        raise ConversionError(
            f"{title} has no signature '{SERVING_SIGNATURE}' (found: {found}): write it with "
            "model.export()."
        )
    signature = loaded.signatures[SERVING_SIGNATURE]
    specs: dict[str, Any] = signature.structured_input_signature[1]
    outputs = tuple(signature.structured_outputs)
    if unranked := [name for name, spec in specs.items() if spec.shape.rank is None]:
        raise ConversionError(f"Input '{unranked[0]}' of {title} has no known shape.")

    def call(inputs: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        # `loaded` is named so that the variables live as long as this function.
        results = loaded.signatures[SERVING_SIGNATURE](**dict(zip(specs, inputs, strict=True)))
        return [results[name] for name in outputs]

    return SourceModel(
        title=title,
        inputs=tuple(
            InputSpec(name, tuple(spec.shape.as_list()), spec.dtype.name)
            for name, spec in specs.items()
        ),
        outputs=outputs,
        call=call,
    )
