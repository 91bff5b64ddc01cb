"""Rooms and noise: reverberation and white, pink or babble noise over clean speech.

Example:
```python
condition = DIFFICULTIES["medium"].draw(generator)
audio = condition.apply(speech, babble, generator)
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import scipy

from ..audio import SAMPLE_RATE, Audio

Noise = Literal["white", "pink", "babble"]
NOISES: tuple[Noise, ...] = get_args(Noise)
SIXTY_DECIBELS = np.log(1000.0)
"""The natural logarithm of the fall of an amplitude by 60 dB."""

SILENT_ENERGY = 1e-30

Generator = np.random.Generator


@dataclass(frozen=True)
class Condition:
    """How one utterance was recorded.

    Attributes:
        noise: the kind of noise.
        snr_db: signal to noise, in decibels.
        reverberation_s: seconds in which the reverberation falls by 60 dB; 0: none.
        direct_to_reverberant_db: energy of the direct sound over that of the reverberation.
    """

    noise: Noise
    snr_db: float
    reverberation_s: float
    direct_to_reverberant_db: float

    def apply(self, speech: Audio, babble: Audio, generator: Generator) -> Audio:
        """Speech [samples] in this room and noise; `babble` [samples] is what babble noise is."""
        room = reverberate(speech, self.reverberation_s, self.direct_to_reverberant_db, generator)
        return add_noise(room, make_noise(self.noise, len(room), babble, generator), self.snr_db)


@dataclass(frozen=True)
class Difficulty:
    """From what range the conditions of a corpus are drawn, evenly.

    Attributes:
        snr_db: lowest and highest signal to noise, in decibels.
        reverberation_s: shortest and longest reverberation, in seconds.
        direct_to_reverberant_db: lowest and highest energy of the direct sound, in decibels.
    """

    snr_db: tuple[float, float]
    reverberation_s: tuple[float, float]
    direct_to_reverberant_db: tuple[float, float] = (0.0, 12.0)

    def draw(self, generator: Generator) -> Condition:
        """A random condition."""
        return Condition(
            NOISES[generator.integers(len(NOISES))],
            float(generator.uniform(*self.snr_db)),
            float(generator.uniform(*self.reverberation_s)),
            float(generator.uniform(*self.direct_to_reverberant_db)),
        )


DIFFICULTIES = {
    "clean": Difficulty(snr_db=(40.0, 60.0), reverberation_s=(0.0, 0.0)),
    "easy": Difficulty(snr_db=(20.0, 40.0), reverberation_s=(0.0, 0.2)),
    "medium": Difficulty(snr_db=(10.0, 30.0), reverberation_s=(0.0, 0.4)),
    "hard": Difficulty(snr_db=(0.0, 20.0), reverberation_s=(0.2, 0.8)),
}


def reverberate(
    speech: Audio, seconds: float, direct_to_reverberant_db: float, generator: Generator
) -> Audio:
    """Speech [samples] in a room, cut to the same length.

    The impulse response is the direct sound and exponentially decaying Gaussian noise (J. D.
    Polack's model of late reverberation, 1988).

    Args:
        speech: the dry sound.
        seconds: the time in which the tail falls by 60 dB; 0 leaves the speech dry.
        direct_to_reverberant_db: energy of the direct sound over that of the tail.
        generator: makes the tail.
    """
    samples = round(seconds * SAMPLE_RATE)
    if samples == 0:
        return speech
    decay = np.exp(-SIXTY_DECIBELS * np.arange(samples) / samples)
    response = generator.standard_normal(samples) * decay
    response *= 10 ** (-direct_to_reverberant_db / 20) / np.sqrt(np.sum(response**2))
    response[0] = 1.0
    room: npt.NDArray[np.float64] = scipy.signal.fftconvolve(speech, response)
    return room[: len(speech)].astype(np.float32)


def make_noise(kind: Noise, samples: int, babble: Audio, generator: Generator) -> Audio:
    """Noise [samples] of any level; babble is cut from `babble`, repeated as needed."""
    if kind == "babble":
        start = generator.integers(len(babble))
        return np.take(babble, np.arange(start, start + samples), mode="wrap")
    white = generator.standard_normal(samples)
    if kind == "white":
        return white.astype(np.float32)
    spectrum = np.fft.rfft(white)
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))  # Power falls by 3 dB an octave.
    spectrum[0] = 0.0
    return np.fft.irfft(spectrum, samples).astype(np.float32)


def add_noise(speech: Audio, noise: Audio, snr_db: float) -> Audio:
    """Speech and noise [samples], the noise scaled to a ratio of their energies, in decibels."""
    ratio = np.sqrt(_energy(speech) / max(_energy(noise), SILENT_ENERGY))
    return speech + np.float32(ratio * 10 ** (-snr_db / 20)) * noise


def _energy(audio: Audio) -> float:
    return float(np.sum(np.square(audio, dtype=np.float64)))
