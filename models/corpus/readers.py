"""Corpora on disk: JSON-lines manifests and the folders of LibriSpeech.

Example:
```python
examples = open_corpus("corpus/train.jsonl")
examples = open_corpus("LibriSpeech/dev-clean")
```

A manifest has one JSON object a line: `{"audio": "train/000001.flac", "text": "turn on the light",
"duration": 1.84}`; the audio path is relative to the manifest, the duration is in seconds.

LibriSpeech: V. Panayotov et al., "LibriSpeech: an ASR corpus based on public domain audio books",
2015. Every chapter's folder holds `<speaker>-<chapter>.trans.txt`, with lines `<id> <TEXT>`, and
`<id>.flac` files.

Readers read no sound: whether it can be used, `wqlite.models.corpus.utterances` finds out.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile

from .errors import CorpusError

FORMAT = 'expected one {"audio": "a.flac", "text": "a b c", "duration": 1.5} a line'


@dataclass(frozen=True)
class Example:
    """One utterance of a corpus, as its index describes it.

    Attributes:
        audio: the sound file.
        text: what is said, in small letters, words one space apart; empty where it is not known.
        duration: seconds; NaN where it is not known.
    """

    audio: Path
    text: str
    duration: float


def open_corpus(path: str | os.PathLike[str]) -> list[Example]:
    """Reads a corpus of either kind: a folder as LibriSpeech, a file as a manifest.

    Raises:
        CorpusError: there is none, or it is of neither kind.
    """
    path = Path(path)
    if path.is_dir():
        return read_librispeech(path)
    return read_manifest(path)


def read_manifest(path: str | os.PathLike[str]) -> list[Example]:
    """Reads a JSON-lines manifest.

    Raises:
        CorpusError: no such file, a line of another form, or no utterances.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(f"Manifest {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"Manifest {path} is not text in UTF-8: {FORMAT}.") from error
    examples = [
        _parse(line, path, number) for number, line in enumerate(lines, start=1) if line.strip()
    ]
    if not examples:
        raise CorpusError(f"Manifest {path} holds no utterances: {FORMAT}.")
    return examples


def _parse(line: str, path: Path, number: int) -> Example:
    try:
        fields = json.loads(line)
        audio, text, duration = fields["audio"], fields["text"], fields["duration"]
    except KeyError as error:
        raise CorpusError(
            f"Line {number} of manifest {path} has no {error.args[0]!r}: {FORMAT}."
        ) from error
    except (ValueError, TypeError) as error:
        raise CorpusError(
            f"Line {number} of manifest {path} is not a JSON object: {FORMAT}."
        ) from error
    if not (isinstance(audio, str) and isinstance(text, str) and isinstance(duration, int | float)):
        raise CorpusError(
            f"Line {number} of manifest {path} has a value of a wrong type: {FORMAT}."
        )
    return Example(path.parent / audio, _tidy(text), float(duration))


def write_manifest(path: str | os.PathLike[str], examples: Iterable[Example]) -> None:
    """Writes a manifest; audio within its folder is written relative to it."""
    path = Path(path)
    lines = [
        json.dumps(
            {
                "audio": os.path.relpath(example.audio, path.parent),
                "text": example.text,
                "duration": round(example.duration, 4),
            }
        )
        for example in examples
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_librispeech(folder: str | os.PathLike[str]) -> list[Example]:
    """Reads a folder of LibriSpeech: a whole part such as `dev-clean`, a speaker or a chapter.

    A FLAC file that has no transcript becomes an example without text.

    Raises:
        CorpusError: no such folder, no transcripts below it, or a transcript that is not text.
    """
    folder = Path(folder)
    transcripts = sorted(folder.rglob("*.trans.txt"))
    if not transcripts:
        raise CorpusError(
            f"Folder {folder} is not a LibriSpeech corpus: there is no *.trans.txt below it "
            "(for a manifest, give the .jsonl file)."
        )
    return [example for transcript in transcripts for example in _read_chapter(transcript)]


def _read_chapter(transcript: Path) -> Sequence[Example]:
    try:
        lines = transcript.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"Transcript {transcript} cannot be read as text: {error}.") from error
    texts = dict.fromkeys((file.stem for file in sorted(transcript.parent.glob("*.flac"))), "")
    for line in lines:
        name, _, text = line.strip().partition(" ")
        if name:
            texts[name] = _tidy(text)
    paths = {name: transcript.with_name(f"{name}.flac") for name in sorted(texts)}
    return [Example(path, texts[name], _duration(path)) for name, path in paths.items()]


def _tidy(text: str) -> str:
    return " ".join(text.lower().split())


def _duration(path: Path) -> float:
    try:
        return float(soundfile.info(path).duration)
    except soundfile.SoundFileError:
        return math.nan  # Whoever needs the sound says what is wrong with it.
