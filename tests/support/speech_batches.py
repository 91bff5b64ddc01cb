"""Batches as `wqlite.models.corpus` makes them, of sounds that are easy to learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from wqlite.models.ctc import BLANK
from wqlite.models.shape import FEATURES

LETTERS = 6
FRAMES_PER_LETTER = 6


def batches(
    utterances: int = 24, batch_size: int = 8, *, seed: int = 0, letters: int = LETTERS
) -> Any:
    """A `tf.data.Dataset`: every letter sounds like a vector of its own, in a little noise."""
    import tensorflow as tf

    generator = np.random.default_rng(seed)
    sounds = np.random.default_rng(99).standard_normal((BLANK, FEATURES)).astype(np.float32)
    lengths = generator.integers(2, letters + 1, utterances).astype(np.int32)
    labels = np.full((utterances, letters), BLANK, np.int32)
    features = np.zeros((utterances, letters * FRAMES_PER_LETTER, FEATURES), np.float32)
    for row, length in enumerate(lengths):
        labels[row, :length] = generator.choice(BLANK, length, replace=False)
        spoken = sounds[np.repeat(labels[row, :length], FRAMES_PER_LETTER)]
        noise = 0.1 * generator.standard_normal(spoken.shape)
        features[row, : len(spoken)] = spoken + noise
    inputs = {"features": features, "frames": lengths * FRAMES_PER_LETTER}
    targets = {"labels": labels, "label_lengths": lengths}
    return tf.data.Dataset.from_tensor_slices((inputs, targets)).batch(batch_size)


def small_model(*, channels: int = 24, seed: int = 0, batch_normalization: bool = False) -> Any:
    """Two convolutions with ReLUs, the second one of a kind that Winograd kernels take."""
    from wqlite.models.wav2letter import ConvLayer, build

    return build(
        layers=[ConvLayer(channels, 5, stride=2), ConvLayer(channels, 3)],
        activation="relu",
        batch_normalization=batch_normalization,
        time_steps=None,
        seed=seed,
        name="small",
    )
