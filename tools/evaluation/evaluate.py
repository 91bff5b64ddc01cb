"""A model on a corpus: what it hears, how many errors that are, how long it takes.

Example:
```python
evaluation = evaluate(open_recognizer("model.tflite"), load_utterances(open_corpus("test.jsonl")))
evaluation.words.rate           # 0.031
```
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wqlite.models.corpus import Utterances
from wqlite.models.ctc import greedy_decode
from wqlite.models.features import FRAMES_A_SECOND
from wqlite.tools.evaluation.error_rate import ErrorRate
from wqlite.tools.evaluation.recognizer import Recognizer

Decoder = Callable[[npt.NDArray[np.float32]], str]
"""From logits [frames, 29] to text."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Evaluation:
    """What a model made of a corpus; sequences have one element for each utterance.

    Attributes:
        utterances: the corpus.
        hypotheses: what the model heard.
        words, letters: the errors.
        model_seconds: time from features to logits.
        decoder_seconds: time from logits to text.
    """

    utterances: Utterances
    hypotheses: Sequence[str]
    words: ErrorRate
    letters: ErrorRate
    model_seconds: Sequence[float]
    decoder_seconds: Sequence[float]

    @property
    def sound_seconds(self) -> float:
        """Length of all utterances, as the model sees them."""
        return float(self.utterances.frames.sum() / FRAMES_A_SECOND)

    @property
    def references(self) -> list[str]:
        """What was said."""
        return [example.text for example in self.utterances.examples]


def evaluate(
    recognizer: Recognizer,
    utterances: Utterances,
    decode: Decoder = greedy_decode,
    progress: Progress = lambda text: None,
) -> Evaluation:
    """Recognises every utterance.

    Args:
        recognizer: of `open_recognizer`.
        utterances: of `models.corpus.load_utterances`.
        decode: from logits [frames, 29] to text.
        progress: is told, after each utterance, how far it is and the error rate so far.
    """
    references = [example.text for example in utterances.examples]
    hypotheses: list[str] = []
    model_seconds, decoder_seconds = [], []
    for index in range(len(utterances)):
        features = utterances.features(index)
        times = [time.perf_counter()]
        logits = recognizer(features)
        times.append(time.perf_counter())
        hypotheses.append(decode(logits))
        times.append(time.perf_counter())
        model_seconds.append(times[1] - times[0])
        decoder_seconds.append(times[2] - times[1])
        progress(f"utterance {index + 1} of {len(utterances)}")
    return Evaluation(
        utterances,
        hypotheses,
        ErrorRate.of_words(references, hypotheses),
        ErrorRate.of_letters(references, hypotheses),
        model_seconds,
        decoder_seconds,
    )
