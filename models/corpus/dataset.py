"""Training data as `tf.data`: batches of features and labels, shuffled, bucketed, augmented.

Example:
```python
train = make_dataset(
    open_corpus("corpus/train.jsonl"), batch_size=32, shuffle=True, time_steps=296,
    cache="corpus/features", augment=SpecAugment(),
)
for inputs, targets in train:
    inputs["features"], inputs["frames"]           # float32 [32, 296, 39], int32 [32]
    targets["labels"], targets["label_lengths"]    # int32 [32, letters], int32 [32]
```
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ..ctc import BLANK
from ..shape import FEATURES
from .readers import Example
from .spec_augment import SpecAugment
from .utterances import Progress, Utterances, load_utterances

__all__ = ["SpecAugment", "make_dataset"]

BUCKETS = 5


def make_dataset(
    examples: Sequence[Example],
    *,
    batch_size: int,
    shuffle: bool = False,
    seed: int = 0,
    time_steps: int | None = None,
    buckets: Sequence[int] | None = None,
    augment: SpecAugment | None = None,
    cache: str | os.PathLike[str] | None = None,
    drop_remainder: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> tf.data.Dataset:
    """Batches of a corpus.

    Batches have few different shapes, so that compiled models are compiled few times: features are
    padded with zeros to `time_steps` or the bound of their bucket, labels with the blank to the
    longest of the whole corpus.

    Args:
        examples: of a reader.
        batch_size: utterances in a batch.
        shuffle: in every epoch in another order, which follows from the seed.
        seed: of the order and the augmentation.
        time_steps: one length for all, in frames of 10 ms; longer utterances are skipped.
        buckets: instead, several lengths, ascending: an utterance goes into the first that it fits;
            those longer than the last are skipped. Neither: five buckets that are equally full.
        augment: hides parts of the features, for training.
        cache: folder that keeps the features between runs; None: they are kept in memory only.
        drop_remainder: leave out batches that are not full.
        strict: refuse the corpus if any utterance cannot be used, instead of skipping it.
        progress: is told, at every utterance, how far the features are.

    Returns:
        A dataset of known length of `({"features": float32 [batch, time, 39], "frames": int32
        [batch]}, {"labels": int32 [batch, letters], "label_lengths": int32 [batch]})`.

    Raises:
        CorpusError: as `load_utterances`.
        ValueError: both `time_steps` and `buckets` are given, or bounds are not ascending.
    """
    bounds = _given_bounds(time_steps, buckets)
    utterances = load_utterances(
        examples,
        cache=cache,
        max_frames=bounds[-1] if bounds else None,
        strict=strict,
        progress=progress,
    )
    bounds = bounds or _even_bounds(utterances.frames)
    dataset = tf.data.Dataset.range(len(utterances))
    if shuffle:
        dataset = dataset.shuffle(len(utterances), seed=seed, reshuffle_each_iteration=True)
    dataset = dataset.map(_reader(utterances), num_parallel_calls=tf.data.AUTOTUNE)
    dataset = _batch(dataset, utterances, bounds, batch_size, drop_remainder)
    if augment is not None:
        dataset = _augment(dataset, augment, seed)
    batches = _count_batches(utterances.frames, bounds, batch_size, drop_remainder)
    return dataset.apply(tf.data.experimental.assert_cardinality(batches)).prefetch(
        tf.data.AUTOTUNE
    )


def _given_bounds(time_steps: int | None, buckets: Sequence[int] | None) -> tuple[int, ...]:
    if time_steps is not None and buckets is not None:
        raise ValueError("Give time_steps or buckets, not both.")
    bounds = (time_steps,) if time_steps is not None else tuple(buckets or ())
    if any(bound < 1 for bound in bounds) or list(bounds) != sorted(set(bounds)):
        raise ValueError(f"Lengths must be positive and ascending, not {bounds}.")
    return bounds


def _even_bounds(frames: npt.NDArray[np.int32]) -> tuple[int, ...]:
    shares = np.linspace(0, 1, BUCKETS + 1)[1:]
    return tuple(np.unique(np.quantile(frames, shares, method="higher")).tolist())


def _reader(utterances: Utterances) -> Any:
    """The function from the number of an utterance to its element."""

    def read(index: np.int64) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        return utterances.features(int(index)), utterances.labels[int(index)]

    def element(index: Any) -> Any:
        features, labels = tf.numpy_function(read, [index], [tf.float32, tf.int32], stateful=False)
        features = tf.ensure_shape(features, [None, FEATURES])
        labels = tf.ensure_shape(labels, [None])
        return (
            {"features": features, "frames": tf.shape(features)[0]},
            {"labels": labels, "label_lengths": tf.size(labels)},
        )

    return element


def _batch(
    dataset: Any,
    utterances: Utterances,
    bounds: Sequence[int],
    batch_size: int,
    drop_remainder: bool,
) -> Any:
    letters = max(map(len, utterances.labels))

    def shapes(time_steps: int | None) -> Any:
        return (
            {"features": [time_steps, FEATURES], "frames": []},
            {"labels": [letters], "label_lengths": []},
        )

    padding = ({"features": 0.0, "frames": 0}, {"labels": BLANK, "label_lengths": 0})
    if len(bounds) == 1:  # The same, but with a shape that is known ahead.
        return dataset.padded_batch(batch_size, shapes(bounds[0]), padding, drop_remainder)
    return dataset.bucket_by_sequence_length(
        lambda inputs, targets: inputs["frames"],
        bucket_boundaries=[bound + 1 for bound in bounds],  # TensorFlow's are exclusive.
        bucket_batch_sizes=[batch_size] * (len(bounds) + 1),
        padded_shapes=shapes(None),
        padding_values=padding,
        pad_to_bucket_boundary=True,
        drop_remainder=drop_remainder,
    )


def _augment(dataset: Any, augment: SpecAugment, seed: int) -> Any:
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)

    def apply(batch: Any, seed: Any) -> Any:
        inputs, targets = batch
        return inputs | {"features": augment(inputs["features"], inputs["frames"], seed)}, targets

    return tf.data.Dataset.zip((dataset, seeds)).map(apply, num_parallel_calls=tf.data.AUTOTUNE)


def _count_batches(
    frames: npt.NDArray[np.int32], bounds: Sequence[int], batch_size: int, drop_remainder: bool
) -> int:
    buckets = np.bincount(np.searchsorted(bounds, frames))
    whole = buckets // batch_size
    return int(whole.sum() if drop_remainder else (-(-buckets // batch_size)).sum())
