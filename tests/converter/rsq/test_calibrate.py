"""Scales found from data."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tests.support.rsq_models import decibels, float_model, quantized, signals
from wqlite.converter import ConversionError, rsq
from wqlite.converter.rsq.activation_range import (
    LINEAR,
    RELU,
    ActivationRange,
    leaky_relu_band,
    relu_band,
)
from wqlite.converter.rsq.calibrate import scale_for
from wqlite.converter.rsq.fake_quant import fake_quantize, fake_quantize_range_scaled
from wqlite.converter.rsq.tiles import F23, TILES, Tile
from wqlite.converter.rsq.weight_scale import best_scale, largest_scale


def chain(x: Any) -> Any:
    x = layers.Conv1D(8, 3, padding="same", activation="relu", name="first")(x)
    x = layers.Conv1D(8, 3, padding="same", name="second")(x)
    x = layers.LeakyReLU(0.2, name="leaky")(x)
    return layers.Conv1D(4, 3, padding="same", name="last")(x)


def test_calibration_beats_the_first_guess() -> None:
    reference = float_model(chain)
    student = rsq.quantize_model(reference)
    loud = 10 * signals()
    before = decibels(reference(loud), student(loud))
    rsq.calibrate(student, [loud])
    assert decibels(reference(loud), student(loud)) > before + 3


@pytest.mark.parametrize(
    "batches",
    [
        [signals(2)],
        iter([signals(2), signals(3)]),
        [{"features": signals(2), "frames": np.array([32, 32])}],
        [({"features": signals(2)}, {"labels": np.zeros(2)})],
        [(signals(2), np.zeros(2))],
    ],
)
def test_batches_come_in_the_forms_of_training(batches: Any) -> None:
    student = rsq.quantize_model(float_model(chain))
    start = student.get_layer("first").quantizer.parameters()
    rsq.calibrate(student, batches)
    assert student.get_layer("first").quantizer.parameters() != start


def test_calibration_is_repeatable_and_leaves_no_trace() -> None:
    first, second = (quantized(chain) for _ in range(2))
    np.testing.assert_array_equal(first(signals()), second(signals()))
    assert np.unique(np.asarray(first.get_layer("leaky")(signals()[:, :, :8]))).size <= 128


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ([], "cannot be calibrated without data: no batch"),
        ([{"sound": signals()}], "lacks the input 'features' of model 'small': it has 'sound'"),
        ([np.full((1, 32, 8), np.nan, np.float32)], "NaN or infinity before 'features_quantized'"),
    ],
)
def test_bad_batches_are_refused(batches: Any, message: str) -> None:
    student = rsq.quantize_model(float_model(chain))
    with pytest.raises(ConversionError, match=message):
        rsq.calibrate(student, batches)
    assert student.get_layer("features_quantized").observer is None


@pytest.mark.parametrize("next_width", [1, 3])
def test_clipped_relus_keep_their_clip(next_width: int) -> None:
    """In a band and in 8 bits."""

    def build(x: Any) -> Any:
        x = layers.Conv1D(8, 3, padding="same")(x)
        return layers.Conv1D(4, next_width, padding="same")(layers.ReLU(1.5, name="clipped")(x))

    reference = float_model(build)
    student = rsq.quantize_model(reference)
    loud = 10 * signals()
    rsq.calibrate(student, [loud])
    clipped = np.asarray(keras.Model(student.inputs[0], student.get_layer("clipped").output)(loud))
    assert 1.3 < clipped.max() <= 1.501
    assert decibels(reference(loud), student(loud)) > 25


def test_silence_keeps_the_guess() -> None:
    student = rsq.quantize_model(float_model(chain))
    start = student.get_layer("features_quantized").parameters()
    rsq.calibrate(student, [np.zeros((1, 32, 8), np.float32)])
    assert student.get_layer("features_quantized").parameters() == start


@pytest.mark.parametrize(
    ("limits", "lowest", "highest", "scale", "zero_point"),
    [
        (RELU, 0.0, 25.5, 0.1, -128),
        (relu_band(128), 0.0, 12.7, 0.1, -128),
        (relu_band(64), 0.0, 6.3, 0.1, -128),
        (LINEAR, -5.0, 20.5, 0.1, -78),
        (LINEAR, 0.0, 25.5, 0.1, -128),
        (LINEAR, -25.5, 0.0, 0.1, 127),
        (leaky_relu_band(0.2, 128), -2.0, 10.6, 0.1, 0),
        (leaky_relu_band(0.2, 128), -21.2, 10.6, 0.2, 0),
    ],
)
def test_scale_fits_the_range(
    limits: ActivationRange, lowest: float, highest: float, scale: float, zero_point: int
) -> None:
    found = scale_for(limits, lowest, highest)
    assert found[0] == pytest.approx(scale)
    assert found[1] == zero_point


@pytest.mark.parametrize("levels", [64, 128])
@pytest.mark.parametrize("slope", [0.0, 0.01, 0.1, 0.2, 0.25, 0.3, 0.5, 1.0])
def test_leaky_band_is_as_wide_as_a_band_can_be(slope: float, levels: int) -> None:
    largest = leaky_relu_band(slope, levels).highest
    assert largest + round(slope * largest) < levels
    assert largest + 1 + round(slope * (largest + 1)) >= levels


each_tile = pytest.mark.parametrize("tile", TILES.values(), ids=TILES.keys())


@each_tile
def test_searched_weight_scales_have_smaller_errors(tile: Tile) -> None:
    kernel = np.random.default_rng(0).standard_normal((7, 500, 4)).astype(np.float32)

    def error(scale: Any) -> Any:
        quantized_kernel = np.asarray(fake_quantize_range_scaled(kernel, scale, 1, tile))
        return np.square(quantized_kernel - kernel).sum(axis=(0, 1))

    largest = largest_scale(kernel, "range_scaled", 1, tile)
    best = best_scale(kernel, "range_scaled", 1, tile)
    assert (error(best) <= error(largest)).all()
    assert error(best).sum() < error(largest).sum()


@each_tile
def test_range_scaling_resolves_more_than_the_worst_case(tile: Tile) -> None:
    """The reason for all of it: finer levels for the same kernel, on the same 127 levels of U."""
    kernel = np.random.default_rng(0).standard_normal((7, 100, 16)).astype(np.float32)
    scale = best_scale(kernel, "range_scaled", 1, tile)
    scaled = fake_quantize_range_scaled(kernel, scale, 1, tile)
    largest = tile.worst_case
    worst = fake_quantize(kernel, best_scale(kernel, "worst_case", 1, tile), -largest, largest)
    assert decibels(kernel, scaled) > decibels(kernel, worst) + 2.5


@pytest.mark.parametrize("limit", ["range_scaled", "worst_case", "int8"])
def test_dead_channels_get_a_usable_scale(limit: Any) -> None:
    kernel = np.random.default_rng(0).standard_normal((3, 4, 5)).astype(np.float32)
    kernel[..., 1] = 0.0
    kernel[..., 2] *= 1e-30
    for dead in (kernel, np.zeros_like(kernel)):
        scale = best_scale(dead, limit, 1, F23)
        assert np.isfinite(scale).all()
        assert (scale > 1e-9).all()


def test_models_with_two_inputs() -> None:
    left, right = keras.Input((32, 8), name="left"), keras.Input((32, 8), name="right")
    total = layers.Add()([layers.Conv1D(4, 1)(left), layers.Conv1D(4, 1)(right)])
    model = keras.Model([left, right], total, name="two")
    student = rsq.quantize_model(model)
    a, b = signals(seed=1), signals(seed=2)
    rsq.calibrate(student, [{"right": b, "left": a}])
    assert decibels(model([a, b]), student([a, b])) > 30
