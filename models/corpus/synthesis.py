"""The maker of a synthetic corpus: espeak-ng's voices in rooms and noise.

Example:
```python
synthesize("corpus", train=6000, validation=300, test=600, seed=1)
examples = open_corpus("corpus/train.jsonl")
```

Every utterance has random numbers of its own, which follow from the seed, its split and its number:
the same seed makes the same bytes on the same machine, however many threads there are, and a larger
corpus begins with the smaller one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import librosa
import numpy as np
import soundfile

from ..audio import SAMPLE_RATE, Audio
from ..speech import speak
from .acoustics import DIFFICULTIES, Difficulty
from .errors import CorpusError
from .grammar import SHARES, draw_sentence
from .parallel import parallel_map
from .readers import Example, write_manifest
from .voices import voices

Progress = Callable[[str], None]
Format = Literal["flac", "wav"]
SPLITS = tuple(SHARES)
SPEEDS = (130, 210)
"""Words per minute."""
PITCHES = (20, 80)
"""Of espeak-ng, where 50 is the voice's own."""
PAUSES = (0.05, 0.20)
"""Seconds of silence before and after the speech."""
PEAKS = (0.2, 0.9)
SILENCE_DB = 50
BABBLE_VOICES = 5
BABBLE_SENTENCES = 4
MOST_TRIES = 100


@dataclass(frozen=True)
class Made:
    """One split of a corpus that was made.

    Attributes:
        utterances: how many it has.
        seconds: their sound, in all.
        dropped: utterances that were too long; others were made in their place.
        words: how many different words it has.
    """

    utterances: int
    seconds: float
    dropped: int
    words: int


