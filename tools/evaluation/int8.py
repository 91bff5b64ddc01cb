"""Real numbers as the int8 ends of a model have them: value = scale * (integer - zero point)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def quantize(
    values: npt.NDArray[np.float32], scale: float, zero_point: int
) -> npt.NDArray[np.int8]:
    """Real values to int8: round(value / scale) + zero_point, saturated."""
    quantized: npt.NDArray[np.int8]
    quantized = np.clip(np.round(values / scale) + zero_point, -128, 127).astype(np.int8)
    return quantized


def dequantize(
    values: npt.NDArray[np.int8], scale: float, zero_point: int
) -> npt.NDArray[np.float32]:
    """What int8 values stand for."""
    real: npt.NDArray[np.float32]
    real = (scale * (values.astype(np.float32) - zero_point)).astype(np.float32)
    return real
