"""How layers without integer weights treat real values, quantised values and their ranges."""

from __future__ import annotations

import keras
from keras import layers

from .units import Unit

SAME_VALUES = (
    layers.Cropping1D,
    layers.Flatten,
    layers.GlobalMaxPooling1D,
    layers.MaxPooling1D,
    layers.Permute,
    layers.RepeatVector,
    layers.Reshape,
    layers.UpSampling1D,
    layers.ZeroPadding1D,
)
"""Their outputs are some of their inputs, or 0: nothing is rounded."""

SAME_GRID = (*SAME_VALUES, layers.AveragePooling1D)
"""TFLite demands the scale and zero point of the input for their outputs."""

HOMOGENEOUS = (
    *SAME_GRID,
    layers.Add,
    layers.Concatenate,
    layers.GlobalAveragePooling1D,
    layers.LeakyReLU,
    layers.ReLU,
)
"""f(c x) = c f(x) for c > 0, in all inputs together. (The learned clip of a ReLU scales along.)"""

FIXED_OUTPUT = {"softmax": (1 / 256, -128), "sigmoid": (1 / 256, -128), "tanh": (1 / 128, 0)}
"""Function -> scale and zero point that TFLite prescribes for its output."""


def fixed_output(layer: keras.layers.Layer) -> tuple[float, int] | None:
    """Scale and zero point of an output that TFLite prescribes."""
    if isinstance(layer, layers.Softmax):
        return FIXED_OUTPUT["softmax"]
    if isinstance(layer, layers.Activation):
        return FIXED_OUTPUT.get(getattr(layer.activation, "__name__", ""))
    return None


def is_supported(layer: keras.layers.Layer) -> bool:
    """Whether the layer has an int8 form; the others stay float."""
    if isinstance(layer, layers.ReLU):
        return not layer.threshold and not layer.negative_slope
    kinds = (*HOMOGENEOUS, layers.InputLayer)
    return type(layer) in kinds or fixed_output(layer) is not None


def unit_of(layer: keras.layers.Layer) -> Unit:
    """What the layer does with a common factor of its inputs."""
    return Unit.PASSED_ON if type(layer) in HOMOGENEOUS and is_supported(layer) else Unit.PINNED