def synthesize(
    folder: str | os.PathLike[str],
    *,
    train: int = 6000,
    validation: int = 300,
    test: int = 600,
    seed: int = 0,
    difficulty: Difficulty = DIFFICULTIES["medium"],
    max_seconds: float = 2.9,
    audio_format: Format = "flac",
    words_of_a_kind: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Mapping[str, Made]:
    """Makes a corpus: sound files, and `train.jsonl`, `validation.jsonl`, `test.jsonl`.

    No speaker and no sentence is in two splits, nor in two splits of any two such corpora.

    Args:
        folder: must not exist yet; it is written under another name and renamed in the end.
        train: utterances to train with; a split of none is left out.
        validation: utterances to watch the training with.
        test: utterances to test with.
        seed: of all random numbers.
        difficulty: noise and reverberation, see `DIFFICULTIES`.
        max_seconds: longer utterances are dropped and replaced.
        audio_format: "flac" or "wav", 16 bits, 16 kHz, mono.
        words_of_a_kind: use only the first few names, animals, ..., for a small vocabulary.
        workers: threads; None: as many as the machine has processors.
        progress: is told, at every utterance, how far it is.

    Returns:
        What was made, by split.

    Raises:
        CorpusError: the folder exists or cannot be written, or nothing is short enough.
        SpeechError: espeak-ng is missing or fails.
    """
    folder = Path(folder)
    counts = {"train": train, "validation": validation, "test": test}
    _check(folder, counts)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        temporary.mkdir()
        made = {
            split: _SplitMaker(
                temporary, split, seed, difficulty, max_seconds, audio_format, words_of_a_kind
            ).make(count, workers, progress)
            for split, count in counts.items()
            if count
        }
        temporary.rename(folder)
    except (OSError, soundfile.SoundFileError) as error:
        raise CorpusError(f"Corpus {folder} cannot be written: {error}.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return made


def _check(folder: Path, counts: Mapping[str, int]) -> None:
    if folder.exists():
        raise CorpusError(f"Corpus {folder} exists already: remove it or choose another folder.")
    if not folder.parent.is_dir():
        raise CorpusError(f"Corpus {folder} cannot be made: {folder.parent} is not a folder.")
    if min(counts.values()) < 0 or not any(counts.values()):
        raise CorpusError(f"A corpus needs utterances, but its splits have {dict(counts)}.")


@dataclass(frozen=True)
class _Spoken:
    example: Example
    dropped: int


class _SplitMaker:
    """Makes one split below a folder."""

    def __init__(
        self,
        folder: Path,
        split: str,
        seed: int,
        difficulty: Difficulty,
        max_seconds: float,
        audio_format: Format,
        words_of_a_kind: int | None,
    ) -> None:
        self._folder = folder
        self._split = split
        self._seed = (seed, SPLITS.index(split))
        self._difficulty = difficulty
        self._max_seconds = max_seconds
        self._format = audio_format
        self._words_of_a_kind = words_of_a_kind
        self._voices = voices(split)
        self._babble = self._make_babble()

    def make(self, count: int, workers: int | None, progress: Progress | None) -> Made:
        (self._folder / self._split).mkdir()
        spoken = []
        with parallel_map(self._make_utterance, range(count), workers) as results:
            for result in results:
                spoken.append(result)
                if progress:
                    progress(f"{self._split}: {len(spoken)} of {count} utterances")
        examples = [one.example for one in spoken]
        write_manifest(self._folder / f"{self._split}.jsonl", examples)
        return Made(
            utterances=count,
            seconds=sum(example.duration for example in examples),
            dropped=sum(one.dropped for one in spoken),
            words=len({word for example in examples for word in example.text.split()}),
        )

    def _make_utterance(self, index: int) -> _Spoken:
        for dropped in range(MOST_TRIES):
            generator = np.random.default_rng((*self._seed, index, dropped))
            text = self._draw_sentence(generator)
            voice, dry = self._speak(text, generator)
            if len(dry) <= self._max_seconds * SAMPLE_RATE:
                path = self._folder / self._split / f"{index:06}_{voice}.{self._format}"
                self._record(path, dry, generator)
                return _Spoken(Example(path, text, len(dry) / SAMPLE_RATE), dropped)
        raise CorpusError(
            f"Not one of {MOST_TRIES} utterances is within {self._max_seconds} seconds: allow more."
        )

    def _draw_sentence(self, generator: np.random.Generator) -> str:
        return draw_sentence(generator, self._split, self._words_of_a_kind)

    def _speak(self, text: str, generator: np.random.Generator) -> tuple[str, Audio]:
        """A voice of the split and the dry sound, with a pause before and after."""
        utterance = speak(
            text,
            voice=self._voices[generator.integers(len(self._voices))],
            speed=int(generator.integers(*SPEEDS, endpoint=True)),
            pitch=int(generator.integers(*PITCHES, endpoint=True)),
        )
        # The whole module is loaded when first used, which mypy does not know.
        speech, _ = librosa.effects.trim(  # type: ignore[attr-defined]
            utterance.audio, top_db=SILENCE_DB
        )
        pauses = generator.uniform(*PAUSES, size=2) * SAMPLE_RATE
        return utterance.voice, np.pad(speech, np.rint(pauses).astype(int))

    def _record(self, path: Path, dry: Audio, generator: np.random.Generator) -> None:
        audio = self._difficulty.draw(generator).apply(dry, self._babble, generator)
        audio *= generator.uniform(*PEAKS) / np.abs(audio).max()
        soundfile.write(path, audio, SAMPLE_RATE, subtype="PCM_16")

    def _make_babble(self) -> Audio:
        """Several voices of the split at once, for as long as each of them talks."""
        talks = [
            self._talk(np.random.default_rng((*self._seed, 0, 0, number)))
            for number in range(BABBLE_VOICES)
        ]
        shortest = min(map(len, talks))
        babble: Audio = np.sum([talk[:shortest] / np.abs(talk).max() for talk in talks], axis=0)
        return babble

    def _talk(self, generator: np.random.Generator) -> Audio:
        sentences = (self._draw_sentence(generator) for _ in range(BABBLE_SENTENCES))
        return np.concatenate([self._speak(text, generator)[1] for text in sentences])
