"""Seeded random models as RSQ training leaves them: a clamp, then a convolution for winograd_s8."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tests.support.conv_model import ConvLayer, Quantisation, conv_chain
from tests.support.random_layers import Case, random_case

BAND = Quantisation(6 / 127, -128)
"""With RELU6: q in [-128, -1]."""

LARGEST = 127
NODE = 1
"""The convolution's number in the model."""


def random_rsq_case(seed: int) -> Case:
    """A RELU6 layer of width 1 into the band, then a layer whose transformed weights fill int8."""
    case = random_case(seed)
    layer = range_scaled(case.layer)
    rng = np.random.default_rng([seed, 1])
    channels = layer.in_channels
    weights = rng.integers(-127, 128, (channels, 1, channels)).astype(np.int8)
    steps = 74.0**2 * np.sqrt(channels) * case.source.scale  # of the products' spread
    clamp = ConvLayer(
        filter=weights,
        bias=rng.integers(-9999, 9999, channels).astype(np.int32),
        filter_scale=(3 / steps * rng.uniform(0.3, 2, channels)).astype(np.float32),
        output=BAND,
        activation="RELU6",
        axis=layer.axis,
    )
    batch, height, width, _ = case.input.shape
    time = width if layer.axis == "width" else height
    model = conv_chain([clamp, layer], case.source, batch, time)
    return replace(case, layer=layer, model=model)


def range_scaled(layer: ConvLayer) -> ConvLayer:
    """The layer with each output channel's weights as large as F(2,3) in int8 takes them."""
    weights = layer.filter.astype(np.float64)
    largest = largest_transformed(weights, layer.stride).max(axis=1)
    scale = (LARGEST - 1.5) / np.maximum(largest, 1)  # rounding moves a sum of three by 1.5
    scaled = np.round(weights * scale[:, None, None]).astype(np.int8)
    assert largest_transformed(scaled.astype(np.float64), layer.stride).max() <= LARGEST
    return replace(layer, filter=scaled)


def largest_transformed(weights: npt.NDArray[np.float64], stride: int) -> npt.NDArray[np.float64]:
    """The largest transformed weight of each group of three taps: [out_channels, groups].

    Args:
        weights: [out_channels, width, in_channels].
        stride: taps that far apart meet in a group.
    """
    out, _, channels = weights.shape
    groups = []
    for phase in range(stride):
        taps = weights[:, phase::stride]
        missing = -taps.shape[1] % 3
        padded = np.concatenate([taps, np.zeros((out, missing, channels))], axis=1)
        for g0, g1, g2 in zip(*(np.moveaxis(padded[:, i::3], 1, 0) for i in range(3)), strict=True):
            transformed = np.stack([g0, g0 + g1 + g2, g0 - g1 + g2, g2])
            groups.append(np.abs(transformed).max(axis=(0, 2)))
    return np.stack(groups, axis=1)
