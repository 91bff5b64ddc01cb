"""Quantise: TFLiteConverter's full-integer quantisation of a frozen function.

Either after training, with ranges from calibration samples, or as the function itself says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow.lite.python.convert_phase import ConverterError

from .calibrate import Samples
from .errors import ConversionError, first_sentence


class Granularity(Enum):
    """One weight scale per output channel, or one per tensor."""

    CHANNEL = "channel"
    TENSOR = "tensor"


def quantize(
    function: tf.types.experimental.ConcreteFunction,
    samples: Samples,
    granularity: Granularity,
    title: str,
    on_sample: Callable[[int, int], None],
) -> bytes:
    """The function as a `.tflite` with int8 input, output, weights and activations.

    Args:
        function: as `rewrite` returns it.
        samples: calibration samples by input name.
        granularity: of the weights.
        title: how error messages call the model.
        on_sample: called with (samples done, samples in all) while calibrating.

    Raises:
        ConversionError: TensorFlow cannot express the model in TFLite's operators.
    """
    converter = _int8_converter(function)
    converter.representative_dataset = lambda: _one_by_one(samples, on_sample)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter._experimental_disable_per_channel = granularity is Granularity.TENSOR
    return _convert(converter, title)


def quantize_trained(function: tf.types.experimental.ConcreteFunction, title: str) -> bytes:
    """A function with `tf.quantization.fake_quant_*` operations as an INT8 `.tflite`.

    Args:
        function: as `rewrite` returns it.
        title: how error messages call the model.

    Raises:
        ConversionError: TensorFlow cannot express the model in TFLite's operators.
    """
    return _convert(_int8_converter(function), title)


def _int8_converter(function: tf.types.experimental.ConcreteFunction) -> tf.lite.TFLiteConverter:
    # With an (empty) trackable object the signature's input and output names are kept.
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], tf.Module())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter


def _convert(converter: tf.lite.TFLiteConverter, title: str) -> bytes:
    try:
        content: bytes = converter.convert()
    except (ConverterError, RuntimeError, ValueError) as error:
        unknown = re.search(r"(?:Select|Custom) ops: (.+)", str(error))
        reason = (
            f"TFLite has no operator for {unknown.group(1)}" if unknown else first_sentence(error)
        )
        raise ConversionError(f"{title} cannot be quantised: {reason}.") from error
    return content


def _one_by_one(
    samples: Samples, on_sample: Callable[[int, int], None]
) -> Iterator[dict[str, npt.NDArray[np.float32]]]:
    count = len(next(iter(samples.values())))
    for index in range(count):
        on_sample(index + 1, count)
        yield {name: array[index : index + 1] for name, array in samples.items()}
