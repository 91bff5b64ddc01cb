"""Beam search: against the sum over all paths, on a list of words, and its refusals."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from wqlite.models.beam_search import WordList, WordListError, beam_search, read_word_list
from wqlite.models.ctc import ALPHABET, BLANK, LABELS, LabelError, greedy_decode, text_to_labels

LIVE = [*text_to_labels("ab ").tolist(), BLANK]
FRAMES = 6


def random_logits(seed: int) -> npt.NDArray[np.float32]:
    """Logits in which only a few labels have a chance."""
    random = np.random.default_rng(seed)
    logits = np.full((FRAMES, LABELS), -60.0, np.float32)
    logits[:, LIVE] = random.normal(0, 1, (FRAMES, len(LIVE)))
    return logits


def text_of(path: tuple[int, ...]) -> str:
    merged = [label for label, _ in itertools.groupby(path)]
    return "".join(ALPHABET[label] for label in merged if label != BLANK)


def best_text(logits: npt.NDArray[np.float32], permitted: Callable[[str], bool]) -> str:
    """Sums the probabilities of all paths, one by one."""
    probabilities = np.exp(logits.astype(np.float64))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    texts: dict[str, float] = defaultdict(float)
    for path in itertools.product(LIVE, repeat=FRAMES):
        texts[text_of(path)] += float(np.prod(probabilities[range(FRAMES), path]))
    return max(filter(permitted, texts), key=lambda text: texts[text])


@pytest.mark.parametrize("seed", range(10))
def test_finds_the_text_of_the_most_probable_paths(seed: int) -> None:
    logits = random_logits(seed)
    expected = best_text(logits, lambda text: True)
    assert beam_search(logits, beam_width=1000, min_probability=0) == expected.strip()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("words", [["ab", "b"], ["aab"], ["a", "bb", "ba"]])
def test_finds_the_most_probable_text_of_the_words(seed: int, words: list[str]) -> None:
    def permitted(text: str) -> bool:
        # With a space at the end, too: whoever goes on has not said more.
        return not text or (
            text[0] != " "
            and all(w in words for w in text[:-1].split(" ")[:-1])
            and text.removesuffix(" ").split(" ")[-1] in words
            and "  " not in text
        )

    logits = random_logits(seed)
    found = beam_search(logits, words=WordList(words), beam_width=1000, min_probability=0)
    assert found == best_text(logits, permitted).strip()


def test_differs_from_greedy_where_many_paths_make_one_text() -> None:
    # Best path: two blanks, 0.6 * 0.6 = 0.36; "a": 0.4 * 0.4 + 2 * 0.4 * 0.6 = 0.64.
    logits = np.full((2, LABELS), -60.0, np.float32)
    logits[:, BLANK], logits[:, 0] = np.log(0.6), np.log(0.4)
    assert greedy_decode(logits) == ""
    assert beam_search(logits) == "a"


def spell(path: str, confidence: float = 6.0) -> npt.NDArray[np.float32]:
    """Noisy logits along a path, one letter a frame, `$` for the blank."""
    logits = np.random.default_rng(0).normal(0, 1, (len(path), LABELS)).astype(np.float32)
    for frame, letter in enumerate(path):
        logits[frame, BLANK if letter == "$" else ALPHABET.index(letter)] += confidence
    return logits


def test_words_put_a_misspelt_letter_right() -> None:
    logits = spell("t$urn$$ $of$f $$th$e$ lait$")
    assert beam_search(logits) == "turn off the lait"
    words = WordList(["turn", "off", "on", "the", "lamp", "light", "late", "wait"])
    assert beam_search(logits, words=words, beam_width=64).split()[:3] == ["turn", "off", "the"]
    assert beam_search(logits, words=words, beam_width=64).split()[3] in ("late", "wait", "light")


def test_an_unfinished_word_is_left_out() -> None:
    words = WordList(["on", "offering"])
    assert beam_search(spell("on$ $of$$", 20.0), words=words, min_probability=0.1) == "on"
    assert beam_search(spell("of$$", 20.0), words=words, min_probability=0.1) == ""


def test_no_frames_are_no_text() -> None:
    assert beam_search(np.zeros((0, LABELS), np.float32)) == ""


def test_three_seconds_take_a_fraction_of_that() -> None:
    path = "$$".join("she sells sea shells by the sea shore and more") + "$$$$$$$$$$$$"
    started = time.perf_counter()
    assert beam_search(spell(path, 4.0)).startswith("she")
    assert time.perf_counter() - started < 3  # about 0.1 s on an idle core


@pytest.mark.parametrize(
    ("logits", "message"),
    [
        (np.zeros((5, 28), np.float32), "shape"),
        (np.zeros((1, 5, 29), np.float32), "shape"),
        (np.zeros((5, 29), np.int8), "floating point"),
        (np.full((5, 29), np.nan, np.float32), "NaN"),
    ],
)
def test_bad_logits_are_refused(logits: npt.NDArray[Any], message: str) -> None:
    with pytest.raises(LabelError, match=message):
        beam_search(logits)


def test_beam_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="beam width must be at least 1, not 0"):
        beam_search(np.zeros((1, LABELS), np.float32), beam_width=0)


def test_word_list_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("Turn\n\n  it's \n")
    assert beam_search(spell("it$'s$ tu$rn"), words=read_word_list(path)) == "it's turn"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("on\ncaf\u00e9\n", "'caf\u00e9', which cannot be: Letter '\u00e9'"),
        ("turn on\n", "'turn on', which is more than one word"),
        (None, "cannot be read: No such file"),
    ],
)
def test_bad_word_lists_are_refused(content: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_text(content)
    with pytest.raises(WordListError, match=message) as raised:
        read_word_list(path)
    assert str(path) in str(raised.value)
