"""Trainable layers with quantised weights and a quantised output."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from .activation_quantizer import (
    HALF_AWAY,
    PACKAGE,
    ActivationQuantizer,
    deserialize_quantizer,
    serialize_quantizer,
)
from .config import WeightLimit
from .fake_quant import (
    fake_quantize,
    fake_quantize_range_scaled,
    lsq_gradient_scale,
    scale_gradient,
)
from .tiles import F23, LARGEST, TILES
from .transformed_range import Tensor
from .weight_scale import best_scale, largest_level, largest_scale

HALF_UP = 1e-4
"""So that halves are not missed by an error of float32."""


class QuantizedKernelLayer(keras.layers.Layer):
    """A linear layer: int8 kernel with one scale per output channel, then bias, then quantiser.

    Subclasses say what shape the kernel has and what is done with it.

    Args:
        quantizer: of the output, `None` where the next layer quantises; it may include the ReLU.
        weights_limit: what bounds the integer weights, see `RsqConfig.weights`.
        tile: the name of the Winograd tile whose transformed weights are bounded.
        learn_scales: whether training changes the kernel's scales.
        use_bias: whether a bias is added.
    """

    stride = 1

    def __init__(
        self,
        quantizer: ActivationQuantizer | None = None,
        weights_limit: WeightLimit = "int8",
        tile: str = F23.name,
        learn_scales: bool = True,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.quantizer = quantizer
        self.weights_limit = weights_limit
        self.tile = TILES[tile]
        self.learn_scales = learn_scales
        self.use_bias = use_bias

    def kernel_shape(self, input_shape: Any) -> tuple[int, ...]:
        """[..., output channels]."""
        raise NotImplementedError

    def apply_kernel(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """The linear operation."""
        raise NotImplementedError

    def build(self, input_shape: Any) -> None:
        """Makes kernel, bias and the kernel's scales."""
        shape = self.kernel_shape(input_shape)
        # Not cast with the layer's compute type: integer levels need all bits of float32.
        self.kernel = self.add_weight(
            name="kernel", shape=shape, initializer="he_normal", dtype="float32", autocast=False
        )
        self.bias = (
            self.add_weight(name="bias", shape=shape[-1:], initializer="zeros", dtype="float32")
            if self.use_bias
            else None
        )
        self.log_scale = self.add_weight(
            name="log_scale",
            shape=shape[-1:],
            initializer=keras.initializers.Constant(np.log(1.0 / LARGEST)),
            trainable=self.learn_scales,
            dtype="float32",
            autocast=False,
        )
        if self.quantizer is not None:
            self.quantizer.build(self.compute_output_shape(input_shape))
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """The quantised output."""
        kernel = ops.cast(self.quantized_kernel(), inputs.dtype)
        outputs = self.apply_kernel(inputs, kernel)
        if self.bias is not None:
            outputs = outputs + ops.cast(self.bias, outputs.dtype)
        return outputs if self.quantizer is None else self.quantizer(outputs)

    def quantized_kernel(self) -> Tensor:
        """The kernel on the grid: scale * integers, float32."""
        # Read, since TensorFlow's custom gradients refuse variables.
        kernel = ops.reshape(self.kernel, self.kernel.shape)
        level = largest_level(self.weights_limit, self.tile)
        factor = lsq_gradient_scale(math.prod(kernel.shape[:-1]), level)
        scale = scale_gradient(ops.exp(self.log_scale), factor)
        if self.weights_limit == "range_scaled":
            return fake_quantize_range_scaled(kernel, scale, self.stride, self.tile)
        return fake_quantize(kernel, scale, -level, level)

    def integer_kernel(self) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
        """The integers of the kernel and their scales [output channels], as they are exported."""
        scale = ops.convert_to_numpy(ops.exp(self.log_scale))
        integers = np.round(ops.convert_to_numpy(self.quantized_kernel()) / scale)
        return integers.astype(np.int8), scale

    def set_weights_of(
        self, kernel: npt.NDArray[np.float32], bias: npt.NDArray[np.float32] | None
    ) -> None:
        """Takes over trained weights, with scales that cut nothing off."""
        self.kernel.assign(kernel)
        if self.bias is not None:
            self.bias.assign(bias)
        self._set_scale(largest_scale(kernel, self.weights_limit, self.stride, self.tile))

    def calibrate(self) -> None:
        """Sets the kernel's scales as its weights want them."""
        kernel = ops.convert_to_numpy(self.kernel)
        self._set_scale(best_scale(kernel, self.weights_limit, self.stride, self.tile))

    def _set_scale(self, scale: npt.NDArray[np.float32]) -> None:
        self.log_scale.assign(np.log(scale))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "quantizer": serialize_quantizer(self.quantizer),
            "weights_limit": self.weights_limit,
            "tile": self.tile.name,
            "learn_scales": self.learn_scales,
            "use_bias": self.use_bias,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> QuantizedKernelLayer:
        """The inverse of `get_config`; quantisers that were shared are shared again."""
        quantizer = deserialize_quantizer(config["quantizer"])
        layer: QuantizedKernelLayer = super().from_config({**config, "quantizer": quantizer})
        return layer


