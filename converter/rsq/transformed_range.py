"""The range of F(2,3)'s transformed weights: which taps meet, and how large they may be.

F(2,3) computes two outputs of three taps g0, g1, g2 from the products of the transformed weights
U = g0, g0 + g1 + g2, g0 - g1 + g2, g2 (no halving; the output is divided by 2 instead). An int8
kernel is exact if all four fit int8. This file is the only place in Python that says which taps
form a group: a kernel of width k and stride s falls into s phases (taps p, p + s, p + 2s, ...),
and each phase is cut, from its first tap on, into groups of three, the last one filled with zeros.
A dilation changes nothing.
"""

from __future__ import annotations

from typing import Any

from keras import ops

Tensor = Any
"""A tensor of Keras's backend, or a numpy array."""

TAPS = 3
LARGEST = 127
"""The largest absolute value of an integer weight, transformed or not."""

SAFE = LARGEST - TAPS * 0.5
"""The same before rounding: each of the three taps moves by at most 0.5."""

WORST_CASE = LARGEST // TAPS
"""With all weights up to this, no group can leave the range."""


def winograd_applies(width: int, stride: int) -> bool:
    """Whether F(2,3) saves multiplications: some phase has two taps or more."""
    return width > stride


def tap_groups(kernel: Tensor, stride: int) -> Tensor:
    """The groups of a kernel, zeros filled in.

    Args:
        kernel: [width, ...].
        stride: of the convolution.

    Returns:
        [blocks, 3, stride, ...]: element [b, i, p] is tap 3 b stride + i stride + p.
    """
    width, *rest = kernel.shape
    blocks = -(-width // (TAPS * stride))
    missing = blocks * TAPS * stride - width
    padded = ops.pad(kernel, [[0, missing], *([0, 0] for _ in rest)])
    return ops.reshape(padded, (blocks, TAPS, stride, *rest))


def kernel_of_groups(groups: Tensor, width: int) -> Tensor:
    """The inverse of `tap_groups`: [width, ...]."""
    return ops.reshape(groups, (-1, *groups.shape[3:]))[:width]


def largest_transformed(groups: Tensor) -> Tensor:
    """max(|g0|, |g2|, |g0 + g1 + g2|, |g0 - g1 + g2|) of each group.

    Args:
        groups: [blocks, 3, stride, ...], as `tap_groups` returns them.

    Returns:
        [blocks, stride, ...].
    """
    first, middle, last = groups[:, 0], groups[:, 1], groups[:, 2]
    ends = ops.maximum(ops.abs(first), ops.abs(last))
    return ops.maximum(ends, ops.abs(first + last) + ops.abs(middle))
