"""SpecAugment: how much is hidden, and where."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from wqlite.models.corpus.spec_augment import SpecAugment

FRAMES = np.array([296, 200, 40, 3] * 16, np.int32)


def hidden(augment: SpecAugment, seed: int = 1) -> npt.NDArray[np.bool_]:
    features = np.ones((len(FRAMES), 296, 39), np.float32)
    masked = augment(tf.constant(features), tf.constant(FRAMES), tf.constant([seed, 0], tf.int64))
    assert set(np.unique(masked)) <= {0.0, 1.0}
    result: npt.NDArray[np.bool_] = masked.numpy() == 0.0
    return result


def runs(line: Any) -> list[int]:
    """Lengths of the stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
    lengths: list[int] = (edges[1::2] - edges[::2]).tolist()
    return lengths


def test_time_masks_hide_whole_frames_within_the_utterance() -> None:
    mask = hidden(SpecAugment(time_masks=1, frequency_masks=0, time_width=25, time_share=0.2))
    frames = mask.any(axis=2)
    np.testing.assert_array_equal(frames, mask.all(axis=2))
    for line, length in zip(frames, FRAMES, strict=True):
        assert not line[length:].any()
        assert len(runs(line)) <= 1
        assert line.sum() <= min(25, int(0.2 * length))
    widths = frames.sum(axis=1)[::4]
    assert widths.max() > 15
    assert len(np.unique(widths)) > 8


def test_frequency_masks_hide_bands_with_their_differences() -> None:
    mask = hidden(SpecAugment(time_masks=0, frequency_masks=1, frequency_width=3))
    bands = mask.any(axis=1)
    np.testing.assert_array_equal(bands, mask.all(axis=1))
    blocks = bands.reshape(len(FRAMES), 3, 13)
    np.testing.assert_array_equal(blocks[:, 0], blocks[:, 1])
    np.testing.assert_array_equal(blocks[:, 0], blocks[:, 2])
    widths = [sum(runs(line)) for line in blocks[:, 0]]
    assert set(widths) == {0, 1, 2, 3}
    assert all(len(runs(line)) <= 1 for line in blocks[:, 0])
    assert blocks[:, 0].any(axis=0).all()


def test_several_masks() -> None:
    augment = SpecAugment(time_masks=3, frequency_masks=0, time_width=10)
    counts = {len(runs(line)) for line in hidden(augment).any(axis=2)}
    assert max(counts) == 3


def test_the_seed_chooses_the_masks() -> None:
    augment = SpecAugment()
    np.testing.assert_array_equal(hidden(augment, 1), hidden(augment, 1))
    assert (hidden(augment, 1) != hidden(augment, 2)).any()


def test_no_masks_hide_nothing() -> None:
    assert not hidden(SpecAugment(time_masks=0, frequency_masks=0)).any()


def test_utterances_of_a_batch_have_masks_of_their_own() -> None:
    lines = hidden(SpecAugment(time_masks=1, frequency_masks=0)).any(axis=2)[::4]
    assert len({line.tobytes() for line in lines}) > 8
