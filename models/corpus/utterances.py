"""What of a corpus can be used: its features and labels, and a list of what cannot, and why.

Example:
```python
utterances = load_utterances(open_corpus("corpus/test.jsonl"), cache="features", max_frames=296)
utterances.features(0)    # float32 [frames, 39]
utterances.labels[0]      # int32 [letters]
```
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..audio import AudioError
from ..ctc import LabelError, text_to_labels
from .errors import CorpusError, CorpusWarning
from .feature_cache import FeatureCache, Features
from .parallel import parallel_map
from .readers import Example

Labels = npt.NDArray[np.int32]
Progress = Callable[[str], None]
OUTPUT_STRIDE = 2
"""Frames of input for one frame of a model's output."""


@dataclass(frozen=True)
class Utterances:
    """The usable part of a corpus, in its order.

    Attributes:
        examples: the index entries.
        labels: int32 [letters] of each.
        frames: int32 [utterances], how many frames each has.
        keys: of the features in the cache.
        cache: holds the features.
        skipped: what cannot be used, "file: reason".
    """

    examples: Sequence[Example]
    labels: Sequence[Labels]
    frames: npt.NDArray[np.int32]
    keys: Sequence[str]
    cache: FeatureCache
    skipped: Sequence[str]

    def __len__(self) -> int:
        return len(self.examples)

    def features(self, index: int) -> Features:
        """The features [frames, 39] of one utterance."""
        return self.cache[self.keys[index]]


@dataclass(frozen=True)
class _Usable:
    example: Example
    labels: Labels
    frames: int
    key: str


def load_utterances(
    examples: Sequence[Example],
    *,
    cache: str | os.PathLike[str] | None = None,
    max_frames: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Utterances:
    """Computes, or finds, the features of a corpus and checks every utterance.

    An utterance cannot be used if its sound cannot be read, its transcript is empty or has a letter
    outside the alphabet, it is longer than `max_frames`, or it has fewer output frames than CTC
    needs. Such ones are left out, and one `CorpusWarning` counts and names them.

    Args:
        examples: of a reader.
        cache: folder that keeps the features between runs; None: they are kept in memory only.
        max_frames: the longest utterance, in frames of 10 ms.
        strict: refuse the corpus if any utterance cannot be used.
        progress: is told, at every utterance, how far it is.

    Raises:
        CorpusError: the corpus is refused, none of it can be used, or the cache cannot be written.
    """
    store = FeatureCache(cache)
    usable: list[_Usable] = []
    skipped: list[str] = []
    with parallel_map(lambda example: _check(example, store, max_frames), examples) as results:
        for done, result in enumerate(results, start=1):
            if isinstance(result, _Usable):
                usable.append(result)
            else:
                skipped.append(result)
            if progress:
                progress(f"features: {done} of {len(examples)} utterances")
    _report(skipped, len(examples), strict=strict)
    return Utterances(
        examples=[one.example for one in usable],
        labels=[one.labels for one in usable],
        frames=np.array([one.frames for one in usable], np.int32),
        keys=[one.key for one in usable],
        cache=store,
        skipped=skipped,
    )


def _check(example: Example, store: FeatureCache, max_frames: int | None) -> _Usable | str:
    """The utterance, or why it cannot be used."""
    try:
        labels = text_to_labels(example.text)
        key, frames = store.add(example.audio)
    except LabelError as error:
        return f"{example.audio}: {error}"
    except AudioError as error:
        return str(error)  # It names the file.
    if max_frames is not None and frames > max_frames:
        return f"{example.audio}: it has {frames} frames, more than the window of {max_frames}."
    needed = frames_needed(labels)
    outputs = -(-frames // OUTPUT_STRIDE)
    if outputs < needed:
        return (
            f"{example.audio}: its {frames} frames give {outputs} of output, "
            f"but CTC needs {needed} for its {len(labels)} letters."
        )
    return _Usable(example, labels, frames, key)


def frames_needed(labels: Labels) -> int:
    """The fewest output frames that can spell the labels: equal neighbours need a blank between."""
    return len(labels) + int(np.count_nonzero(labels[1:] == labels[:-1]))


def _report(skipped: Sequence[str], total: int, *, strict: bool) -> None:
    if not skipped:
        return
    count = f"{len(skipped)} of {total} utterances cannot be used"
    listed = "".join(f"\n  {reason}" for reason in skipped)
    if strict or len(skipped) == total:
        raise CorpusError(f"The corpus is refused, since {count}:{listed}")
    warnings.warn(f"{count} and are skipped:{listed}", CorpusWarning, stacklevel=3)
