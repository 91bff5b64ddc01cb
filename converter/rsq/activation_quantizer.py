"""The layer that quantises activations, and those that apply it to another layer's output."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from .activation_range import LINEAR, ActivationRange, Clamp
from .fake_quant import fake_quantize, lsq_gradient_scale, scale_gradient
from .transformed_range import Tensor

PACKAGE = "wqlite"
Observer = Callable[[Tensor], None]
UNCALIBRATED_LARGEST = 6.0
HALF_AWAY = 0.01
"""Of a level: decides where halves are rounded to, and is too little to change anything else."""


@keras.saving.register_keras_serializable(PACKAGE)
class ActivationQuantizer(keras.layers.Layer):
    """Fake quantisation of activations, per tensor, with a learned scale.

    What is learned is the logarithm of the scale: Adam's steps do not shrink with the gradient, and
    would be far too long for a scale itself.

    Args:
        lowest, highest, zero_point, clamp: see `ActivationRange`; `clamp` by its name.
        largest: where the float model clips, if it does; calibration cuts off what is above.
        scale: where it is fixed, as TFLite fixes it for some operators.
        learn_scale: whether training changes the scale.
    """

    def __init__(
        self,
        lowest: int = LINEAR.lowest,
        highest: int = LINEAR.highest,
        zero_point: int | None = None,
        clamp: str | None = None,
        largest: float | None = None,
        scale: float | None = None,
        learn_scale: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.range = ActivationRange(lowest, highest, zero_point, Clamp[clamp] if clamp else None)
        self.largest = largest
        self.fixed_scale = scale
        self.learn_scale = learn_scale
        self.observer: Observer | None = None

    def build(self, input_shape: Any) -> None:
        """Makes the scale and, where calibration chooses it, the zero point."""
        if hasattr(self, "log_scale"):  # Shared by several layers.
            return
        zero_point = self.range.zero_point or 0
        scale = self.fixed_scale or UNCALIBRATED_LARGEST / (self.range.highest - zero_point)
        self.log_scale = self.add_weight(
            name="log_scale",
            shape=(),
            initializer=keras.initializers.Constant(math.log(scale)),
            trainable=self.learn_scale and self.fixed_scale is None,
            dtype="float32",
            autocast=False,
        )
        self.zero_point = self.add_weight(
            name="zero_point",
            shape=(),
            initializer=keras.initializers.Constant(zero_point),
            trainable=False,
            dtype="float32",
            autocast=False,
        )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """`inputs` on the grid, in their own type; while observed, only their float ReLU."""
        values = ops.cast(inputs, "float32")
        if self.observer is not None:
            return ops.cast(self._observed(values, self.observer), inputs.dtype)
        low = self.range.lowest - self.zero_point
        high = self.range.highest - self.zero_point
        factor = lsq_gradient_scale(_values_per_example(inputs), high)
        scale = scale_gradient(ops.exp(self.log_scale), factor)
        return ops.cast(fake_quantize(values, scale, low, high), inputs.dtype)

    def _observed(self, values: Tensor, observer: Observer) -> Tensor:
        """`values` with their float ReLU, if any, after the observer has seen them."""
        if self.range.is_relu:
            values = ops.relu(values)
        if self.largest is not None:
            values = ops.minimum(values, self.largest)
        observer(values)
        return values

    def with_halves_away_from_zero(self, values: Tensor) -> Tensor:
        """`values`, moved a little so that halves of int8 values round away from 0.

        So TFLite's average pooling does, with the zero point included; it meets many halves.
        """
        scale = ops.stop_gradient(ops.exp(self.log_scale))
        quantized = ops.cast(values, "float32") / scale + self.zero_point
        return values + ops.cast(HALF_AWAY * scale * ops.sign(quantized), values.dtype)

    def set_scale(self, scale: float, zero_point: int | None = None) -> None:
        """Sets what calibration found."""
        self.log_scale.assign(math.log(scale))
        if zero_point is not None:
            self.zero_point.assign(zero_point)

    def parameters(self) -> tuple[float, int]:
        """Scale and zero point."""
        return float(ops.exp(self.log_scale)), int(self.zero_point)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Unchanged."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "lowest": self.range.lowest,
            "highest": self.range.highest,
            "zero_point": self.range.zero_point,
            "clamp": self.range.clamp.name if self.range.clamp else None,
            "largest": self.largest,
            "scale": self.fixed_scale,
            "learn_scale": self.learn_scale,
        }


def serialize_quantizer(quantizer: ActivationQuantizer | None) -> dict[str, Any] | None:
    """The configuration of a quantiser within that of a layer.

    Its name, which is unique in a model, tells Keras which layers share it.
    """
    if quantizer is None:
        return None
    config: dict[str, Any] = keras.saving.serialize_keras_object(quantizer)
    return {**config, "shared_object_id": quantizer.name}


def deserialize_quantizer(config: dict[str, Any] | None) -> ActivationQuantizer | None:
    """The inverse of `serialize_quantizer`; while a model is loaded, once for all that share it."""
    quantizer: ActivationQuantizer | None = keras.saving.deserialize_keras_object(config)
    return quantizer


def _values_per_example(inputs: Tensor) -> Tensor:
    count = ops.ones((), "float32")
    for size in ops.shape(inputs)[1:]:
        count = count * ops.cast(size, "float32")
    return count


@keras.saving.register_keras_serializable(PACKAGE)
class QuantizedOutput(keras.layers.Wrapper):
    """A layer without integer weights of its own, whose output is quantised.

    Args:
        layer: the Keras layer.
        quantizer: of its output; may be shared with other layers, which then have one scale.
    """

    def __init__(
        self, layer: keras.layers.Layer, quantizer: ActivationQuantizer, **kwargs: Any
    ) -> None:
        super().__init__(layer, **kwargs)
        self.quantizer = quantizer

    def build(self, input_shape: Any) -> None:
        """Builds both parts."""
        super().build(input_shape)
        self.quantizer.build(self.layer.compute_output_shape(input_shape))

    def call(self, inputs: Any, training: bool | None = None) -> Tensor:
        """The quantised output of the layer."""
        del training  # The layers that behave differently in training are gone or float.
        outputs = self.layer(inputs)
        if isinstance(self.layer, keras.layers.AveragePooling1D):
            outputs = self.quantizer.with_halves_away_from_zero(outputs)
        return self.quantizer(outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As the layer's."""
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "quantizer": serialize_quantizer(self.quantizer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> QuantizedOutput:
        """The inverse of `get_config`; quantisers that were shared are shared again."""
        quantizer = deserialize_quantizer(config["quantizer"])
        layer: QuantizedOutput = super().from_config(
            {**config, "quantizer": quantizer}, custom_objects
        )
        return layer
