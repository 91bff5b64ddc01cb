"""The grid on which a tensor lies in the `.tflite` file, and how TFLiteConverter is told of it."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from .activation_quantizer import ActivationQuantizer
from .activation_range import INT8_MAX, INT8_MIN, ActivationRange, Clamp


@dataclass(frozen=True)
class ExportedGrid:
    """An int8 tensor: real value = scale * (int8 value - zero point).

    Attributes:
        limits: the int8 values that occur.
        scale, zero_point: as the file has them.
    """

    limits: ActivationRange
    scale: float
    zero_point: int

    def clamp(self, values: tf.Tensor) -> tf.Tensor:
        """The activation that TFLiteConverter fuses to the operation before."""
        if self.limits.clamp is Clamp.RELU6:
            return tf.nn.relu6(values)
        if self.limits.clamp is Clamp.RELU_N1_TO_1:
            return tf.maximum(tf.minimum(values, 1.0), -1.0)
        return tf.nn.relu(values) if self.limits.is_relu else values

    def quantize(self, values: tf.Tensor) -> tf.Tensor:
        """`values` on the grid."""
        lowest = self.scale * (INT8_MIN - self.zero_point)
        highest = self.scale * (INT8_MAX - self.zero_point)
        return tf.quantization.fake_quant_with_min_max_args(values, lowest, highest)


def clamping_factor(quantizer: ActivationQuantizer) -> float | None:
    """What moves the learned clip to where the fused activation clamps; `None` without a clamp."""
    if quantizer.range.clamp is None:
        return None
    return _clamped_scale(quantizer.range) / quantizer.parameters()[0]


def exported_grid(quantizer: ActivationQuantizer, factor: float) -> ExportedGrid:
    """The grid of values that were multiplied by `factor`."""
    scale, zero_point = quantizer.parameters()
    limits = quantizer.range
    exported = _clamped_scale(limits) if limits.clamp else scale * factor
    return ExportedGrid(limits, exported, zero_point)


def _clamped_scale(limits: ActivationRange) -> float:
    assert limits.clamp is not None and limits.zero_point is not None
    return limits.clamp.value / (limits.highest - limits.zero_point)
