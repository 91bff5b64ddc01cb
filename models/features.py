"""Audio to the input of Wav2letter: 13 MFCC, their first and second differences, normalised.

Example:
```python
features = extract(load_audio("speech.wav"))    # float32 [frames, 39], 100 frames a second
windows = split_windows(features)               # windows.features: [windows, 296, 39]
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt

from .audio import SAMPLE_RATE, check_audio
from .shape import COEFFICIENTS, WINDOW_FRAMES

FFT_SIZE = 512
HOP = 160
FRAMES_A_SECOND = SAMPLE_RATE // HOP


@dataclass(frozen=True)
class Windows:
    """Consecutive windows of one utterance.

    Attributes:
        features: float32 [windows, frames per window, 39]; the last one is padded with zeros.
        valid_frames: int [windows], the frames of each window that are not padding.
    """

    features: npt.NDArray[np.float32]
    valid_frames: npt.NDArray[np.int64]


def extract(audio: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """The features of an utterance.

    Args:
        audio: 16 kHz mono, float [samples]. Less than one FFT frame (512 samples) is padded.

    Returns:
        float32 [1 + (samples - 512) // 160, 39]: 13 MFCC, their deltas and their delta-deltas,
        each with mean 0 and standard deviation 1 over the utterance (0 where it is constant).

    Raises:
        AudioError: the audio is empty, not mono, not floating point, or not finite.
    """
    audio = check_audio(audio)
    audio = np.pad(audio, (0, max(0, FFT_SIZE - len(audio))))
    # Frames lie within the audio, so that a window of a stream has the frames of the whole.
    mfcc = librosa.feature.mfcc(
        y=audio,
        sr=SAMPLE_RATE,
        n_mfcc=COEFFICIENTS,
        n_fft=FFT_SIZE,
        hop_length=HOP,
        center=False,
    )
    # Mode "nearest" also works where there are fewer frames than the 9 taps of the difference.
    deltas = [librosa.feature.delta(mfcc, order=order, mode="nearest") for order in (1, 2)]
    return normalize(np.concatenate([mfcc, *deltas]).T)


def normalize(features: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Each column of [frames, coefficients] with mean 0 and standard deviation 1, as float32.

    A column that is constant but for rounding becomes 0.
    """
    centred = features.astype(np.float64) - features.mean(axis=0, dtype=np.float64)
    deviation = centred.std(axis=0)
    rounding = 1e-6 * np.maximum(1.0, np.abs(features).max(axis=0))
    constant = deviation <= rounding
    normal = np.where(constant, 0.0, centred / np.where(constant, 1.0, deviation))
    return normal.astype(np.float32)


def split_windows(features: npt.NDArray[np.float32], *, frames: int = WINDOW_FRAMES) -> Windows:
    """Cuts features [frames, 39] into windows of equal length, one after the other.

    Raises:
        ValueError: there are no frames, or windows of less than one frame are asked for.
    """
    if features.ndim != 2 or len(features) == 0 or frames < 1:
        raise ValueError(
            f"Features [frames, coefficients] of shape {features.shape} cannot be cut into windows "
            f"of {frames} frames."
        )
    count = -(-len(features) // frames)
    padding = count * frames - len(features)
    padded = np.pad(features, ((0, padding), (0, 0)))
    valid_frames = np.full(count, frames, np.int64)
    valid_frames[-1] -= padding
    return Windows(padded.reshape(count, frames, features.shape[1]), valid_frames)
