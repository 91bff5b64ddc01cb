"""The parts of the loss, against plain definitions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Floats = npt.NDArray[np.float32]
BLANK = 28


def to_numpy(tensor: Any) -> Floats:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(tensor))


def log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normal: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normal


def enumerated_ctc(labels: list[int], logits: Floats) -> float:
    """-log of the probability of all paths that merge to `labels`, one by one."""
    log_probabilities = log_softmax(logits)
    symbols = sorted({*labels, BLANK})
    total = 0.0
    for path in itertools.product(symbols, repeat=len(logits)):
        merged = [label for label, _ in itertools.groupby(path) if label != BLANK]
        if merged == labels:
            total += np.exp(sum(log_probabilities[t, label] for t, label in enumerate(path)))
    return float(-np.log(total))


@pytest.mark.parametrize("labels", [[3], [3, 5], [7, 7], [0, 27, 0]])
def test_ctc_is_the_sum_over_all_paths(labels: list[int]) -> None:
    from wqlite.converter.training import losses

    logits = np.random.default_rng(0).standard_normal((1, 5, 29)).astype(np.float32)
    value = losses.ctc(
        np.array([labels], np.int32),
        np.array([len(labels)], np.int32),
        logits,
        np.array([5], np.int32),
    )
    expected = enumerated_ctc(labels, logits[0]) / len(labels)
    assert to_numpy(value) == pytest.approx([expected], rel=1e-5)


def test_ctc_ignores_padding_of_frames_and_labels() -> None:
    from wqlite.converter.training import losses

    generator = np.random.default_rng(1)
    logits = generator.standard_normal((2, 8, 29)).astype(np.float32)
    labels = np.array([[1, 2, 3, 3], [4, 9, 9, 9]], np.int32)
    lengths, frames = np.array([3, 1], np.int32), np.array([6, 8], np.int32)
    both = to_numpy(losses.ctc(labels, lengths, logits, frames))
    changed = logits.copy()
    changed[0, 6:] = 50.0
    labels[0, 3], labels[1, 1:] = BLANK, BLANK
    np.testing.assert_allclose(to_numpy(losses.ctc(labels, lengths, changed, frames)), both)
    alone = to_numpy(losses.ctc(labels[:1, :3], lengths[:1], logits[:1, :6], frames[:1]))
    np.testing.assert_allclose(alone, both[:1], rtol=1e-5)


@pytest.mark.parametrize(("labels", "frames", "fits"), [([1, 1], 2, False), ([1, 1], 3, True)])
def test_text_that_does_not_fit_counts_nothing(labels: list[int], frames: int, fits: bool) -> None:
    import tensorflow as tf

    from wqlite.converter.training import losses

    logits = tf.Variable(np.random.default_rng(2).standard_normal((1, 4, 29)).astype(np.float32))
    with tf.GradientTape() as tape:
        value = losses.ctc(np.array([labels], np.int32), [2], logits, np.array([frames], np.int32))
    gradient = tape.gradient(value, logits)
    assert (float(value[0]) > 0) == fits
    assert np.isfinite(gradient).all()
    assert bool(np.any(gradient)) == fits


def test_own_kernel_of_tensorflow_equals_that_of_keras() -> None:
    import keras

    from wqlite.converter.training import losses

    generator = np.random.default_rng(3)
    logits = generator.standard_normal((4, 30, 29)).astype(np.float32)
    labels = generator.integers(0, BLANK, (4, 9)).astype(np.int32)
    lengths, frames = np.array([9, 4, 1, 7], np.int32), np.array([30, 22, 9, 28], np.int32)
    expected = keras.ops.ctc_loss(labels, logits, lengths, frames, mask_index=BLANK) / lengths
    np.testing.assert_allclose(
        to_numpy(losses.ctc(labels, lengths, logits, frames)), to_numpy(expected), rtol=1e-4
    )


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_divergence_is_that_of_the_definition(temperature: float) -> None:
    from wqlite.converter.training import losses

    generator = np.random.default_rng(4)
    teacher, student = generator.standard_normal((2, 3, 6, 29)).astype(np.float32) * 3
    frames = np.array([6, 2, 0])
    mask = losses.frame_mask(frames, 6)
    value = to_numpy(losses.kl_divergence(teacher, student, mask, temperature))
    expected, actual = log_softmax(teacher / temperature), log_softmax(student / temperature)
    each = (np.exp(expected) * (expected - actual)).sum(axis=-1) * temperature**2
    wanted = [each[0].mean(), each[1, :2].mean(), 0.0]
    np.testing.assert_allclose(value, wanted, rtol=1e-4, atol=1e-6)
    same = losses.kl_divergence(teacher, teacher, mask, temperature)
    np.testing.assert_allclose(to_numpy(same), 0.0, atol=1e-6)


def test_layer_distance_is_noise_over_power_of_the_valid_frames() -> None:
    from wqlite.converter.training import losses

    generator = np.random.default_rng(5)
    teacher = generator.standard_normal((2, 7, 5)).astype(np.float32)
    student = teacher + 0.1 * generator.standard_normal((2, 7, 5)).astype(np.float32)
    student[1, 3:] = 100.0
    frames = np.array([7, 3])
    value = to_numpy(losses.layer_distance(teacher, student, losses.frame_mask(frames, 7)))
    for row, length, found in zip(range(2), frames, value, strict=True):
        noise = np.square(student[row, :length] - teacher[row, :length]).sum()
        assert found == pytest.approx(noise / np.square(teacher[row, :length]).sum(), rel=1e-5)
    scaled = losses.layer_distance(8 * teacher, 8 * student, losses.frame_mask(frames, 7))
    np.testing.assert_allclose(to_numpy(scaled), value, rtol=1e-5)


@pytest.mark.parametrize(("frames", "stride", "expected"), [(1, 2, 1), (5, 2, 3), (296, 2, 148)])
def test_output_frames_round_up(frames: int, stride: int, expected: int) -> None:
    from wqlite.converter.training import losses

    assert to_numpy(losses.output_frames(np.array([frames]), stride)).tolist() == [expected]
