"""Letters, labels and greedy decoding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wqlite.models.ctc import (
    ALPHABET,
    BLANK,
    LABELS,
    LabelError,
    greedy_decode,
    labels_to_text,
    text_to_labels,
)

LETTERS = ALPHABET + "$"


def logits_of(path: str, dtype: Any = np.float32) -> Any:
    """Logits whose best labels spell `path`, one letter a frame, `$` for the blank."""
    noise = np.random.default_rng(0).integers(-100, 100, (len(path), LABELS))
    for frame, letter in enumerate(path):
        noise[frame, LETTERS.index(letter)] = 120
    return noise.astype(dtype)


def test_alphabet_is_arms() -> None:
    assert ALPHABET == "abcdefghijklmnopqrstuvwxyz' "
    assert (BLANK, LABELS) == (28, 29)


@pytest.mark.parametrize("dtype", [np.float32, np.int8])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("hello", "helo"),
        ("hel$lo", "hello"),
        ("$$h$ee$ll$l$oo$$", "hello"),
        ("it's  $ a", "it's  a"),
        ("$$$$", ""),
        ("aaaa", "a"),
        ("a$a$a", "aaa"),
        ("", ""),
    ],
)
def test_greedy_decoding_merges_then_drops_blanks(path: str, text: str, dtype: Any) -> None:
    assert greedy_decode(logits_of(path, dtype)) == text


def test_labels_and_text_are_inverse() -> None:
    text = "the quick brown fox's jump over a lazy dog"
    labels = text_to_labels(text)
    assert labels.dtype == np.int32
    assert labels[:3].tolist() == [19, 7, 4]
    assert labels_to_text(labels) == text


def test_capital_letters_count_as_small_ones() -> None:
    np.testing.assert_array_equal(text_to_labels("Hello"), text_to_labels("hello"))


@pytest.mark.parametrize(
    ("text", "letter"), [("caf\u00e9", "'\u00e9'"), ("a1", "'1'"), ("a\nb", "n'")]
)
def test_letter_outside_the_alphabet_is_named(text: str, letter: str) -> None:
    with pytest.raises(LabelError, match="outside the alphabet") as raised:
        text_to_labels(text)
    assert letter in str(raised.value)


def test_empty_text_is_refused() -> None:
    with pytest.raises(LabelError, match="text is empty"):
        text_to_labels("")


@pytest.mark.parametrize("label", [-1, 28, 99])
def test_label_that_is_no_letter_is_refused(label: int) -> None:
    with pytest.raises(LabelError, match=f"Label {label} is not a letter"):
        labels_to_text([0, label])


@pytest.mark.parametrize("shape", [(1, 5, 29), (5, 28), (29,)])
def test_logits_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LabelError, match=r"must have shape \[frames, 29\]"):
        greedy_decode(np.zeros(shape, np.float32))
