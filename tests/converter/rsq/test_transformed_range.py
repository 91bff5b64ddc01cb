"""What RSQ's tiles ask, which taps form a group, and what the transform makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from wqlite.converter.rsq.tiles import F22, F23, TILES, Tile, tile_for
from wqlite.converter.rsq.transformed_range import (
    kernel_of_groups,
    largest_transformed,
    tap_groups,
)
from wqlite.tools.commands import train

NESTED = TILES["F(2,3)xF(2,2)"]
B_TRANSPOSED = {
    F23: np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]),
    F22: np.array([[1, -1, 0], [0, 1, 0], [0, -1, 1]]),
}
C = {F23: np.array([[2, 1, 1, 0], [0, 1, -1, -2]]), F22: np.array([[1, 1, 0], [0, 1, 1]])}

each_tile = pytest.mark.parametrize("tile", TILES.values(), ids=TILES.keys())


@pytest.mark.parametrize("tile", [F22, F23], ids=lambda tile: tile.name)
def test_matrices_are_a_convolution(tile: Tile) -> None:
    generator = np.random.default_rng(0)
    taps, signal = generator.integers(-9, 10, tile.taps), generator.integers(-9, 10, tile.taps + 1)
    expected = np.array([taps @ signal[:-1], taps @ signal[1:]])
    doubled = 2 if tile is F23 else 1
    products = (tile.matrix @ taps) * (B_TRANSPOSED[tile] @ signal)
    assert (C[tile] @ products).tolist() == (doubled * expected).tolist()


def test_what_each_tile_asks() -> None:
    for tile in (F22, F23):
        assert np.abs(B_TRANSPOSED[tile]).sum(axis=1).max() == tile.input_growth
    asked = [(t.taps, t.band_levels, t.worst_case, t.safe) for t in TILES.values()]
    assert asked == [(3, 128, 42, 125.5), (6, 64, 21, 124.0)]
    assert tuple(TILES) == train.TILES


@each_tile
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 7, 8, 11, 48])
def test_groups_are_taps_of_one_phase(width: int, stride: int, tile: Tile) -> None:
    size = tile.taps
    taps = np.arange(1, width + 1, dtype=np.float32)
    groups = np.moveaxis(np.asarray(tap_groups(taps, stride, tile)), 1, -1)
    found = {tuple(group) for group in groups.reshape(-1, size) if any(group)}
    expected = set()
    for phase in range(min(stride, width)):
        of_phase = [*taps[phase::stride], *[0.0] * (size - 1)]
        expected |= {
            tuple(of_phase[i : i + size]) for i in range(0, len(of_phase) - size + 1, size)
        }
    assert found == expected


@each_tile
@pytest.mark.parametrize(("width", "stride"), [(1, 1), (7, 1), (11, 2), (8, 3)])
def test_groups_are_undone(width: int, stride: int, tile: Tile) -> None:
    kernel = np.random.default_rng(0).standard_normal((width, 3, 5)).astype(np.float32)
    back = kernel_of_groups(tap_groups(kernel, stride, tile), width)
    np.testing.assert_array_equal(back, kernel)


@each_tile
def test_largest_transformed_is_that_of_the_matrix(tile: Tile) -> None:
    groups = np.random.default_rng(0).integers(-127, 128, (50, tile.taps, 1, 2)).astype(np.float32)
    transformed = np.einsum("ut,btsc->busc", tile.matrix, groups)
    expected = np.abs(transformed).max(axis=1)
    found = ops.convert_to_numpy(largest_transformed(groups, tile))
    np.testing.assert_array_equal(found, expected)


@each_tile
def test_worst_case_never_leaves_the_range(tile: Tile) -> None:
    most, taps = tile.worst_case, tile.taps
    extremes = np.array(np.meshgrid(*[[-most, most]] * taps)).reshape(1, taps, 1, -1)
    assert np.asarray(largest_transformed(extremes.astype(np.float32), tile)).max() <= 127


def test_which_convolutions_get_a_tile() -> None:
    """None with a tap in a phase, F(2,3) up to three."""
    found = [tile_for(width, stride, NESTED) for width, stride in [(1, 1), (2, 1), (3, 1), (4, 1)]]
    assert found == [None, F23, F23, NESTED]
    found = [tile_for(width, stride, NESTED) for width, stride in [(2, 2), (3, 2), (6, 2), (7, 2)]]
    assert found == [None, F23, F23, NESTED]
    assert tile_for(7, 1, F23) is F23
