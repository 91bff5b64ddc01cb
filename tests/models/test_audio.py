"""Reading sound: sample rates, channels, and every refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from wqlite.models.audio import Audio, AudioError, check_audio, load_audio


def tone(sample_rate: int, seconds: float = 0.5, hertz: float = 440.0) -> Audio:
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    audio: Audio = (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)
    return audio


@pytest.mark.parametrize("sample_rate", [8000, 16000, 22050, 44100])
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_any_sample_rate_becomes_16_khz(sample_rate: int, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, tone(sample_rate), sample_rate)

    audio = load_audio(path)

    assert audio.dtype == np.float32
    assert audio.shape == (8000,)
    spectrum = np.abs(np.fft.rfft(audio))
    assert 2 * spectrum.argmax() == 440
    assert np.abs(audio[1000:-1000] - tone(16000)[1000:-1000]).max() < 0.01


def test_channels_are_averaged(tmp_path: Path) -> None:
    left, right = tone(16000), tone(16000, hertz=1000.0)
    soundfile.write(tmp_path / "stereo.wav", np.stack([left, right], axis=1), 16000, "FLOAT")
    np.testing.assert_allclose(load_audio(tmp_path / "stereo.wav"), (left + right) / 2, atol=1e-6)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"no\.wav does not exist"):
        load_audio(tmp_path / "no.wav")


@pytest.mark.parametrize("suffix", ["wav", "raw", "txt"])
@pytest.mark.parametrize("content", [b"", b"RIFF", b"this is a text, not sound"])
def test_foreign_file(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"foreign.{suffix}"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"foreign\.\w+ cannot be read as sound: .*[^.]\.$"):
        load_audio(path)


def test_file_without_samples(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0, np.float32), 16000)
    with pytest.raises(AudioError, match=r"empty\.wav is empty"):
        load_audio(path)


def test_file_with_nan(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.array([0.0, np.nan, 0.5]), 16000, "FLOAT")
    with pytest.raises(AudioError, match=r"nan\.wav holds NaN or infinity"):
        load_audio(path)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros((2, 100), np.float32), r"must be mono.*\(2, 100\)"),
        (np.zeros(100, np.int16), "must be floating point within -1 to 1, not int16"),
        (np.zeros(0, np.float32), "is empty"),
        (np.full(100, np.inf, np.float32), "holds NaN or infinity"),
    ],
)
def test_unusable_arrays(audio: npt.NDArray[Any], message: str) -> None:
    with pytest.raises(AudioError, match=message):
        check_audio(audio)
