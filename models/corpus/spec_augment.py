"""SpecAugment: stretches of time and of coefficients are hidden from the model in training.

D. S. Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic Speech
Recognition", 2019; its masks, without its time warp, which they found to matter least. Theirs are
bands of a mel spectrogram; ours are bands of MFCC, and their differences are hidden with them.
What is hidden becomes 0, the mean of normalised features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from ..shape import COEFFICIENTS, FEATURES


@dataclass(frozen=True)
class SpecAugment:
    """How much is hidden; widths are drawn evenly, from 0 on.

    Attributes:
        time_masks: how many stretches of time.
        time_width: the longest of them, in frames.
        time_share: the longest of them, as a part of the utterance.
        frequency_masks: how many bands of MFCC.
        frequency_width: the widest of them, in coefficients.
    """

    time_masks: int = 2
    time_width: int = 25
    time_share: float = 0.2
    frequency_masks: int = 1
    frequency_width: int = 3

    def __call__(self, features: Any, frames: Any, seed: Any) -> Any:
        """Hides parts of a batch.

        Args:
            features: float32 [batch, time, 39].
            frames: int32 [batch], how many are not padding.
            seed: int [2].

        Returns:
            float32 [batch, time, 39].
        """
        seeds = tf.random.split(seed, 2)
        width = tf.minimum(self.time_width, tf.cast(self.time_share * _real(frames), tf.int32))
        time = _mask(seeds[0], frames, width, tf.shape(features)[1], self.time_masks)
        coefficients = tf.fill(tf.shape(frames), COEFFICIENTS)
        width = tf.fill(tf.shape(frames), self.frequency_width)
        band = _mask(seeds[1], coefficients, width, COEFFICIENTS, self.frequency_masks)
        bands = tf.tile(band, [1, FEATURES // COEFFICIENTS])
        hidden = time[:, :, tf.newaxis] | bands[:, tf.newaxis, :]
        return tf.where(hidden, 0.0, features)


def _real(numbers: Any) -> Any:
    return tf.cast(numbers, tf.float32)


def _mask(seed: Any, lengths: Any, widths: Any, size: Any, count: int) -> Any:
    """True inside `count` random stretches, bool [batch, size].

    Args:
        seed: int [2].
        lengths: int32 [batch]; stretches lie within [0, length).
        widths: int32 [batch]; of the longest stretch.
        size: of the second axis.
        count: stretches of each row.
    """
    draws = tf.random.stateless_uniform([2, tf.size(lengths), count], seed)
    width = tf.floor(draws[0] * _real(widths + 1)[:, tf.newaxis])
    start = tf.floor(draws[1] * (_real(lengths)[:, tf.newaxis] - width + 1))
    position = tf.range(_real(size))
    inside = (position >= start[..., tf.newaxis]) & (position < (start + width)[..., tf.newaxis])
    return tf.reduce_any(inside, axis=1)
