"""The integers and the bias of a trained layer as a TensorFlow convolution."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from .layers import QuantizedConv1D, QuantizedDepthwiseConv1D, QuantizedKernelLayer
from .tiles import LARGEST

KERNEL_RANK = 4
LARGEST_BIAS = 2.0**30
"""Of the int32 bias, in units of input scale * weight scale; leaves room for the products."""


@dataclass(frozen=True)
class ExportedKernel:
    """Weights as the file has them: real value = scale * integer.

    Attributes:
        layer: the trained layer, for its geometry.
        integers: int8 [..., output channels].
        scale: float64 [output channels].
        bias: real values, float64 [output channels].
    """

    layer: QuantizedKernelLayer
    integers: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64] | None

    def apply(self, values: tf.Tensor) -> tf.Tensor:
        """Convolution and bias.

        Args:
            values: [batch, 1, frames, channels]; for a dense layer also [batch, channels].
        """
        kernel = self.integers * self.scale
        ones = [1] * (KERNEL_RANK - kernel.ndim)
        limit = (LARGEST * self.scale).astype(np.float32)
        kernel = tf.quantization.fake_quant_with_min_max_vars_per_channel(
            tf.constant(kernel.reshape(*ones, *kernel.shape).astype(np.float32)),
            -limit,
            limit,
            narrow_range=True,
        )
        outputs = _convolve(self.layer, values, kernel)
        if self.bias is None:
            return outputs
        return tf.nn.bias_add(outputs, self.bias.astype(np.float32))


def exported_kernel(
    layer: QuantizedKernelLayer, input_scale: float, input_factor: float, factor: float
) -> ExportedKernel:
    """The weights for inputs and outputs that are multiplied by a factor each.

    Args:
        layer: the trained layer.
        input_scale: of the int8 input in the file.
        input_factor: of the input.
        factor: of the output.
    """
    integers, float_scale = layer.integer_kernel()
    scale = float_scale.astype(np.float64) * factor / input_factor
    if layer.bias is None:
        return ExportedKernel(layer, integers, scale, None)
    bias = factor * keras.ops.convert_to_numpy(layer.bias).astype(np.float64)
    # Nearly dead channels: their bias would not fit int32, and their weights hardly matter.
    excess = np.maximum(np.abs(bias) / (input_scale * scale * LARGEST_BIAS), 1.0)
    doubled = 2.0 ** np.ceil(np.log2(excess))
    return ExportedKernel(
        layer, np.round(integers / doubled).astype(np.int8), scale * doubled, bias
    )


def _convolve(layer: QuantizedKernelLayer, values: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    if isinstance(layer, QuantizedDepthwiseConv1D):
        return tf.nn.depthwise_conv2d(
            values,
            tf.reshape(kernel, (1, layer.kernel_size, -1, layer.depth_multiplier)),
            strides=[1, layer.stride, layer.stride, 1],
            padding=layer.padding.upper(),
            dilations=[1, layer.dilation_rate],
        )
    if isinstance(layer, QuantizedConv1D):
        padding = layer.padding
        if padding == "causal":
            past = layer.dilation_rate * (layer.kernel_size - 1)
            values = tf.pad(values, [[0, 0], [0, 0], [past, 0], [0, 0]])
            padding = "valid"
        return tf.nn.conv2d(
            values,
            kernel,
            strides=layer.stride,
            padding=padding.upper(),
            dilations=[1, layer.dilation_rate],
        )
    # A dense layer is a convolution of width 1: TFLite 2.14's dense layers have one scale in all.
    if values.shape.rank == KERNEL_RANK:
        return tf.nn.conv2d(values, kernel, strides=1, padding="VALID")
    frame = tf.reshape(values, (-1, 1, 1, values.shape[-1]))
    return tf.squeeze(tf.nn.conv2d(frame, kernel, strides=1, padding="VALID"), [1, 2])
