"""The speech maker: sentences spoken by espeak-ng in many voices, for demos and tests.

Example:
```python
utterance = speak("the quick brown fox", voice="en-gb+f3", speed=150, pitch=60)
corpus = [speak_at_random(text, seed=index) for index, text in enumerate(SENTENCES)]
```

espeak-ng is a program of its own: `apt-get install espeak-ng`.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from .audio import Audio, load_audio

ACCENTS = (
    "en-us",
    "en-us-nyc",
    "en-gb",
    "en-gb-x-rp",
    "en-gb-scotland",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
)
SPEAKERS = ("f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8")
VOICES = tuple(f"{accent}+{speaker}" for accent, speaker in product(ACCENTS, SPEAKERS))
"""Accents of English, each with several timbres."""

SPEED_LIMITS = (80, 450)
PITCH_LIMITS = (0, 99)
NATURAL_SPEEDS = (130, 190)
NATURAL_PITCHES = (25, 75)

SENTENCES = (
    "she sells sea shells by the sea shore",
    "the quick brown fox jumps over the lazy dog",
    "please turn off the light in the kitchen",
    "what is the weather like tomorrow morning",
    "it's a long way to the nearest station",
    "set an alarm for half past seven",
    "the river flows quietly through the valley",
    "how many people live in this city",
    "we'll meet again at the old bridge",
    "play some music and close the door",
)
"""For demos; letters of the alphabet of `wqlite.models.ctc` only."""


class SpeechError(RuntimeError):
    """Speech that could not be made; the message is one sentence for the user."""


@dataclass(frozen=True)
class Utterance:
    """A spoken sentence.

    Attributes:
        audio: float32 [samples], 16 kHz.
        text: what is said.
        voice: espeak-ng's name of the voice, e.g. "en-us+f3".
        speed: words per minute.
        pitch: 0 to 99, where 50 is the voice's own.
    """

    audio: Audio
    text: str
    voice: str
    speed: int
    pitch: int


def speak(text: str, *, voice: str = "en-us", speed: int = 160, pitch: int = 50) -> Utterance:
    """Lets espeak-ng say a text.

    Args:
        text: English words.
        voice: one of `VOICES`, or any other of espeak-ng.
        speed: words per minute, 80 to 450.
        pitch: 0 to 99.

    Raises:
        SpeechError: the text is empty, a number is out of range, the voice is unknown, or espeak-ng
            is missing or fails.
    """
    if not text.strip():
        raise SpeechError("The text is empty: there is nothing to say.")
    _check_range("speed", speed, SPEED_LIMITS)
    _check_range("pitch", pitch, PITCH_LIMITS)
    with tempfile.TemporaryDirectory() as folder:
        # A file, since the header that espeak-ng streams to a pipe has no length.
        path = Path(folder) / "speech.wav"
        _run_espeak(text, voice, speed, pitch, path)
        return Utterance(load_audio(path), text, voice, speed, pitch)


def speak_at_random(text: str, *, seed: int) -> Utterance:
    """Lets a voice that the seed chooses say a text, at a natural speed and pitch.

    Raises:
        SpeechError: as `speak`.
    """
    generator = np.random.default_rng(seed)
    return speak(
        text,
        voice=VOICES[generator.integers(len(VOICES))],
        speed=int(generator.integers(*NATURAL_SPEEDS, endpoint=True)),
        pitch=int(generator.integers(*NATURAL_PITCHES, endpoint=True)),
    )


def _check_range(name: str, value: int, limits: tuple[int, int]) -> None:
    low, high = limits
    if not low <= value <= high:
        raise SpeechError(f"The {name} must be from {low} to {high}, not {value}.")


def _run_espeak(text: str, voice: str, speed: int, pitch: int, path: Path) -> None:
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(path)]
    try:
        # The text goes through the pipe, so that a leading minus is no option.
        done = subprocess.run(
            [*command, "--stdin"], input=text, text=True, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise SpeechError(
            "espeak-ng is not installed: install it with apt-get install espeak-ng."
        ) from error
    if done.returncode != 0 or not path.is_file():
        reason = done.stderr.strip().removeprefix("Error: ").rstrip(".") or "no sound was written"
        raise SpeechError(f"espeak-ng cannot speak with voice '{voice}': {reason}.")
