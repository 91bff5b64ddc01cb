"""The sample app's core against Python: the same audio, features, model inputs and texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from tests.support.sample_app import java, python_hears
from wqlite import delegate
from wqlite.models import checkpoints, features, speech
from wqlite.models.audio import SAMPLE_RATE, Audio, load_audio
from wqlite.models.shape import FEATURES
from wqlite.tools.evaluation.int8 import quantize

MODEL = checkpoints.path("narrow_wav2letter_rsq.tflite")


@dataclass(frozen=True)
class Heard:
    """What Java makes of a sound, and Python's features.

    expected: Python's float32 features [frames, 39].
    features: Java's.
    quantized: Java's, int8, as MODEL gets them.
    text: what Java hears in them with MODEL.
    """

    expected: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    quantized: npt.NDArray[np.int8]
    text: str


def spoken_sounds() -> dict[str, Audio]:
    """All sentences in as many voices; the last one is longer than three windows."""
    spoken = [
        speech.speak_at_random(text, seed=seed).audio for seed, text in enumerate(speech.SENTENCES)
    ]
    sounds = {f"sentence_{number}": audio for number, audio in enumerate(spoken)}
    return {**sounds, "long": np.concatenate(spoken[:4])}


def made_sounds() -> dict[str, Audio]:
    """At the limits: hardly any sound, hardly any difference between frames."""
    noise = np.random.default_rng(1).standard_normal(50_000) * np.linspace(0.01, 0.3, 50_000)
    return {
        "noise": noise.astype(np.float32),
        "short": noise[:300].astype(np.float32),
        "silence": np.zeros(16_000, np.float32),
        "click": np.eye(1, 8_000, 4_000, dtype=np.float32)[0],
        "tone": (0.5 * np.sin(0.3 * np.arange(16_000))).astype(np.float32),
    }


def hear(folder: Path, sounds: dict[str, Audio]) -> dict[str, Heard]:
    files = [folder / f"{name}.wav" for name in sounds]
    for file, audio in zip(files, sounds.values(), strict=True):
        soundfile.write(file, audio, SAMPLE_RATE, subtype="PCM_16")
    texts = java("org.wqlite.sample.Listen", MODEL, *files).splitlines()
    return {
        file.stem: Heard(
            features.extract(load_audio(file)),
            np.fromfile(file.with_suffix(".features"), "<f4").reshape(-1, FEATURES),
            np.fromfile(file.with_suffix(".int8"), np.int8).reshape(-1, FEATURES),
            text,
        )
        for file, text in zip(files, texts, strict=True)
    }


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Heard]:
    return hear(tmp_path_factory.mktemp("spoken"), spoken_sounds())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Heard]:
    return hear(tmp_path_factory.mktemp("made"), made_sounds())


def largest_difference(heard: Heard) -> float:
    return float(np.abs(heard.features - heard.expected).max())


def steps_apart(sounds: dict[str, Heard]) -> npt.NDArray[np.int64]:
    """By how much each int8 input of the model differs from Python's."""
    (end,) = delegate.interpreter(MODEL, delegate=False).get_input_details()
    return np.concatenate(
        [
            np.abs(
                heard.quantized.astype(np.int64) - quantize(heard.expected, *end["quantization"])
            ).ravel()
            for heard in sounds.values()
        ]
    )


def test_features_of_speech_are_those_of_python(spoken: dict[str, Heard]) -> None:
    """In float32, of which Python rounds some steps and Java the last one only."""
    assert max(map(largest_difference, spoken.values())) < 1e-5


def test_features_of_odd_sounds_are_those_of_python(made: dict[str, Heard]) -> None:
    """Where a column hardly varies, the normalisation makes much of the rounding."""
    assert max(map(largest_difference, made.values())) < 5e-3
    np.testing.assert_array_equal(made["silence"].features, 0.0)
    np.testing.assert_array_equal(made["short"].features, 0.0)


def test_inputs_of_the_model_differ_in_a_handful_of_ties(
    spoken: dict[str, Heard], made: dict[str, Heard]
) -> None:
    """Values halfway between two integers; Python's own rounding differs from run to run."""
    apart = steps_apart(spoken)
    assert apart.size > 100_000
    assert np.count_nonzero(apart) <= 5
    assert np.count_nonzero(steps_apart(made)) <= 15
    assert max(apart.max(), steps_apart(made).max()) <= 1


def test_texts_are_those_of_python(spoken: dict[str, Heard], tmp_path: Path) -> None:
    """Of Java's features exactly; of Python's but for what a tie above may change."""
    texts = [heard.text for heard in spoken.values()]
    assert sum(map(len, texts)) > 300
    assert python_hears(MODEL, tmp_path, [heard.features for heard in spoken.values()]) == texts
    own = python_hears(MODEL, tmp_path, [heard.expected for heard in spoken.values()])
    assert sum(text != mine for text, mine in zip(texts, own, strict=True)) <= 1
