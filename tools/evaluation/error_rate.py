"""Word and letter error rates with confidence intervals.

Example:
```python
rate = ErrorRate.of_words(references, hypotheses)
rate.rate, rate.interval()          # 0.031, (0.025, 0.038)
```

The interval is a percentile bootstrap over utterances, since errors within one depend on each
other: M. Bisani, H. Ney, "Bootstrap Estimates for Confidence Intervals in ASR Performance
Evaluation", 2004.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import jiwer
import numpy as np
import numpy.typing as npt

RESAMPLES = 10_000
CONFIDENCE = 0.95
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ErrorRate:
    """Errors of a set of utterances.

    Attributes:
        errors: substitutions, deletions and insertions of each, int [utterances].
        lengths: words or letters of each reference, int [utterances].
    """

    errors: Counts
    lengths: Counts

    @classmethod
    def of_words(cls, references: Sequence[str], hypotheses: Sequence[str]) -> ErrorRate:
        """Word errors of each utterance; references are not empty."""
        return cls._of(map(jiwer.process_words, references, hypotheses))

    @classmethod
    def of_letters(cls, references: Sequence[str], hypotheses: Sequence[str]) -> ErrorRate:
        """Letter errors of each utterance; a space counts as a letter."""
        return cls._of(map(jiwer.process_characters, references, hypotheses))

    @classmethod
    def _of(cls, outputs: Iterable[jiwer.WordOutput | jiwer.CharacterOutput]) -> ErrorRate:
        counts = [
            (o.substitutions + o.deletions + o.insertions, o.hits + o.substitutions + o.deletions)
            for o in outputs
        ]
        errors, lengths = np.array(counts, np.int64).T
        return cls(errors, lengths)

    @property
    def rate(self) -> float:
        """Errors by length of all utterances together; above 1 where much is inserted."""
        return float(self.errors.sum() / self.lengths.sum())

    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of the rate; the same in every run."""
        weights = _resamples(len(self.errors))
        return _percentiles(weights @ self.errors / (weights @ self.lengths))


def pooled(rates: Sequence[ErrorRate]) -> ErrorRate:
    """Several models on the same utterances, as one: the rate is the mean of theirs.

    Each utterance stays one, so that the interval tells how much the choice of utterances matters.
    """
    return ErrorRate(
        np.sum([rate.errors for rate in rates], axis=0),
        np.sum([rate.lengths for rate in rates], axis=0),
    )


def difference_interval(rate: ErrorRate, base: ErrorRate) -> tuple[float, float]:
    """The 95 % confidence interval of `rate.rate - base.rate` on the same utterances.

    Both are resampled together, so that utterances that are hard for both cancel.
    """
    weights = _resamples(len(rate.errors))
    return _percentiles(
        weights @ rate.errors / (weights @ rate.lengths)
        - weights @ base.errors / (weights @ base.lengths)
    )


def _resamples(utterances: int) -> Counts:
    """How often each utterance is drawn, int [resamples, utterances]."""
    return np.random.default_rng(0).multinomial(
        utterances, np.full(utterances, 1 / utterances), RESAMPLES
    )


def _percentiles(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
