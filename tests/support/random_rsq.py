"""Seeded random models as RSQ training leaves them: a clamp, then a convolution for winograd_s8."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tests.support.conv_model import ConvLayer, Quantisation, conv_chain
from tests.support.random_layers import Case, random_case

F22 = np.array([[1, 0], [1, 1], [0, 1]])
F23 = np.array([[1, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 1]])
TRANSFORMS = {"F(2,3)": F23, "F(2,3)xF(2,2)": np.kron(F23, F22)}
"""Tile -> what makes transformed weights of a group of taps, [points, taps]."""

BANDS = {"F(2,3)": Quantisation(6 / 127, -128), "F(2,3)xF(2,2)": Quantisation(6 / 63, -128)}
"""Tile -> the inputs that it takes, made by RELU6: q in [-128, -1] and [-128, -65]."""

BAND = BANDS["F(2,3)"]

LARGEST = 127
NODE = 1
"""The convolution's number in the model."""


def random_rsq_case(seed: int, tile: str = "F(2,3)") -> Case:
    """A RELU6 layer of width 1 into the band, then a layer whose transformed weights fill int8."""
    case = random_case(seed)
    layer = range_scaled(case.layer, tile)
    rng = np.random.default_rng([seed, 1])
    channels = layer.in_channels
    weights = rng.integers(-127, 128, (channels, 1, channels)).astype(np.int8)
    steps = 74.0**2 * np.sqrt(channels) * case.source.scale  # of the products' spread
    clamp = ConvLayer(
        filter=weights,
        bias=rng.integers(-9999, 9999, channels).astype(np.int32),
        filter_scale=(3 / steps * rng.uniform(0.3, 2, channels)).astype(np.float32),
        output=BANDS[tile],
        activation="RELU6",
        axis=layer.axis,
    )
    batch, height, width, _ = case.input.shape
    time = width if layer.axis == "width" else height
    model = conv_chain([clamp, layer], case.source, batch, time)
    return replace(case, layer=layer, model=model)


def range_scaled(layer: ConvLayer, tile: str = "F(2,3)") -> ConvLayer:
    """The layer with each output channel's weights as large as the tile in int8 takes them."""
    weights = layer.filter.astype(np.float64)
    largest = largest_transformed(weights, layer.stride, tile).max(axis=1)
    rounding = TRANSFORMS[tile].shape[1] / 2  # moves the sum of a group by so much
    scale = (LARGEST - rounding) / np.maximum(largest, 1)
    scaled = np.round(weights * scale[:, None, None]).astype(np.int8)
    assert largest_transformed(scaled.astype(np.float64), layer.stride, tile).max() <= LARGEST
    return replace(layer, filter=scaled)


def largest_transformed(
    weights: npt.NDArray[np.float64], stride: int, tile: str = "F(2,3)"
) -> npt.NDArray[np.float64]:
    """The largest transformed weight of each group of the tile's taps: [out_channels, groups].

    Args:
        weights: [out_channels, width, in_channels].
        stride: taps that far apart meet in a group.
        tile: whose transform.
    """
    transform = TRANSFORMS[tile]
    size = transform.shape[1]
    out, _, channels = weights.shape
    groups = []
    for phase in range(stride):
        taps = weights[:, phase::stride]
        missing = -taps.shape[1] % size
        padded = np.concatenate([taps, np.zeros((out, missing, channels))], axis=1)
        for first in range(0, padded.shape[1], size):
            transformed = np.einsum("pt,otc->opc", transform, padded[:, first : first + size])
            groups.append(np.abs(transformed).max(axis=(1, 2)))
    return np.stack(groups, axis=1)
