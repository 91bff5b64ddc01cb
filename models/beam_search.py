"""CTC prefix beam search, free or on a list of words.

Example:
```python
text = beam_search(logits)                                   # logits float [frames, 29]
text = beam_search(logits, words=WordList(["turn", "on", "off"]))
```

Greedy decoding takes the best path; a text is the sum of many paths, and this search adds them up.

Source: A. Hannun et al., "First-Pass Large Vocabulary Continuous Speech Recognition using
Bi-Directional Recurrent DNNs", 2014, algorithm 1, without a language model.

Own code, since no library that is kept up does this without a deep-learning framework:
`keras.ops.ctc_decode` knows no words, pyctcdecode (last release 2022) only favours its words, and
flashlight-text hangs on torchaudio's builds.
"""

from __future__ import annotations

import heapq
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .ctc import ALPHABET, BLANK, LABELS, LabelError, labels_to_text, text_to_labels

BEAM_WIDTH = 32
MIN_PROBABILITY = 1e-4
SPACE = ALPHABET.index(" ")


class WordListError(ValueError):
    """A list of words that cannot be used; the message is one sentence for the user."""


@dataclass(slots=True, eq=False)
class _TrieNode:
    """A place between two letters of a word, shared by the words that begin alike.

    Attributes:
        start: the place before a word's first letter; None if this is it.
        children: by label of the next letter.
        is_word: whether a word may end here.
    """

    start: _TrieNode | None = None
    children: dict[int, _TrieNode] = field(default_factory=dict)
    is_word: bool = False

    def follow(self, label: int) -> _TrieNode | None:
        """The place after one more letter, or None where no word goes on like that."""
        if label == SPACE:
            return self.start if self.is_word else None
        return self.children.get(label)

    @property
    def may_end(self) -> bool:
        """Whether no word is left unfinished."""
        return self.is_word or self.start is None


class _Anywhere:
    """The only place there is without a list of words."""

    may_end = True

    def follow(self, label: int) -> _Anywhere:
        """Any letter is permitted."""
        del label
        return self


