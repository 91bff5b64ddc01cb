"""The shape, content and normalisation of features, and their windows."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest

from wqlite.models.audio import AudioError
from wqlite.models.features import extract, normalize, split_windows


def noise(samples: int) -> npt.NDArray[np.float32]:
    generator = np.random.default_rng(1)
    audio = generator.standard_normal(samples) * np.linspace(0.01, 0.3, samples)
    return audio.astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "frames"),
    [(1, 1), (511, 1), (512, 1), (671, 1), (672, 2), (16000, 97), (47712, 296), (48000, 297)],
)
def test_frames_lie_within_the_audio(samples: int, frames: int) -> None:
    features = extract(noise(samples))
    assert features.shape == (frames, 39)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_each_coefficient_is_normalised() -> None:
    features = extract(noise(32000)).astype(np.float64)
    np.testing.assert_allclose(features.mean(axis=0), 0.0, atol=1e-5)
    np.testing.assert_allclose(features.std(axis=0), 1.0, atol=1e-5)


def test_silence_is_zero() -> None:
    np.testing.assert_array_equal(extract(np.zeros(16000, np.float32)), 0.0)


def test_mfcc_follow_their_definition() -> None:
    """Against MFCC written out from their definition: power, mel filters, decibels, DCT."""
    from librosa.filters import mel

    audio = noise(8000)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    frames = np.stack([audio[start : start + 512] for start in range(0, 8000 - 511, 160)])
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    filtered = power @ mel(sr=16000, n_fft=512, n_mels=128).T
    decibels = 10 * np.log10(np.maximum(filtered, 1e-10))
    decibels = np.maximum(decibels, decibels.max() - 80)
    mfcc = decibels @ np.cos(np.pi * np.outer(2 * np.arange(128) + 1, np.arange(13)) / 256)

    expected = (mfcc - mfcc.mean(axis=0)) / mfcc.std(axis=0)
    np.testing.assert_allclose(extract(audio)[:, :13], expected, atol=2e-3)


def test_deltas_are_differences_over_time() -> None:
    features = extract(noise(32000)).astype(np.float64)
    taps = np.arange(-4, 5)
    slopes = np.stack(
        [taps @ features[center - 4 : center + 5, :13] for center in range(4, len(features) - 4)]
    )
    for coefficient in range(13):
        delta = features[4:-4, 13 + coefficient]
        assert np.corrcoef(slopes[:, coefficient], delta)[0, 1] > 0.999


def test_loudness_does_not_matter() -> None:
    audio = noise(16000)
    np.testing.assert_allclose(extract(audio), extract(0.1 * audio), atol=2e-2)


def test_constant_column_becomes_zero() -> None:
    features = np.array([[1.0, 7.0, 1e9], [2.0, 7.0, 1e9], [3.0, 7.0, 1e9]], np.float32)
    normal = normalize(features)
    np.testing.assert_array_equal(normal[:, 1:], 0.0)
    np.testing.assert_allclose(normal[:, 0], [-1.224745, 0.0, 1.224745], atol=1e-5)


def test_empty_audio_is_refused() -> None:
    with pytest.raises(AudioError, match="is empty"):
        extract(np.zeros(0, np.float32))


@pytest.mark.parametrize(
    ("frames", "valid"),
    [(1, [1]), (295, [295]), (296, [296]), (297, [296, 1]), (700, [296, 296, 108])],
)
def test_windows_cover_all_frames(frames: int, valid: list[int]) -> None:
    features = np.random.default_rng(2).standard_normal((frames, 39)).astype(np.float32)

    windows = split_windows(features)

    assert windows.features.shape == (len(valid), 296, 39)
    assert windows.features.dtype == np.float32
    assert windows.valid_frames.tolist() == valid
    kept = [w[:count] for w, count in zip(windows.features, windows.valid_frames, strict=True)]
    np.testing.assert_array_equal(np.concatenate(kept), features)
    assert not windows.features[-1, valid[-1] :].any()


def test_windows_of_another_length() -> None:
    windows = split_windows(np.ones((10, 3), np.float32), frames=4)
    assert windows.features.shape == (3, 4, 3)
    assert windows.valid_frames.tolist() == [4, 4, 2]


@pytest.mark.parametrize(("shape", "frames"), [((0, 39), 296), ((39,), 296), ((5, 39), 0)])
def test_impossible_windows_are_refused(shape: tuple[int, ...], frames: int) -> None:
    with pytest.raises(ValueError, match="cannot be cut into windows"):
        split_windows(np.zeros(shape, np.float32), frames=frames)


def test_features_speech_and_text_need_no_tensorflow() -> None:
    program = (
        "import sys, wqlite.models.features, wqlite.models.speech, wqlite.models.ctc;"
        "print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "set()\n", done.stderr
