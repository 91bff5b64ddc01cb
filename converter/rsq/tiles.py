"""The Winograd tiles that RSQ trains for: what each asks of weights and activations.

A tile makes several outputs of a group of taps g from products of transformed weights U = G g and
transformed inputs V = B^T d, which an int8 kernel computes exactly if both fit int8. (U is not
divided; the output is instead.) Nests are Kronecker products of base tiles, outermost first, and
are called as the delegate calls them (delegate/winograd/tile.cc).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LARGEST = 127
"""The largest absolute value of an integer weight, transformed or not."""


@dataclass(frozen=True)
class Tile:
    """A tile.

    Attributes:
        name: such as "F(2,3)".
        transform: G, [points][taps], integers.
        input_growth: the largest |V|, with inputs of up to 1.
    """

    name: str
    transform: tuple[tuple[int, ...], ...]
    input_growth: int

    @property
    def taps(self) -> int:
        """Taps of a group."""
        return len(self.transform[0])

    @property
    def matrix(self) -> npt.NDArray[np.float32]:
        """`transform` as an array."""
        return np.array(self.transform, np.float32)

    @property
    def band_levels(self) -> int:
        """Neighbouring int8 values whose transform fits int8.

        Rows of B^T add and subtract equally many inputs, or else a constant can be subtracted from
        all inputs so that V lies around 0: |V| is at most half the growth times the band's width.
        """
        return 2 * LARGEST // self.input_growth + 1

    @property
    def safe(self) -> float:
        """The largest |U| before rounding: each tap moves it by at most 0.5."""
        return LARGEST - self.taps / 2

    @property
    def worst_case(self) -> int:
        """With all weights up to this, no group can leave the range."""
        return LARGEST // int(np.abs(self.matrix).sum(axis=1).max())


def _nest(outer: Tile, inner: Tile) -> Tile:
    transform = np.kron(np.array(outer.transform), np.array(inner.transform))
    return Tile(
        f"{outer.name}x{inner.name}",
        tuple(tuple(map(int, row)) for row in transform),
        outer.input_growth * inner.input_growth,
    )


F22 = Tile("F(2,2)", ((1, 0), (1, 1), (0, 1)), 2)
F23 = Tile("F(2,3)", ((1, 0, 0), (1, 1, 1), (1, -1, 1), (0, 0, 1)), 2)
TILES = {tile.name: tile for tile in (F23, _nest(F23, F22))}
"""Name -> tile, of those that a model can be trained for."""


def tile_for(width: int, stride: int, wanted: Tile) -> Tile | None:
    """The tile for a convolution; `None` where no tile saves multiplications.

    Where no phase has more taps than F(2,3), larger tiles save less than that one.
    """
    if width <= stride:  # No phase has two taps.
        return None
    return wanted if width > F23.taps * stride else F23
