"""The groups of taps that meet in a tile's transformed weights, and how large those become.

This file is the only place in Python that says which taps form a group: a kernel of width k and
stride s falls into s phases (taps p, p + s, p + 2s, ...), and each phase is cut, from its first tap
on, into groups of the tile's taps, the last one filled with zeros. A dilation changes nothing.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from .tiles import Tile

Tensor = Any
"""A tensor of Keras's backend, or a numpy array."""


def tap_groups(kernel: Tensor, stride: int, tile: Tile) -> Tensor:
    """The groups of a kernel, zeros filled in.

    Args:
        kernel: [width, ...].
        stride: of the convolution.
        tile: whose groups.

    Returns:
        [blocks, taps, stride, ...]: element [b, i, p] is tap (taps b + i) stride + p.
    """
    width, *rest = kernel.shape
    blocks = -(-width // (tile.taps * stride))
    missing = blocks * tile.taps * stride - width
    padded = ops.pad(kernel, [[0, missing], *([0, 0] for _ in rest)])
    return ops.reshape(padded, (blocks, tile.taps, stride, *rest))


def kernel_of_groups(groups: Tensor, width: int) -> Tensor:
    """The inverse of `tap_groups`: [width, ...]."""
    return ops.reshape(groups, (-1, *groups.shape[3:]))[:width]


def largest_transformed(groups: Tensor, tile: Tile) -> Tensor:
    """The largest |U| of each group.

    Args:
        groups: [blocks, taps, stride, ...], as `tap_groups` returns them.
        tile: whose transform.

    Returns:
        [blocks, stride, ...].
    """
    return ops.max(_magnitudes(groups, tile), axis=0)


def slope_of_largest(groups: Tensor, tile: Tile) -> Tensor:
    """The derivative of `largest_transformed` with respect to `groups`, of the same shape."""
    largest = ops.argmax(_magnitudes(groups, tile), axis=0)
    rows = ops.moveaxis(ops.take(ops.convert_to_tensor(tile.matrix), largest, axis=0), -1, 1)
    return rows * ops.sign(ops.sum(rows * groups, axis=1, keepdims=True))


def _magnitudes(groups: Tensor, tile: Tile) -> Tensor:
    """|U|: [points, blocks, stride, ...]."""
    matrix = ops.convert_to_tensor(tile.matrix)
    return ops.abs(ops.tensordot(matrix, ops.convert_to_tensor(groups), axes=[[1], [1]]))
