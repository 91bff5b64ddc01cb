"""The scale of each output channel's integer weights, without training."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from keras import ops

from .config import WeightLimit
from .fake_quant import fake_quantize_range_scaled
from .tiles import LARGEST, Tile
from .transformed_range import largest_transformed, tap_groups

Weights = npt.NDArray[np.float32]

SMALLEST_RATIO = 2.0**-14
"""Of a channel's scale to the layer's largest: channels of (nearly) zeros get a usable scale."""

CUTS = np.linspace(1.0, 0.4, 16)
"""The shares of the largest value that the search for the smallest error tries."""


def largest_level(limit: WeightLimit, tile: Tile) -> int:
    """The largest integer weight, transformed where that is what is bounded."""
    return tile.worst_case if limit == "worst_case" else LARGEST


def largest_scale(kernel: Weights, limit: WeightLimit, stride: int, tile: Tile) -> Weights:
    """The scale per output channel that cuts nothing off.

    Args:
        kernel: [..., output channels]; for "range_scaled" [width, input, output channels].
        limit: see `RsqConfig.weights`.
        stride: of the convolution.
        tile: of the Winograd kernel.
    """
    if limit == "range_scaled":
        groups = tap_groups(kernel, stride, tile)
        largest = ops.convert_to_numpy(largest_transformed(groups, tile)) / tile.safe
    else:
        largest = np.abs(kernel) / largest_level(limit, tile)
    scale = largest.max(axis=tuple(range(largest.ndim - 1)))
    smallest = SMALLEST_RATIO * scale.max() or 1.0 / LARGEST
    clear_of_zero: Weights = np.maximum(scale, smallest).astype(np.float32)
    return clear_of_zero


def best_scale(kernel: Weights, limit: WeightLimit, stride: int, tile: Tile) -> Weights:
    """The scale per output channel with the smallest squared error of the quantised weights.

    Only "range_scaled" cuts: it alone may shrink a few groups to resolve the others better.
    Arguments as `largest_scale`'s.
    """
    start = largest_scale(kernel, limit, stride, tile)
    if limit != "range_scaled":
        return start
    scales = [(cut * start).astype(np.float32) for cut in CUTS]
    errors = [_error(kernel, scale, stride, tile) for scale in scales]
    best: Weights = np.choose(np.argmin(errors, axis=0), scales)
    return best


def _error(kernel: Weights, scale: Weights, stride: int, tile: Tile) -> Weights:
    quantized = ops.convert_to_numpy(fake_quantize_range_scaled(kernel, scale, stride, tile))
    error: Weights = np.square(quantized - kernel).sum(axis=(0, 1))
    return error