class WordList:
    """The words that a search may use.

    Raises:
        WordListError: there is no word, or one has a letter outside the alphabet or a space.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.start = _TrieNode()
        for word in words:
            self._add(word)
        if not self.start.children:
            raise WordListError("The word list is empty: give at least one word.")

    def _add(self, word: str) -> None:
        try:
            labels = text_to_labels(word)
        except LabelError as error:
            raise WordListError(
                f"The word list holds {word!r}, which cannot be: {error}"
            ) from error
        if SPACE in labels:
            raise WordListError(f"The word list holds {word!r}, which is more than one word.")
        node = self.start
        for label in labels.tolist():
            node = node.children.setdefault(label, _TrieNode(self.start))
        node.is_word = True


def read_word_list(path: str | os.PathLike[str]) -> WordList:
    """Reads a text file of words, one a line; empty lines are passed over.

    Raises:
        WordListError: no such file, not text, or as `WordList`.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise WordListError(f"Word list {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise WordListError(f"Word list {path} is not text in UTF-8.") from error
    try:
        return WordList(line.strip() for line in lines if line.strip())
    except WordListError as error:
        raise WordListError(f"Word list {path} cannot be used. {error}") from error


@dataclass(slots=True, eq=False)
class _Prefix:
    """The beginning of a text. Each text has one object, by which its paths meet.

    Attributes:
        place: where it stands in the list of words.
        parent: the prefix without its last letter; None for the empty text.
        label: of the last letter.
        children: the prefixes that are one letter longer, None where no word permits them.
    """

    place: _TrieNode | _Anywhere
    parent: _Prefix | None = None
    label: int = BLANK
    children: dict[int, _Prefix | None] = field(default_factory=dict)

    def extend(self, label: int) -> _Prefix | None:
        """This text and one more letter, or None where no word permits that."""
        if label not in self.children:
            place = self.place.follow(label)
            self.children[label] = None if place is None else _Prefix(place, self, label)
        return self.children[label]

    def whole_words(self) -> _Prefix:
        """This text without an unfinished last word."""
        prefix = self
        while not prefix.place.may_end and prefix.parent is not None:
            prefix = prefix.parent
        return prefix

    def text(self) -> str:
        labels = []
        prefix = self
        while prefix.parent is not None:
            labels.append(prefix.label)
            prefix = prefix.parent
        return labels_to_text(reversed(labels))


@dataclass(slots=True)
class _Score:
    """Log probability of all paths of one text, by what the last frame holds."""

    blank: float = -math.inf
    letter: float = -math.inf

    @property
    def total(self) -> float:
        return _log_add(self.blank, self.letter)


def beam_search(
    logits: npt.NDArray[np.floating[Any]],
    *,
    words: WordList | None = None,
    beam_width: int = BEAM_WIDTH,
    min_probability: float = MIN_PROBABILITY,
) -> str:
    """The most probable text, or nearly so.

    Args:
        logits: float [frames, 29], before or after a softmax in logarithms. (int8 logits must be
            scaled first: probabilities, unlike the order, depend on it.)
        words: the text is made of these words only. Where the beam holds no text that ends with
            a whole word, the best one without its unfinished word is returned.
        beam_width: texts that are kept from frame to frame.
        min_probability: a letter less probable than this does not begin in a frame.

    Raises:
        LabelError: logits of another shape or of whole numbers, or not finite.
        ValueError: a beam width below 1.
    """
    if beam_width < 1:
        raise ValueError(f"The beam width must be at least 1, not {beam_width}.")
    beam = {_Prefix(words.start if words else _Anywhere()): _Score(blank=0.0)}
    for frame in _log_softmax(logits):
        beam = _advance(beam, frame.tolist(), _candidates(frame, min_probability), beam_width)
    best = max(beam, key=lambda prefix: (prefix.place.may_end, beam[prefix].total))
    return best.whole_words().text().strip()


def _advance(
    beam: dict[_Prefix, _Score], frame: list[float], candidates: list[int], beam_width: int
) -> dict[_Prefix, _Score]:
    """The best texts after one more frame of log probabilities."""
    scores: dict[_Prefix, _Score] = {}
    for prefix, score in beam.items():
        total = score.total
        same = scores.setdefault(prefix, _Score())
        same.blank = _log_add(same.blank, total + frame[BLANK])
        if prefix.parent is not None:
            same.letter = _log_add(same.letter, score.letter + frame[prefix.label])
        for label in candidates:
            longer = prefix.extend(label)
            if longer is not None:
                # A letter comes twice only where a blank stands between.
                before = score.blank if label == prefix.label else total
                new = scores.setdefault(longer, _Score())
                new.letter = _log_add(new.letter, before + frame[label])
    best = heapq.nlargest(beam_width, scores, key=lambda prefix: scores[prefix].total)
    return {prefix: scores[prefix] for prefix in best}


def _candidates(frame: npt.NDArray[np.float64], min_probability: float) -> list[int]:
    """The letters that may begin in this frame."""
    letters: list[int] = np.flatnonzero(np.exp(frame) >= min_probability).tolist()
    return [label for label in letters if label != BLANK]


def _log_softmax(logits: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    if logits.ndim != 2 or logits.shape[1] != LABELS or logits.dtype.kind != "f":
        raise LabelError(
            f"Logits must be floating point of shape [frames, {LABELS}], not {logits.dtype} of "
            f"{logits.shape}."
        )
    if not np.isfinite(logits).all():
        raise LabelError("Logits hold NaN or infinity.")
    shifted = logits - logits.max(axis=1, keepdims=True).astype(np.float64)
    log_probabilities: npt.NDArray[np.float64]
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_probabilities


def _log_add(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    low, high = (a, b) if a < b else (b, a)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))
