"""Batches for training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.corpus.conftest import write_tone
from wqlite.models.corpus import CorpusError, CorpusWarning, Example, load_utterances, open_corpus
from wqlite.models.corpus.dataset import SpecAugment, make_dataset
from wqlite.models.ctc import BLANK

FRAMES = [37, 57, 77, 97, 117, 137, 157]


@pytest.fixture
def examples(manifest: Path) -> list[Example]:
    return open_corpus(manifest)


def batches(dataset: Any) -> list[dict[str, Any]]:
    return [inputs | targets for inputs, targets in dataset.as_numpy_iterator()]


def order(dataset: Any) -> list[int]:
    return [frames for batch in batches(dataset) for frames in batch["frames"].tolist()]


def test_elements_and_padding(examples: list[Example]) -> None:
    dataset = make_dataset(examples, batch_size=4, time_steps=160)
    assert int(dataset.cardinality()) == 2
    inputs, targets = dataset.element_spec
    assert inputs["features"] == tf.TensorSpec([None, 160, 39], tf.float32)
    assert inputs["frames"] == tf.TensorSpec([None], tf.int32)
    assert targets["labels"] == tf.TensorSpec([None, 7], tf.int32)
    assert targets["label_lengths"] == tf.TensorSpec([None], tf.int32)

    first, second = batches(dataset)
    assert len(first["frames"]) == 4
    assert len(second["frames"]) == 3
    assert order(dataset) == FRAMES
    utterances = load_utterances(examples)
    for index in range(4):
        frames, letters = first["frames"][index], first["label_lengths"][index]
        np.testing.assert_array_equal(first["features"][index, :frames], utterances.features(index))
        assert not first["features"][index, frames:].any()
        np.testing.assert_array_equal(first["labels"][index, :letters], utterances.labels[index])
        assert (first["labels"][index, letters:] == BLANK).all()


def test_the_last_batch_can_be_dropped(examples: list[Example]) -> None:
    dataset = make_dataset(examples, batch_size=4, time_steps=160, drop_remainder=True)
    assert int(dataset.cardinality()) == 1
    assert dataset.element_spec[0]["features"].shape == (4, 160, 39)
    assert order(dataset) == FRAMES[:4]


def test_buckets(examples: list[Example]) -> None:
    dataset = make_dataset(examples, batch_size=2, buckets=(57, 120, 157))
    found = batches(dataset)
    assert int(dataset.cardinality()) == len(found) == 4
    shapes = {(batch["features"].shape, tuple(batch["frames"])) for batch in found}
    assert shapes == {
        ((2, 57, 39), (37, 57)),
        ((2, 120, 39), (77, 97)),
        ((1, 120, 39), (117,)),
        ((2, 157, 39), (137, 157)),
    }
    assert {batch["labels"].shape[1] for batch in found} == {7}


def test_buckets_without_remainders(examples: list[Example]) -> None:
    dataset = make_dataset(examples, batch_size=2, buckets=(57, 120, 157), drop_remainder=True)
    assert int(dataset.cardinality()) == len(batches(dataset)) == 3


def test_buckets_are_found(examples: list[Example]) -> None:
    dataset = make_dataset(examples, batch_size=2)
    found = batches(dataset)
    assert int(dataset.cardinality()) == len(found) == 6
    assert {batch["features"].shape[1] for batch in found} == {77, 97, 117, 137, 157}
    assert sorted(order(dataset)) == FRAMES


def test_longer_utterances_are_skipped(examples: list[Example]) -> None:
    with pytest.warns(CorpusWarning, match=r"2 of 7 (.|\n)* window of 120"):
        assert order(make_dataset(examples, batch_size=3, time_steps=120)) == FRAMES[:5]
    with pytest.raises(CorpusError, match="refused, since 1 of 7"):
        make_dataset(examples, batch_size=3, buckets=(50, 150), strict=True)


def test_the_seed_sets_the_order_of_every_epoch(examples: list[Example]) -> None:
    def two_epochs(seed: int) -> list[list[int]]:
        dataset = make_dataset(examples, batch_size=3, time_steps=160, shuffle=True, seed=seed)
        return [order(dataset), order(dataset)]

    first, second = two_epochs(1)
    assert first != second
    assert sorted(first) == sorted(second) == FRAMES
    assert two_epochs(1) == [first, second]
    assert two_epochs(2) != [first, second]


def test_augmentation_differs_by_epoch_and_follows_from_the_seed(examples: list[Example]) -> None:
    def two_epochs(seed: int) -> list[bytes]:
        dataset = make_dataset(
            examples, batch_size=7, time_steps=160, seed=seed, augment=SpecAugment()
        )
        assert int(dataset.cardinality()) == 1
        return [batches(dataset)[0]["features"].tobytes() for _ in range(2)]

    first, second = two_epochs(1)
    assert first != second
    assert two_epochs(1) == [first, second]
    assert two_epochs(2)[0] not in (first, second)


def test_augmentation_only_hides(examples: list[Example]) -> None:
    plain = batches(make_dataset(examples, batch_size=7))
    augmented = batches(make_dataset(examples, batch_size=7, augment=SpecAugment()))
    for before, after in zip(plain, augmented, strict=True):
        kept = after["features"] != 0
        np.testing.assert_array_equal(after["features"][kept], before["features"][kept])
        np.testing.assert_array_equal(after["labels"], before["labels"])
    assert sum((batch["features"] != 0).sum() for batch in augmented) < sum(
        (batch["features"] != 0).sum() for batch in plain
    )


def test_the_cache_is_used(examples: list[Example], tmp_path: Path) -> None:
    cache = tmp_path / "features"
    first = batches(make_dataset(examples, batch_size=7, time_steps=160, cache=cache))
    files = {file: file.stat().st_mtime_ns for file in cache.rglob("*.npy")}
    assert len(files) == 7
    again = batches(make_dataset(examples, batch_size=7, time_steps=160, cache=cache))
    np.testing.assert_array_equal(first[0]["features"], again[0]["features"])
    assert {file: file.stat().st_mtime_ns for file in cache.rglob("*.npy")} == files


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ({"time_steps": 100, "buckets": (100,)}, "not both"),
        ({"buckets": (100, 50)}, r"ascending, not \(100, 50\)"),
        ({"buckets": (50, 50)}, "ascending"),
        ({"time_steps": 0}, "positive"),
    ],
)
def test_wrong_lengths(lengths: dict[str, Any], message: str, tmp_path: Path) -> None:
    example = Example(write_tone(tmp_path / "a.flac", 0.5), "a", 0.5)
    with pytest.raises(ValueError, match=message):
        make_dataset([example], batch_size=1, **lengths)


def test_every_utterance_has_a_finite_ctc_loss(examples: list[Example], tmp_path: Path) -> None:
    longest = write_tone(tmp_path / "longest.flac", 2.982)
    tightest = Example(longest, "ab" * 74, 2.982)  # As many letters as frames of output.
    (batch,) = batches(make_dataset([*examples, tightest], batch_size=8, time_steps=296))
    logits = np.random.default_rng(0).normal(size=(8, 148, 29)).astype(np.float32)
    loss = keras.ops.ctc_loss(
        batch["labels"], logits, batch["label_lengths"], -(-batch["frames"] // 2), BLANK
    )
    assert np.isfinite(loss).all()
    assert np.min(loss) > 0
