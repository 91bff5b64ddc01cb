"""The compile-time tables against an independent computation with Python's fractions."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import gcd, lcm
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from wqlite.delegate import _core

Ints = npt.NDArray[np.int64]
Transform = Callable[[str, npt.NDArray[np.int8]], npt.NDArray[np.int16]]

HALF = Fraction(1, 2)
POINTS = [Fraction(p) for p in (0, 1, -1, 2, -2, HALF, -HALF, 3, -3)]
TILES = _core.tiles()


def levels(name: str) -> list[tuple[int, int]]:
    return [(int(m), int(r)) for m, r in re.findall(r"F\((\d+),(\d+)\)", name)]


def primitive(row: list[Fraction]) -> list[int]:
    """The integer row with content 1 whose first entry is positive."""
    common = lcm(*(x.denominator for x in row))
    integers = [int(x * common) for x in row]
    content = gcd(*integers)
    sign = next(np.sign(x) for x in integers if x)
    return [int(sign) * x // content for x in integers]


def times_linear(polynomial: list[Fraction], root: Fraction) -> list[Fraction]:
    """The product polynomial * (x - root), lowest power first."""
    shifted = [Fraction(0), *polynomial]
    return [a - root * b for a, b in zip(shifted, [*polynomial, Fraction(0)], strict=True)]


def base_matrices(m: int, r: int) -> tuple[Ints, Ints]:
    """The matrices bt and g of F(m, r), as toom_cook.h documents them."""
    points = POINTS[: m + r - 2]
    bt, g = [], []
    for point in points:
        others = [p for p in points if p != point]
        product = reduce(times_linear, others, [Fraction(1)])
        bt.append(primitive([*product, Fraction(0)]))
        g.append(primitive([point**k for k in range(r)]))
    bt.append(primitive(reduce(times_linear, points, [Fraction(1)])))
    g.append([0] * (r - 1) + [1])
    return np.array(bt), np.array(g)


def nested_matrices(name: str) -> tuple[Ints, Ints]:
    """The matrices bt and g of a product of tiles: Kronecker products; inputs overlap."""
    shapes = levels(name)
    pairs = [base_matrices(m, r) for m, r in shapes]
    bt, g = reduce(np.kron, (p[0] for p in pairs)), reduce(np.kron, (p[1] for p in pairs))
    steps = [int(np.prod([r for _, r in shapes[i + 1 :]])) for i in range(len(shapes))]
    offsets = np.zeros(1, int)
    for (m, r), step in zip(shapes, steps, strict=True):
        offsets = (offsets[:, None] + np.arange(m + r - 1) * step).ravel()
    folded = np.zeros((len(bt), offsets.max() + 1), int)
    for column, offset in enumerate(offsets):
        folded[:, offset] += bt[:, column]
    return folded, g


def matrix_of(transform: Transform, tile: str, size: int) -> Ints:
    """The matrix that a transform applies: its answers to the unit vectors."""
    columns = []
    for start in range(0, size, 8):  # one unit vector in each of the 8 lanes
        units = np.zeros((size, 8), np.int8)
        for lane in range(min(8, size - start)):
            units[start + lane, lane] = 1
        columns.append(transform(tile, units)[:, : min(8, size - start)])
    matrix: Ints = np.concatenate(columns, axis=1).astype(np.int64)
    return matrix


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile["name"])
def test_tables_equal_fractions(tile: dict[str, Any]) -> None:
    bt, g = nested_matrices(tile["name"])
    inputs = tile["outputs"] + tile["taps"] - 1
    np.testing.assert_array_equal(matrix_of(_core.transform_input, tile["name"], inputs), bt)
    weights = matrix_of(_core.transform_weights, tile["name"], tile["taps"])
    np.testing.assert_array_equal(weights, g)


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile["name"])
def test_output_transform_inverts_exactly(tile: dict[str, Any]) -> None:
    """Every pair of unit input j and unit weight k gives 1 at output j - k and nothing else.

    Bilinearity makes that a proof for all inputs and weights.
    """
    bt, g = nested_matrices(tile["name"])
    pairs = [(j, k) for j in range(bt.shape[1]) for k in range(tile["taps"])]
    for start in range(0, len(pairs), 4):
        lanes = pairs[start : start + 4]
        products = np.zeros((tile["points"], 4), np.int32)
        want = np.zeros((tile["outputs"], 4), np.int32)
        for lane, (j, k) in enumerate(lanes):
            products[:, lane] = bt[:, j] * g[:, k]
            if 0 <= j - k < tile["outputs"]:
                want[j - k, lane] = 1
        np.testing.assert_array_equal(_core.transform_output(tile["name"], products), want)


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile["name"])
def test_growth_bounds(tile: dict[str, Any]) -> None:
    bt, g = nested_matrices(tile["name"])
    assert abs(bt).sum(1).max() <= tile["v_growth"]  # a bound, since inputs overlap
    assert abs(g).sum(1).max() == tile["u_growth"]
    assert 128 * tile["v_growth"] <= 32767


def test_the_table_holds_every_tile_that_is_promised() -> None:
    names = {tile["name"] for tile in TILES}
    assert {"F(2,3)", "F(4,3)", "F(4,4)", "F(2,2)xF(4,4)"} <= names
    growing = [tile["points"] for tile in TILES]
    assert all(a <= b for a, b in pairwise(growing[:6]))


def test_unknown_tile_is_refused() -> None:
    with pytest.raises(ValueError, match="tile is 'F\\(9,9\\)'"):
        _core.transform_input("F(9,9)", np.zeros((17, 8), np.int8))


def test_wrong_number_of_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="there must be 3 rows, not 5"):
        _core.transform_input("F(2,2)", np.zeros((5, 8), np.int8))
