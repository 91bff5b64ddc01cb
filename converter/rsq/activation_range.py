"""The int8 ranges that activations take, and how a plain `.tflite` file makes them hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

INT8_MIN, INT8_MAX = -128, 127


class Clamp(Enum):
    """A fused activation that keeps int8 values in their range, with its largest real value."""

    RELU6 = 6.0
    RELU_N1_TO_1 = 1.0


@dataclass(frozen=True)
class ActivationRange:
    """Which int8 values stand for activations; real value = scale * (value - zero point).

    Attributes:
        lowest, highest: the int8 values.
        zero_point: the one that stands for 0; `None` where calibration chooses it.
        clamp: what holds the range in the `.tflite` file if it is narrower than int8.
    """

    lowest: int = INT8_MIN
    highest: int = INT8_MAX
    zero_point: int | None = None
    clamp: Clamp | None = None

    @property
    def is_relu(self) -> bool:
        """Whether clipping to the range is, or includes, a ReLU."""
        return self.zero_point == self.lowest


LINEAR = ActivationRange()
"""All 256 values."""

RELU = ActivationRange(zero_point=INT8_MIN)
"""All 256 values, none of them negative."""


def relu_band(levels: int) -> ActivationRange:
    """RELU6 with scale 6/(levels - 1) and zero point -128 clamps to that many values.

    128 are [-128, -1], 64 are [-128, -65].
    """
    return ActivationRange(
        lowest=INT8_MIN, highest=INT8_MIN + levels - 1, zero_point=INT8_MIN, clamp=Clamp.RELU6
    )


def linear_band(levels: int) -> ActivationRange:
    """RELU_N1_TO_1 with scale 1/n and zero point 0 clamps to [-n, n]: n is 63 for 128 values."""
    largest = levels // 2 - 1
    return ActivationRange(-largest, largest, zero_point=0, clamp=Clamp.RELU_N1_TO_1)


def leaky_relu_band(negative_slope: float, levels: int) -> ActivationRange:
    """The range before a LeakyReLU whose output, on the same scale, is a band.

    RELU_N1_TO_1 with scale 1/n clamps to [-n, n], and the LeakyReLU makes that
    [-round(slope n), n]: as many values as `levels` for the largest n that fits.
    """
    largest = max(n for n in range(levels) if n + round(negative_slope * n) <= levels - 1)
    return ActivationRange(-largest, largest, zero_point=0, clamp=Clamp.RELU_N1_TO_1)
