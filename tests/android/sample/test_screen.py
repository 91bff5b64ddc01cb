"""The sample app's JUnit tests: its parts, and its screen on Robolectric."""

from __future__ import annotations

from pathlib import Path

import soundfile

from tests.support.environment import ROOT
from tests.support.sample_app import java, python_hears
from wqlite.models import checkpoints, features, speech
from wqlite.models.audio import SAMPLE_RATE, load_audio

CLASSES = sorted((ROOT / "tests/android/sample/java").rglob("*Test.java"))
PNG = b"\x89PNG\r\n"


def test_junit(tmp_path: Path) -> None:
    """The model's texts, which the app must show, are Python's."""
    file, screenshot = tmp_path / "speech.wav", tmp_path / "screen.png"
    audio = speech.speak_at_random("play some music and close the door", seed=9).audio
    soundfile.write(file, audio, SAMPLE_RATE, subtype="PCM_16")
    extracted = features.extract(load_audio(file))
    texts = {
        model.stem: python_hears(model, tmp_path, [extracted])[0]
        for model in map(checkpoints.path, checkpoints.names())
        if model.suffix == ".tflite"
    }
    printed = java(
        "org.junit.runner.JUnitCore",
        *(f"org.wqlite.sample.{path.stem}" for path in CLASSES),
        properties={"speech": file, "screenshot": screenshot, **texts},
    )
    assert "\nOK (" in printed
    assert screenshot.read_bytes().startswith(PNG)
