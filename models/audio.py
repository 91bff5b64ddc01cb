"""Sound files and sample rates: everything becomes 16 kHz mono float32.

Example:
```python
audio = load_audio("speech.wav")    # float32 [samples], 16,000 a second, within -1 to 1
```
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt
import soundfile

SAMPLE_RATE = 16_000

Audio = npt.NDArray[np.float32]
"""Sound [samples]."""


class AudioError(ValueError):
    """Sound that cannot be used; the message is one sentence for the user."""


def load_audio(path: str | os.PathLike[str]) -> Audio:
    """Reads a sound file (WAV, FLAC, OGG and what else libsndfile reads).

    Args:
        path: the file, of any sample rate and number of channels.

    Returns:
        float32 [samples] at 16 kHz; several channels are averaged.

    Raises:
        AudioError: the file is missing, is not sound, is empty or holds NaN or infinity.
    """
    path = Path(path)
    if not path.is_file():
        raise AudioError(f"Audio file {path} does not exist or is not a file.")
    try:
        channels, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, TypeError) as error:  # TypeError: headerless .raw files.
        reason = str(getattr(error, "error_string", error)).rstrip(".")
        raise AudioError(f"Audio file {path} cannot be read as sound: {reason}.") from error
    mono = check_audio(channels.mean(axis=1), f"Audio file {path}")
    return resample(mono, sample_rate)


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Audio [samples] of any sample rate (in hertz) at 16 kHz, by soxr through librosa."""
    resampled: Audio = librosa.resample(
        audio, orig_sr=sample_rate, target_sr=SAMPLE_RATE, res_type="soxr_hq"
    )
    return resampled


def check_audio(audio: npt.NDArray[Any], title: str = "The audio") -> Audio:
    """Mono audio as float32 [samples].

    Args:
        audio: real numbers [samples].
        title: how error messages call it.

    Raises:
        AudioError: not one axis, no samples, integers, or NaN or infinity.
    """
    if audio.ndim != 1:
        raise AudioError(f"{title} must be mono, shape [samples], but has shape {audio.shape}.")
    if audio.dtype.kind != "f":
        raise AudioError(f"{title} must be floating point within -1 to 1, not {audio.dtype}.")
    if audio.size == 0:
        raise AudioError(f"{title} is empty: it holds no samples.")
    if not np.isfinite(audio).all():
        raise AudioError(f"{title} holds NaN or infinity.")
    return audio.astype(np.float32, copy=False)
