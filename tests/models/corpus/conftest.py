"""Small corpora: tones as LibriSpeech and as a manifest, and one that the maker made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from wqlite.models.audio import SAMPLE_RATE
from wqlite.models.corpus import Example, synthesize, write_manifest


def write_tone(path: Path, seconds: float, *, pitch: float = 440.0) -> Path:
    """Writes a tone with a little noise, 16 bits at 16 kHz."""
    samples = np.arange(round(seconds * SAMPLE_RATE))
    noise = np.random.default_rng(len(samples)).normal(scale=0.01, size=len(samples))
    sound = 0.5 * np.sin(2 * np.pi * pitch / SAMPLE_RATE * samples) + noise
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, SAMPLE_RATE, subtype="PCM_16")
    return path


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Seven utterances of 0.4 to 1.6 seconds: 37 to 157 frames."""
    path = tmp_path / "corpus" / "train.jsonl"
    examples = [
        Example(
            write_tone(
                path.with_name("sound") / f"{number}.flac", seconds, pitch=200 + 50 * number
            ),
            text="abcdefgh"[: number + 1],
            duration=seconds,
        )
        for number, seconds in enumerate(np.linspace(0.4, 1.6, 7).round(2).tolist())
    ]
    write_manifest(path, examples)
    return path


@pytest.fixture
def librispeech(tmp_path: Path) -> Path:
    """Two chapters of two speakers, three utterances, laid out like LibriSpeech."""
    part = tmp_path / "LibriSpeech" / "dev-clean"
    for name in ("84-121123-0000", "84-121123-0001", "174-50561-0000"):
        speaker, chapter, _ = name.split("-")
        write_tone(part / speaker / chapter / f"{name}.flac", 1.0)
    (part / "84/121123/84-121123.trans.txt").write_text(
        "84-121123-0000 GO DO YOU HEAR\n84-121123-0001 BUT IN LESS THAN FIVE MINUTES\n"
    )
    (part / "174/50561/174-50561.trans.txt").write_text("174-50561-0000 FORGOTTEN TOO\n")
    return part


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of the maker: 12, 4 and 4 utterances."""
    folder = tmp_path_factory.mktemp("made") / "corpus"
    synthesize(folder, train=12, validation=4, test=4, seed=5)
    return folder
