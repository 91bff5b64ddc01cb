"""Verify: the new model is INT8 throughout, has batch 1, runs, and says nearly what Keras says."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from .calibrate import Samples
from .errors import ConversionError, ConversionWarning
from .flatbuffer import TFLiteFile
from .load import SourceModel
from .shapes import BATCH_AXIS

COMPARED_SAMPLES = 4
LOW_SNR_DB = 10.0


@dataclass(frozen=True)
class QuantizedTensor:
    """An input or output of the model: real value = scale * (int8 value - zero_point)."""

    name: str
    shape: tuple[int, ...]
    scale: float
    zero_point: int


@dataclass(frozen=True)
class Verification:
    """What was measured.

    Attributes:
        inputs, outputs: the model's ends.
        snr_db: power of the float outputs over the power of their difference to the INT8 outputs,
            in decibels, over all outputs and compared samples.
        max_abs_error: the largest difference, in units of the output.
        compared_samples: number of calibration samples that were run.
    """

    inputs: tuple[QuantizedTensor, ...]
    outputs: tuple[QuantizedTensor, ...]
    snr_db: float
    max_abs_error: float
    compared_samples: int


def verify(content: bytes, file: TFLiteFile, source: SourceModel, samples: Samples) -> Verification:
    """Runs the `.tflite` beside the model that it was made of, on the first samples.

    Args:
        content: the `.tflite`.
        file: the same, parsed.
        source: the model.
        samples: of `calibrate`.

    Raises:
        ConversionError: an operator stayed in floating point, or an input or output is not int8 or
            has another batch than 1.
    """
    title = source.title
    if file.float_operators:
        raise ConversionError(
            f"{title} cannot become INT8 throughout: TFLite keeps "
            f"{', '.join(file.float_operators)} in floating point, so replace the layers that need "
            "it."
        )
    runner = _runner(content)
    inputs = _ends(runner.get_input_details(), title)
    outputs = _ends(runner.get_output_details(), title)
    compared = min(COMPARED_SAMPLES, len(next(iter(samples.values()))))
    signal = noise = worst = 0.0
    for index in range(compared):
        sample = {name: array[index : index + 1] for name, array in samples.items()}
        expected = source.call([tf.constant(array) for array in sample.values()])
        actual = _run_quantized(runner, inputs, outputs, sample)
        for name, tensor in zip(source.outputs, expected, strict=True):
            reference = tensor.numpy().astype(np.float64)
            error = np.abs(actual[name] - reference)
            signal += float(np.sum(reference**2))
            noise += float(np.sum(error**2))
            worst = max(worst, float(error.max(initial=0.0)))
    snr_db = _decibels(signal, noise)
    if snr_db < LOW_SNR_DB:
        warnings.warn(
            f"The INT8 outputs of {title} follow the float outputs at only {snr_db:.1f} dB: "
            "calibrate with more, and real, samples.",
            ConversionWarning,
            stacklevel=3,
        )
    return Verification(tuple(inputs.values()), tuple(outputs.values()), snr_db, worst, compared)


def _runner(content: bytes) -> tf.lite.experimental.SignatureRunner:
    with warnings.catch_warnings():
        # tf.lite.Interpreter announces its move to another package.
        warnings.simplefilter("ignore", UserWarning)
        interpreter = tf.lite.Interpreter(
            model_content=content,
            experimental_op_resolver_type=(
                tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            ),
        )
    return interpreter.get_signature_runner()


def _ends(details: dict[str, dict[str, Any]], title: str) -> dict[str, QuantizedTensor]:
    ends = {}
    for name, detail in details.items():
        dtype = np.dtype(detail["dtype"])
        if dtype != np.int8:
            raise ConversionError(
                f"{title} cannot become INT8 throughout: its end '{name}' stays {dtype}."
            )
        shape = tuple(int(size) for size in detail["shape"])
        if not shape or shape[BATCH_AXIS] != 1:
            raise ConversionError(
                f"{title} has no batch of 1 at its end '{name}': the shape is {list(shape)}."
            )
        scale, zero_point = detail["quantization"]
        ends[name] = QuantizedTensor(name, shape, float(scale), int(zero_point))
    return ends


def _run_quantized(
    runner: tf.lite.experimental.SignatureRunner,
    inputs: dict[str, QuantizedTensor],
    outputs: dict[str, QuantizedTensor],
    sample: Samples,
) -> dict[str, npt.NDArray[np.float64]]:
    results = runner(**{name: quantize_values(sample[name], end) for name, end in inputs.items()})
    return {
        name: end.scale * (results[name].astype(np.float64) - end.zero_point)
        for name, end in outputs.items()
    }


def quantize_values(values: npt.NDArray[np.float32], end: QuantizedTensor) -> npt.NDArray[np.int8]:
    """Real values as the int8 values that the model's input takes."""
    limits = np.iinfo(np.int8)
    steps = np.round(values / end.scale) + end.zero_point
    quantized: npt.NDArray[np.int8] = np.clip(steps, limits.min, limits.max).astype(np.int8)
    return quantized


def _decibels(signal: float, noise: float) -> float:
    """Infinite for a perfect match, also of silence."""
    if noise == 0.0:
        return float("inf")
    return float(10.0 * np.log10(signal / noise)) if signal > 0.0 else float("-inf")
