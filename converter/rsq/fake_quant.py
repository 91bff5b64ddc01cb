"""Fake quantisation with learned scales: rounded values forward, straight-through gradients back.

LSQ (S. K. Esser et al., "Learned Step Size Quantization", ICLR 2020): with v = x / scale,

    y = scale * round(clip(v, low, high))
    dy/dx = 1 inside the range, 0 outside
    dy/dscale = round(v) - v inside, low or high outside

Gradients are written out, since that takes half the passes over memory that the usual composition
with `stop_gradient` takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from .tiles import Tile
from .transformed_range import (
    Tensor,
    kernel_of_groups,
    largest_transformed,
    slope_of_largest,
    tap_groups,
)


def scale_gradient(scale: Tensor, factor: Tensor | float) -> Tensor:
    """`scale` itself, whose gradient is multiplied by `factor`."""
    return factor * scale + ops.stop_gradient((1.0 - factor) * scale)


def lsq_gradient_scale(count: Tensor | float, largest_level: Tensor | float) -> Tensor:
    """LSQ's 1 / sqrt(N Q_P), which balances the steps of scales and weights.

    Args:
        count: N, the values that share the scale (for activations: in one example).
        largest_level: Q_P, the largest positive integer level.
    """
    return 1.0 / ops.sqrt(ops.cast(count, "float32") * ops.cast(largest_level, "float32"))


def fake_quantize(values: Tensor, scale: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Values on the grid `scale * integer`, integers from `low` to `high`.

    Args:
        values: float32 [..., channels].
        scale: positive, [] or [channels].
        low: the smallest integer, [].
        high: the largest integer, [].

    Returns:
        float32 of the shape of `values`.
    """
    return _fake_quantize(
        values, scale, ops.convert_to_tensor(low, "float32"), ops.convert_to_tensor(high, "float32")
    )


@ops.custom_gradient  # type: ignore[untyped-decorator]
def _fake_quantize(
    values: Tensor, scale: Tensor, low: Tensor, high: Tensor
) -> tuple[Tensor, Callable[..., Any]]:
    quantized = ops.round(ops.clip(values / scale, low, high)) * scale

    def gradient(*arguments: Tensor, upstream: Tensor | None = None) -> tuple[Tensor, ...]:
        upstream = arguments[0] if upstream is None else upstream
        inside = ops.logical_and(values >= low * scale, values <= high * scale)
        to_values = ops.where(inside, upstream, 0.0)
        # (round(v) - v) * scale inside and the clipped value outside, both over the scale.
        to_scale = _sum_like(scale, upstream * quantized - to_values * values) / scale
        return to_values, to_scale, ops.zeros_like(low), ops.zeros_like(high)

    return quantized, gradient


def fake_quantize_range_scaled(kernel: Tensor, scale: Tensor, stride: int, tile: Tile) -> Tensor:
    """A kernel on the integer grid, every group of taps inside the transformed range.

    With v = kernel / scale and M = the largest transformed weight of a group, the whole group is
    multiplied by min(1, tile.safe / M) and then rounded: that leaves room for the roundings, so
    that the transformed integers are at most 127.

    The gradient is that of the constrained problem: in a shrunk group, what would only push the
    group further out is taken away (the result would not change); what leads back in stays.

    Args:
        kernel: float32 [width, input channels, output channels].
        scale: positive, [output channels].
        stride: of the convolution.
        tile: whose transform.
    """

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def quantize(kernel: Tensor, scale: Tensor) -> tuple[Tensor, Callable[..., Any]]:
        width = kernel.shape[0]
        groups = tap_groups(kernel / scale, stride, tile)
        largest = largest_transformed(groups, tile)
        shrink = tile.safe / ops.maximum(largest, tile.safe)
        levels = ops.round(groups * shrink[:, None])

        def gradient(*arguments: Tensor, upstream: Tensor | None = None) -> tuple[Tensor, ...]:
            upstream = arguments[0] if upstream is None else upstream
            slopes = tap_groups(upstream, stride, tile)
            along = ops.sum(slopes * groups, axis=1)
            shrunk = largest > tile.safe
            outward = ops.where(shrunk, ops.minimum(along, 0.0) / largest, 0.0)
            lead_out = slope_of_largest(groups, tile) * outward[:, None]
            to_groups = shrink[:, None] * (slopes - lead_out)
            to_scale = ops.sum(slopes * levels, axis=1) - ops.where(shrunk, 0.0, along)
            return kernel_of_groups(to_groups, width), _sum_like(scale, to_scale)

        return kernel_of_groups(levels, width) * scale, gradient

    return quantize(kernel, scale)


def _sum_like(scale: Tensor, values: Tensor) -> Tensor:
    """`values` summed over all axes, but for the last one where there is one scale per channel."""
    kept = len(scale.shape)
    return ops.sum(values, axis=tuple(range(len(values.shape) - kept)))
