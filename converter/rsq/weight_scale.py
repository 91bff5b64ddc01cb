"""The scale of each output channel's integer weights, without training."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from keras import ops

from .config import WeightLimit
from .fake_quant import fake_quantize_range_scaled
from .transformed_range import LARGEST, SAFE, WORST_CASE, largest_transformed, tap_groups

Weights = npt.NDArray[np.float32]

LEVELS: dict[WeightLimit, float] = {
    "range_scaled": LARGEST,
    "worst_case": WORST_CASE,
    "int8": LARGEST,
}
"""The largest integer weight, transformed where that is what is bounded."""

SMALLEST_RATIO = 2.0**-14
"""Of a channel's scale to the layer's largest: channels of (nearly) zeros get a usable scale."""

CUTS = np.linspace(1.0, 0.4, 16)
"""The shares of the largest value that the search for the smallest error tries."""


def largest_scale(kernel: Weights, limit: WeightLimit, stride: int) -> Weights:
    """The scale per output channel that cuts nothing off.

    Args:
        kernel: [..., output channels]; for "range_scaled" [width, input, output channels].
        limit: see `RsqConfig.weights`.
        stride: of the convolution.
    """
    if limit == "range_scaled":
        largest = ops.convert_to_numpy(largest_transformed(tap_groups(kernel, stride))) / SAFE
    else:
        largest = np.abs(kernel) / LEVELS[limit]
    scale = largest.max(axis=tuple(range(largest.ndim - 1)))
    smallest = SMALLEST_RATIO * scale.max() or 1.0 / LARGEST
    clear_of_zero: Weights = np.maximum(scale, smallest).astype(np.float32)
    return clear_of_zero


def best_scale(kernel: Weights, limit: WeightLimit, stride: int) -> Weights:
    """The scale per output channel with the smallest squared error of the quantised weights.

    Only "range_scaled" cuts: it alone may shrink a few groups to resolve the others better.
    Arguments as `largest_scale`'s.
    """
    start = largest_scale(kernel, limit, stride)
    if limit != "range_scaled":
        return start
    scales = [(cut * start).astype(np.float32) for cut in CUTS]
    errors = [_error(kernel, scale, stride) for scale in scales]
    best: Weights = np.choose(np.argmin(errors, axis=0), scales)
    return best


def _error(kernel: Weights, scale: Weights, stride: int) -> Weights:
    quantized = ops.convert_to_numpy(fake_quantize_range_scaled(kernel, scale, stride))
    error: Weights = np.square(quantized - kernel).sum(axis=(0, 1))
    return error
