"""Which int8 values the tensors of a `.tflite` file can hold, from its own activations alone."""

from __future__ import annotations

import math
from typing import Any

from ..flatbuffer import ACTIVATION_NAMES, TFLiteFile
from .activation_range import INT8_MAX, INT8_MIN

Range = tuple[int, int]
"""Lowest and highest value."""

FULL = (INT8_MIN, INT8_MAX)
CLAMPS = {
    "RELU": (0.0, math.inf),
    "RELU6": (0.0, 6.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
}
"""Activation, fused or an operator -> the real values that it lets pass."""

SAME_VALUES = (
    "AVERAGE_POOL_2D",  # Lies between the values that it averages.
    "BATCH_TO_SPACE_ND",
    "CONCATENATION",
    "EXPAND_DIMS",
    "MAX_POOL_2D",
    "PAD",
    "RESHAPE",
    "SPACE_TO_BATCH_ND",
    "SQUEEZE",
    "STRIDED_SLICE",
    "TILE",
    "TRANSPOSE",
)
"""Operators whose outputs are some of their inputs, or the zero point.

The delegate reads the same from the file (delegate/tflite/ranges.h): what holds here, it proves.
"""


class Int8Ranges:
    """The ranges of a file's tensors."""

    def __init__(self, file: TFLiteFile) -> None:
        self._file = file
        self._producers = {
            output: operator for operator in file.operators_in_order for output in operator.outputs
        }

    def of(self, tensor: int) -> Range:
        """The values of the tensor with this index, padding included."""
        producer = self._producers.get(tensor)
        if producer is None:
            return FULL
        name = self._file.name(producer)
        scale, zero_point = self._grid(tensor)
        if name in SAME_VALUES:
            ranges = [self.of(index) for index in self._int8_inputs(producer)]
            lowest = min(low for low, _ in ranges)
            highest = max(high for _, high in ranges)
            return min(lowest, zero_point), max(highest, zero_point)
        if name == "LEAKY_RELU":
            return self._after_leaky_relu(producer, scale, zero_point)
        fused = getattr(producer.builtinOptions, "fusedActivationFunction", None)
        clamp = CLAMPS.get(name if fused is None else ACTIVATION_NAMES[fused])
        if clamp is None:
            return FULL
        return tuple(  # type: ignore[return-value]
            _saturate(limit / scale + zero_point) for limit in clamp
        )

    def _int8_inputs(self, operator: Any) -> list[int]:
        code = self._file.tensor(operator.outputs[0]).type
        return [index for index in operator.inputs if self._file.tensor(index).type == code]

    def _after_leaky_relu(self, operator: Any, scale: float, zero_point: int) -> Range:
        source = operator.inputs[0]
        source_scale, source_zero_point = self._grid(source)
        slope = operator.builtinOptions.alpha

        def value(quantized: int) -> int:
            real = source_scale * (quantized - source_zero_point)
            return _saturate(max(real, slope * real) / scale + zero_point)

        lowest, highest = self.of(source)
        return value(lowest), value(highest)

    def _grid(self, tensor: int) -> tuple[float, int]:
        quantization = self._file.tensor(tensor).quantization
        return float(quantization.scale[0]), int(quantization.zeroPoint[0])


def _saturate(value: float) -> int:
    return round(min(max(value, INT8_MIN), INT8_MAX))
