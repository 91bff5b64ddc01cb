"""Values and gradients of fake quantisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from wqlite.converter.rsq.fake_quant import (
    fake_quantize,
    fake_quantize_range_scaled,
    lsq_gradient_scale,
    scale_gradient,
)
from wqlite.converter.rsq.tiles import F23, TILES, Tile
from wqlite.converter.rsq.transformed_range import largest_transformed, tap_groups


def gradients(function: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Of the sum of `function`, weighted 1, 2, 3, ..., with respect to its arguments."""
    tensors = [tf.constant(argument, tf.float32) for argument in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = function(*tensors)
        weights = np.arange(1.0, 1 + np.prod(result.shape), dtype=np.float32).reshape(result.shape)
        total = tf.reduce_sum(result * weights)
    return [gradient.numpy() for gradient in tape.gradient(total, tensors)]


def test_values_are_rounded_and_clipped() -> None:
    values = np.array([-9.0, -0.7, -0.2, 0.0, 0.3, 0.8, 9.0], np.float32)
    result = fake_quantize(values, 0.5, -2, 3)
    np.testing.assert_allclose(result, [-1.0, -0.5, 0.0, 0.0, 0.5, 1.0, 1.5])


def test_gradients_are_lsq() -> None:
    values, scale, low, high = np.array([-9.0, -0.7, 0.3, 0.8, 9.0]), 0.5, -2.0, 3.0
    to_values, to_scale, *_ = gradients(fake_quantize, values, scale, low, high)
    weights = np.arange(1.0, 6.0)
    inside = [False, True, True, True, False]
    np.testing.assert_allclose(to_values, weights * inside)
    # Esser et al. 2020, equation 3.
    steps = np.where(inside, np.round(values / scale) - values / scale, [low, 0, 0, 0, high])
    np.testing.assert_allclose(to_scale, weights @ steps, rtol=1e-5)


def test_scales_of_channels_get_gradients_of_their_own() -> None:
    values = np.random.default_rng(0).standard_normal((6, 4))
    scale = np.array([0.1, 0.2, 0.3, 0.4])
    _, together, *_ = gradients(fake_quantize, values, scale, -3.0, 3.0)
    quantized = np.clip(np.round(values / scale), -3, 3)
    inside = np.abs(values / scale) <= 3
    weights = np.arange(1.0, 25.0).reshape(6, 4)
    expected = (weights * np.where(inside, quantized - values / scale, quantized)).sum(axis=0)
    np.testing.assert_allclose(together, expected, rtol=1e-4, atol=1e-4)


def test_gradient_scale_is_lsq() -> None:
    factor = lsq_gradient_scale(1000, 127)
    assert float(factor) == pytest.approx(1 / np.sqrt(1000 * 127))
    (gradient,) = gradients(lambda scale: 3.0 * scale_gradient(scale, factor), 0.2)
    assert gradient == pytest.approx(3 / np.sqrt(1000 * 127), rel=1e-5)
    assert float(scale_gradient(0.2, factor)) == pytest.approx(0.2)


each_tile = pytest.mark.parametrize("tile", TILES.values(), ids=TILES.keys())


def integers_of(kernel: Any, scale: Any, stride: int, tile: Tile) -> Any:
    return np.round(fake_quantize_range_scaled(kernel, scale, stride, tile) / scale)


def transformed(integers: Any, stride: int, tile: Tile) -> Any:
    groups = tap_groups(integers.astype(np.float32), stride, tile)
    return np.asarray(largest_transformed(groups, tile))


@each_tile
@pytest.mark.parametrize("seed", range(20))
def test_integers_stay_in_range(seed: int, tile: Tile) -> None:
    generator = np.random.default_rng(seed)
    width, stride = int(generator.integers(1, 13)), int(generator.integers(1, 4))
    spread = 10.0 ** generator.uniform(-6, 6)
    kernel = (spread * generator.standard_cauchy((width, 16, 12))).astype(np.float32)
    kernel[generator.random(kernel.shape) < 0.2] = 0.0
    # From scales that cut nearly everything off to those that cut nothing off.
    scale = (spread * 10.0 ** generator.uniform(-4, 3, 12)).astype(np.float32)
    integers = integers_of(kernel, scale, stride, tile)
    assert transformed(integers, stride, tile).max() <= 127
    assert np.abs(integers).max() <= 127


@each_tile
def test_the_worst_rounding_stays_in_range(tile: Tile) -> None:
    # Sums and differences at the bound, with all taps about to be rounded away from 0.
    level = tile.safe / tile.taps
    taps = np.floor(level - 0.5) + 0.5 + np.array([0, 1, 0] * (tile.taps // 3), np.float32)
    for signs in np.array(np.meshgrid(*[[-1, 1]] * tile.taps)).reshape(tile.taps, -1).T:
        for nudge in (0.999, 1.0, 1.0000001, 1.001, 2.0, 1e6):
            kernel = (taps * signs * nudge).astype(np.float32).reshape(-1, 1, 1)
            integers = integers_of(kernel, np.ones(1, np.float32), 1, tile)
            assert transformed(integers, 1, tile).max() <= 127


@each_tile
def test_groups_inside_are_only_rounded(tile: Tile) -> None:
    largest = tile.safe / tile.taps
    kernel = np.random.default_rng(0).uniform(-largest, largest, (6, 5, 3)).astype(np.float32)
    result = fake_quantize_range_scaled(kernel, np.ones(3, np.float32), 1, tile)
    np.testing.assert_array_equal(result, np.round(kernel))


def test_groups_outside_keep_their_direction() -> None:
    group = np.array([300.0, -100.0, 200.0], np.float32)
    shrunk = integers_of(group.reshape(3, 1, 1), np.ones(1, np.float32), 1, F23).ravel()
    np.testing.assert_allclose(shrunk, group * F23.safe / 600.0, atol=0.5)


@each_tile
def test_gradient_inside_is_straight_through(tile: Tile) -> None:
    largest = tile.safe / tile.taps
    kernel = np.random.default_rng(0).uniform(-largest, largest, (5, 2, 3))
    scale = np.array([1.0, 2.0, 4.0])
    to_kernel, to_scale = gradients(
        lambda k, s: fake_quantize_range_scaled(k, s, 1, tile), kernel, scale
    )
    weights = np.arange(1.0, 31.0).reshape(5, 2, 3)
    np.testing.assert_allclose(to_kernel, weights)
    steps = np.round(kernel / scale) - kernel / scale
    np.testing.assert_allclose(to_scale, (weights * steps).sum(axis=(0, 1)), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    "group",
    [
        (500.0, 30.0, -90.0),
        (80.0, 10.0, -400.0),
        (90.0, -70.0, 60.0),
        (500.0, 30.0, -90.0, 20.0, 10.0, 5.0),
        (180.0, -140.0, 120.0, 100.0, -80.0, 60.0),
        (20.0, 10.0, 1.0, 2.0, -300.0, -200.0),
    ],
)
def test_gradient_outside_is_that_of_the_shrunk_group(group: tuple[float, ...]) -> None:
    """Compared with differences of the same function without rounding."""
    (tile,) = (tile for tile in TILES.values() if tile.taps == len(group))

    def shrunk(taps: Any) -> Any:
        return taps * tile.safe / np.abs(tile.matrix @ taps).max()

    taps = np.array(group)
    for sign in (1.0, -1.0):
        # Weights along the group, so that one sign leads outward and one inward.
        weights = -sign * np.arange(1.0, tile.taps + 1) * np.sign(taps)
        with tf.GradientTape() as tape:
            kernel = tf.constant(taps.reshape(-1, 1, 1), tf.float32)
            tape.watch(kernel)
            result = fake_quantize_range_scaled(kernel, tf.ones(1), 1, tile)
            loss = tf.reduce_sum(tf.reshape(result, [-1]) * tf.constant(weights, tf.float32))
        found = tape.gradient(loss, kernel).numpy().ravel()
        if weights @ taps > 0:  # Descent leads back inside: nothing is taken away.
            expected = weights * shrunk(taps) / taps
        else:
            step = 1e-3
            expected = [
                weights @ (shrunk(taps + step * unit) - shrunk(taps - step * unit)) / (2 * step)
                for unit in np.eye(tile.taps)
            ]
            assert found @ taps == pytest.approx(0.0, abs=1e-2)
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)