@keras.saving.register_keras_serializable(PACKAGE)
class QuantizedDense(QuantizedKernelLayer):
    """A dense layer over the last axis.

    Args:
        units: output channels.
        kwargs: see `QuantizedKernelLayer`.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def kernel_shape(self, input_shape: Any) -> tuple[int, ...]:
        """[input channels, output channels]."""
        return (input_shape[-1], self.units)

    def apply_kernel(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """The product."""
        return ops.matmul(inputs, kernel)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """[..., units]."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "units": self.units}


class _QuantizedConvolution(QuantizedKernelLayer):
    """What both convolutions share: the geometry.

    Args:
        kernel_size, strides, dilation_rate: along time.
        padding: "valid", "same" or "causal".
        kwargs: see `QuantizedKernelLayer`.
    """

    def __init__(
        self,
        kernel_size: int,
        strides: int = 1,
        padding: str = "valid",
        dilation_rate: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = kernel_size
        self.stride = strides
        self.padding = padding
        self.dilation_rate = dilation_rate

    def apply_kernel(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """The convolution."""
        padding = self.padding
        if padding == "causal":
            past = self.dilation_rate * (self.kernel_size - 1)
            inputs = ops.pad(inputs, [[0, 0], [past, 0], [0, 0]])
            padding = "valid"
        return self.convolve(
            inputs,
            kernel,
            strides=self.stride,
            padding=padding,
            data_format="channels_last",
            dilation_rate=self.dilation_rate,
        )

    def convolve(self, inputs: Tensor, kernel: Tensor, **geometry: Any) -> Tensor:
        """One of Keras's convolution operations."""
        raise NotImplementedError

    def output_channels(self, input_channels: int) -> int:
        """Channels of the output."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        """[batch, frames, output channels]."""
        batch, frames, channels = input_shape
        if frames is not None:
            taken = 0
            if self.padding == "valid":
                taken = self.dilation_rate * (self.kernel_size - 1)
            frames = -(-(frames - taken) // self.stride)
        return (batch, frames, self.output_channels(channels))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.stride,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
        }


@keras.saving.register_keras_serializable(PACKAGE)
class QuantizedConv1D(_QuantizedConvolution):
    """A 1-D convolution.

    Args:
        filters: output channels.
        kwargs: geometry: `kernel_size`, `strides`, `padding`, `dilation_rate`; the rest: see
            `QuantizedKernelLayer`.
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters

    def kernel_shape(self, input_shape: Any) -> tuple[int, ...]:
        """[width, input channels, output channels]."""
        return (self.kernel_size, input_shape[-1], self.filters)

    def convolve(self, inputs: Tensor, kernel: Tensor, **geometry: Any) -> Tensor:
        """The convolution."""
        return ops.conv(inputs, kernel, **geometry)

    def output_channels(self, input_channels: int) -> int:
        """The filters."""
        return self.filters

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable(PACKAGE)
class QuantizedDepthwiseConv1D(_QuantizedConvolution):
    """A depthwise 1-D convolution.

    Args:
        depth_multiplier: output channels per input channel.
        kwargs: geometry: `kernel_size`, `strides`, `padding`, `dilation_rate`; the rest: see
            `QuantizedKernelLayer`.
    """

    def __init__(self, depth_multiplier: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.depth_multiplier = depth_multiplier

    def kernel_shape(self, input_shape: Any) -> tuple[int, ...]:
        """[width, 1, output channels]."""
        return (self.kernel_size, 1, self.output_channels(input_shape[-1]))

    def convolve(self, inputs: Tensor, kernel: Tensor, **geometry: Any) -> Tensor:
        """The depthwise convolution."""
        shape = (self.kernel_size, -1, self.depth_multiplier)
        return ops.depthwise_conv(inputs, ops.reshape(kernel, shape), **geometry)

    def output_channels(self, input_channels: int) -> int:
        """Input channels times the multiplier."""
        return input_channels * self.depth_multiplier

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "depth_multiplier": self.depth_multiplier}


@keras.saving.register_keras_serializable(PACKAGE)
class QuantizedLeakyReLU(keras.layers.Layer):
    """A LeakyReLU, quantised before and after, as TFLite runs it after a convolution.

    Args:
        negative_slope: for values below 0.
        quantizer: of the output.
        input_quantizer: of the input; `None` for `quantizer` itself, as a band needs it.
    """

    def __init__(
        self,
        negative_slope: float,
        quantizer: ActivationQuantizer,
        input_quantizer: ActivationQuantizer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.negative_slope = negative_slope
        self.quantizer = quantizer
        self.input_quantizer = input_quantizer

    def build(self, input_shape: Any) -> None:
        """Builds the quantisers."""
        self.quantizer.build(input_shape)
        if self.input_quantizer is not None:
            self.input_quantizer.build(input_shape)
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """The quantised output."""
        before = self.input_quantizer or self.quantizer
        if self.quantizer.observer is not None:
            # Where both are one quantiser, calibration is to see the output alone.
            inputs = inputs if self.input_quantizer is None else before(inputs)
            return self.quantizer(ops.leaky_relu(inputs, self.negative_slope))
        inputs = before(inputs)
        outputs = ops.leaky_relu(inputs, self.negative_slope)
        exact = ops.where(inputs < 0, self._negative_of_tflite(inputs, before), outputs)
        return self.quantizer(outputs + ops.stop_gradient(exact - outputs))

    def _negative_of_tflite(self, inputs: Tensor, before: ActivationQuantizer) -> Tensor:
        """What TFLite makes of negative values, up to the last rounding, which follows.

        Its multiplier is m 2^e with m in [0.5, 1), and it rounds twice: q m, halves up, then that
        times 2^e, halves away from zero. With a slope of 0.2 = 0.8 / 4 one value in five differs.
        """
        scale, scale_before = (
            ops.cast(ops.exp(quantizer.log_scale), inputs.dtype)
            for quantizer in (self.quantizer, before)
        )
        multiplier = self.negative_slope * scale_before / scale
        power = 2.0 ** (ops.floor(ops.log2(multiplier) + 1e-6) + 1.0)
        once = ops.floor(inputs / scale_before * (multiplier / power) + (0.5 + HALF_UP))
        return (once - HALF_AWAY) * power * scale

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Unchanged."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "negative_slope": self.negative_slope,
            "quantizer": serialize_quantizer(self.quantizer),
            "input_quantizer": serialize_quantizer(self.input_quantizer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> QuantizedLeakyReLU:
        """The inverse of `get_config`; quantisers that were shared are shared again."""
        parts = {
            name: deserialize_quantizer(config[name]) for name in ("quantizer", "input_quantizer")
        }
        layer: QuantizedLeakyReLU = super().from_config({**config, **parts})
        return layer
