"""Seeded random 1-D convolutions and inputs that reach the corners of INT8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tests.support.conv_model import ConvLayer, Quantisation, conv_chain, expand

ZERO_POINTS = (-128, -127, -1, 0, 1, 64, 126, 127)
ACTIVATIONS = ("NONE", "NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1")
MAX_WORK = 300_000  # multiplications of one layer: the sweep must stay short on one core


@dataclass(frozen=True)
class Case:
    """A layer with its input. `input`: int8 in the layout that the model wants."""

    seed: int
    layer: ConvLayer
    source: Quantisation
    input: npt.NDArray[np.int8]
    model: bytes

    def __str__(self) -> str:
        """All parameters, for the message of a failing test."""
        layer = self.layer
        return (
            f"seed {self.seed}: input {list(self.input.shape)} {self.source}, filter "
            f"{list(layer.filter.shape)}, {len(layer.filter_scale)} scales, "
            f"stride {layer.stride}, dilation {layer.dilation}, {layer.padding}, "
            f"{layer.activation}, output {layer.output}"
        )


def random_case(seed: int) -> Case:
    """The same case for the same seed, everywhere."""
    rng = np.random.default_rng(seed)
    while True:
        batch, time, width, in_channels, out_channels = _sizes(rng)
        stride = int(rng.choice([1, 1, 1, 2, 2, 3]))
        dilation = int(rng.choice([1, 1, 1, 2, 3, 5]))
        padding: Literal["SAME", "VALID"] = "SAME" if rng.random() < 0.6 else "VALID"
        source = Quantisation(float(rng.uniform(0.005, 0.1)), _zero_point(rng))
        layer = _layer(rng, source, width, in_channels, out_channels, stride, dilation, padding)
        out_time = layer.out_time(time)
        if out_time < 1:
            continue
        if batch * out_time * width * in_channels * out_channels <= MAX_WORK:
            break
    shape = expand(layer.axis, batch, time, in_channels)
    values = _int8(rng, shape)
    return Case(seed, layer, source, values, conv_chain([layer], source, batch, time))


def _sizes(rng: np.random.Generator) -> tuple[int, int, int, int, int]:
    """batch, time, width, in_channels, out_channels."""
    width = int(rng.choice([1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 25, 32, 33, 48, 64]))
    time = 1 if rng.random() < 0.05 else int(rng.integers(1, 80))
    if rng.random() < 0.1:
        time = max(1, width // 3)  # a filter longer than its input
    in_channels = int(rng.choice([1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 24, 31, 32, 39]))
    out_channels = int(rng.choice([1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 29, 32, 33]))
    return int(rng.choice([1, 1, 1, 2, 3])), time, width, in_channels, out_channels


def _layer(
    rng: np.random.Generator,
    source: Quantisation,
    width: int,
    in_channels: int,
    out_channels: int,
    stride: int,
    dilation: int,
    padding: Literal["SAME", "VALID"],
) -> ConvLayer:
    weights = _int8(rng, [out_channels, width, in_channels])
    if rng.random() < 0.8:
        weights = np.maximum(weights, -127)  # what converters write; -128 is legal all the same
    output = Quantisation(float(6 / rng.uniform(20, 255)), _zero_point(rng))
    # Weight scales by which sums fill the int8 of the output, and some saturate.
    spread = 74.0**2 * np.sqrt(width * in_channels)  # 74: standard deviation of uniform int8
    steps = rng.uniform(10, 80) * (1 if rng.random() < 0.9 else 10 ** rng.uniform(-3, 3))
    channels = 1 if rng.random() < 0.25 else out_channels
    filter_scale = output.scale * steps / (source.scale * spread) * rng.uniform(0.5, 2, channels)
    span = int(spread * rng.uniform(0, 2)) + 1
    bias = rng.integers(-span, span, out_channels).astype(np.int32)
    return ConvLayer(
        filter=weights,
        bias=bias,
        filter_scale=filter_scale.astype(np.float32),
        output=output,
        stride=stride,
        dilation=dilation,
        padding=padding,
        activation=str(rng.choice(ACTIVATIONS)),
        axis="width" if rng.random() < 0.5 else "height",
        other_stride=int(rng.choice([1, 2])),
    )


def _int8(rng: np.random.Generator, shape: list[int]) -> npt.NDArray[np.int8]:
    kind = rng.random()
    if kind < 0.70:
        values = rng.integers(-128, 128, shape)
    elif kind < 0.85:
        values = rng.choice([-128, 127], shape)  # the largest sums
    else:
        values = np.full(shape, rng.choice([-128, -127, 127]))
    return values.astype(np.int8)


def _zero_point(rng: np.random.Generator) -> int:
    return int(rng.choice(ZERO_POINTS) if rng.random() < 0.5 else rng.integers(-128, 128))
