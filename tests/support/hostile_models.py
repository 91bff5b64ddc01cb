"""Small legal files of which each once made the delegate crash, or give other bytes than TFLite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.support.conv_model import ConvLayer, ModelBuilder, Quantisation, Tensor, schema

SOURCE = Quantisation(0.05, 3)
BAND = Quantisation(6 / 127, -128)


def _layer(
    out: int, width: int, channels: int, output: Quantisation | None = None, **fields: Any
) -> ConvLayer:
    rng = np.random.default_rng(width)
    return ConvLayer(
        filter=rng.integers(-42, 43, (out, width, channels)).astype(np.int8),
        bias=rng.integers(-999, 999, out).astype(np.int32),
        filter_scale=np.array([0.002], np.float32),
        output=output or Quantisation(0.1, -5),
        **fields,
    )


def _one(shape: list[int], layer: ConvLayer, source: Quantisation = SOURCE) -> bytes:
    builder = ModelBuilder()
    return builder.build(builder.conv(builder.input(shape, source), layer))


def _padded(value: int | None, operator: str = "PAD") -> bytes:
    """RELU6 into a band, padding, and a layer that needs the band."""
    builder = ModelBuilder()
    narrow = builder.conv(
        builder.input([1, 1, 64, 16], SOURCE), _layer(32, 1, 16, BAND, activation="RELU6"), "narrow"
    )
    pads = np.array([[0, 0], [0, 0], [3, 3], [0, 0]], np.int32)
    inputs = [narrow.index, builder.constant("pads", pads)]
    if value is not None:
        scale = np.array([BAND.scale], np.float32)
        inputs.append(builder.constant("value", np.array([value], np.int8), scale))
        # Else TFLite writes nothing, and says nothing.
        builder.graph.tensors[inputs[-1]].quantization.zeroPoint = np.array([BAND.zero_point])
    padded = builder.tensor("padded", [1, 1, 70, 32], BAND)
    options = schema.PadV2OptionsT() if operator == "PADV2" else schema.PadOptionsT()
    kind = "PadV2Options" if operator == "PADV2" else "PadOptions"
    builder.operator(operator, inputs, [padded], kind, options)
    return builder.build(builder.conv(padded, _layer(8, 3, 32), "second"))


def _out_of_order() -> bytes:
    """An operator that reads what it writes: it can never run before itself."""
    builder = ModelBuilder()
    conv = builder.conv(builder.input([1, 1, 8, 4], SOURCE), _layer(4, 1, 4))
    loop: Tensor = builder.tensor("loop", conv.shape, conv.quantisation)
    builder.operator("HARD_SWISH", [loop.index], [loop], "NONE", None)
    return builder.build(conv, loop)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "stride times channels beyond int32": lambda: _one(
        [1, 1, 2, 1 << 18], _layer(1, 1, 1 << 18, stride=1 << 14)
    ),
    "batch times dilation beyond int32": lambda: _one(
        [1 << 18, 1, 1, 2], _layer(2, 1, 2, dilation=1 << 14)
    ),
    "padding beyond int16": lambda: _one([1, 1, 40, 8], _layer(4, 257, 8, dilation=256)),
    "stride beyond int16": lambda: _one([1, 1, 40, 8], _layer(4, 3, 8, stride=65537)),
    "dilation beyond int16": lambda: _one([1, 1, 40, 8], _layer(4, 3, 8, dilation=65537)),
    "a multiplier of 2^30": lambda: _one(
        [1, 1, 16, 4],
        _layer(8, 3, 4, Quantisation(2.0**-30, -5), activation="RELU"),
        Quantisation(500.0),
    ),
    "padded with a value of its own": lambda: _padded(127),
    "PADV2": lambda: _padded(100, "PADV2"),
    "PADV2 within the band": lambda: _padded(-1, "PADV2"),
    "out of order": _out_of_order,
    "many channels and a long stride": lambda: _one([1, 1, 4, 64], _layer(4, 3, 64, stride=1000)),
}
"""Name -> the model."""

TOO_LARGE: dict[str, Callable[[], bytes]] = {
    "packed inputs beyond 32 bits": lambda: _one([1, 1, 1 << 20, 16], _layer(8, 256, 16)),
    "transformed inputs beyond 32 bits": lambda: _one([1, 1, 1 << 25, 1], _layer(1, 128, 1)),
}
"""On 32 bits TFLite gives an error for these; on 64 its own kernel crashes."""
