"""Which taps form a group of F(2,3), and what their transform makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from wqlite.converter.rsq.transformed_range import (
    WORST_CASE,
    kernel_of_groups,
    largest_transformed,
    tap_groups,
    winograd_applies,
)

G = np.array([[1, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 1]])
B_TRANSPOSED = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
C = np.array([[2, 1, 1, 0], [0, 1, -1, -2]])


def test_matrices_are_a_convolution() -> None:
    generator = np.random.default_rng(0)
    taps, signal = generator.integers(-9, 10, 3), generator.integers(-9, 10, 4)
    expected = [taps @ signal[:3], taps @ signal[1:]]
    assert (C @ ((G @ taps) * (B_TRANSPOSED @ signal))).tolist() == [2 * y for y in expected]


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 7, 8, 11, 48])
def test_groups_are_three_taps_of_one_phase(width: int, stride: int) -> None:
    taps = np.arange(1, width + 1, dtype=np.float32)
    found = {
        tuple(group)
        for group in np.moveaxis(np.asarray(tap_groups(taps, stride)), 1, -1).reshape(-1, 3)
        if any(group)
    }
    expected = set()
    for phase in range(min(stride, width)):
        of_phase = [*taps[phase::stride], 0.0, 0.0]
        expected |= {tuple(of_phase[i : i + 3]) for i in range(0, len(of_phase) - 2, 3)}
    assert found == expected


@pytest.mark.parametrize(("width", "stride"), [(1, 1), (7, 1), (11, 2), (8, 3)])
def test_groups_are_undone(width: int, stride: int) -> None:
    kernel = np.random.default_rng(0).standard_normal((width, 3, 5)).astype(np.float32)
    back = kernel_of_groups(tap_groups(kernel, stride), width)
    np.testing.assert_array_equal(back, kernel)


def test_largest_transformed_is_that_of_the_matrix() -> None:
    groups = np.random.default_rng(0).integers(-127, 128, (50, 3, 1, 2)).astype(np.float32)
    transformed = np.einsum("ut,btsc->busc", G, groups)
    expected = np.abs(transformed).max(axis=1)
    np.testing.assert_array_equal(ops.convert_to_numpy(largest_transformed(groups)), expected)


def test_worst_case_never_leaves_the_range() -> None:
    extremes = np.array(np.meshgrid(*[[-WORST_CASE, WORST_CASE]] * 3)).reshape(1, 3, 1, -1)
    assert np.asarray(largest_transformed(extremes.astype(np.float32))).max() <= 127


def test_winograd_needs_two_taps_in_a_phase() -> None:
    assert winograd_applies(2, 1)
    assert winograd_applies(3, 2)
    assert not winograd_applies(1, 1)
    assert not winograd_applies(2, 2)
