"""Letters and labels: the alphabet of Arm's Wav2letter, and greedy CTC decoding.

Example:
```python
text = greedy_decode(logits)            # logits [frames, 29], float or int8
labels = text_to_labels("hello world")  # int32 [11]
```

Source of the decoding rule: A. Graves et al., "Connectionist Temporal Classification", 2006: take
the best label of each frame, merge repetitions, drop the blank.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import numpy as np
import numpy.typing as npt

ALPHABET = "abcdefghijklmnopqrstuvwxyz' "
BLANK = len(ALPHABET)
LABELS = len(ALPHABET) + 1
"""28 letters and the blank, which is the last label and which Arm writes `$`."""


class LabelError(ValueError):
    """Text or logits that do not fit the alphabet; the message is one sentence for the user."""


def text_to_labels(text: str) -> npt.NDArray[np.int32]:
    """The labels of a text, int32 [letters]; capital letters count as small ones.

    Raises:
        LabelError: the text is empty or has a letter outside the alphabet.
    """
    if not text:
        raise LabelError("The text is empty: a transcript needs at least one letter.")
    for position, letter in enumerate(text.lower()):
        if letter not in ALPHABET:
            raise LabelError(
                f"Letter {letter!r} at position {position} of {text!r} is outside the alphabet "
                "(a to z, apostrophe and space)."
            )
    return np.array([ALPHABET.index(letter) for letter in text.lower()], np.int32)


def labels_to_text(labels: Iterable[int]) -> str:
    """The text of the labels of letters.

    Raises:
        LabelError: a label is not the number of a letter.
    """
    return "".join(map(_letter, labels))


def greedy_decode(logits: npt.NDArray[np.float32] | npt.NDArray[np.int8]) -> str:
    """The text of the best label of each frame.

    Args:
        logits: [frames, 29]. int8 logits of a quantised model need no scale: it keeps the order.

    Raises:
        LabelError: another shape.
    """
    if logits.ndim != 2 or logits.shape[1] != LABELS:
        raise LabelError(f"Logits must have shape [frames, {LABELS}], not {logits.shape}.")
    merged = [label for label, _ in groupby(logits.argmax(axis=1).tolist())]
    return labels_to_text(label for label in merged if label != BLANK)


def _letter(label: int) -> str:
    if not 0 <= label < BLANK:
        raise LabelError(f"Label {label} is not a letter: labels go from 0 to {BLANK - 1}.")
    return ALPHABET[label]
