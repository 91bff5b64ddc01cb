"""The speech maker, with espeak-ng itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wqlite.models.ctc import text_to_labels
from wqlite.models.features import extract
from wqlite.models.speech import (
    SENTENCES,
    VOICES,
    SpeechError,
    speak,
    speak_at_random,
)

TEXT = "the quick brown fox"


def test_speech_is_sound_at_16_khz() -> None:
    utterance = speak(TEXT, voice="en-gb+f3", speed=150, pitch=60)
    assert (utterance.text, utterance.voice) == (TEXT, "en-gb+f3")
    assert (utterance.speed, utterance.pitch) == (150, 60)
    assert utterance.audio.dtype == np.float32
    assert utterance.audio.ndim == 1
    assert 0.8 < len(utterance.audio) / 16000 < 3.0
    assert 0.1 < np.abs(utterance.audio).max() <= 1.1
    assert len(np.unique(extract(utterance.audio)[:, 0])) > 50


def test_same_arguments_make_the_same_sound() -> None:
    np.testing.assert_array_equal(speak(TEXT).audio, speak(TEXT).audio)


def test_speed_sets_the_length() -> None:
    assert len(speak(TEXT, speed=300).audio) < 0.7 * len(speak(TEXT, speed=120).audio)


def test_pitch_and_voice_change_the_sound() -> None:
    sounds = [speak(TEXT), speak(TEXT, pitch=90), speak(TEXT, voice="en-us+f4")]
    assert len({utterance.audio.tobytes() for utterance in sounds}) == 3


def test_seed_chooses_voice_speed_and_pitch() -> None:
    def choice(seed: int) -> tuple[str, int, int]:
        utterance = speak_at_random("hello", seed=seed)
        return utterance.voice, utterance.speed, utterance.pitch

    assert choice(1) == choice(1)
    choices = [choice(seed) for seed in range(12)]
    assert len({voice for voice, _, _ in choices}) > 6
    assert all(voice in VOICES for voice, _, _ in choices)
    assert all(130 <= speed <= 190 and 25 <= pitch <= 75 for _, speed, pitch in choices)


@pytest.mark.parametrize("accent", sorted({voice.split("+")[0] for voice in VOICES}))
def test_every_accent_is_installed(accent: str) -> None:
    assert len(speak("hello", voice=f"{accent}+m3").audio) > 4000


def test_timbres_are_installed() -> None:
    timbres = sorted({voice.split("+")[1] for voice in VOICES})
    sounds = {speak("hi", voice=f"en-us+{timbre}").audio.tobytes() for timbre in timbres}
    assert len(sounds) == len(timbres)


def test_built_in_sentences_fit_the_alphabet() -> None:
    assert len(SENTENCES) >= 10
    for sentence in SENTENCES:
        assert len(text_to_labels(sentence)) == len(sentence)


def test_text_that_looks_like_an_option_is_spoken() -> None:
    assert len(speak("--version").audio) > 4000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": " "}, "text is empty"),
        ({"text": "hello", "speed": 20}, "speed must be from 80 to 450, not 20"),
        ({"text": "hello", "pitch": 100}, "pitch must be from 0 to 99, not 100"),
        ({"text": "hello", "voice": "xx-nobody"}, "voice 'xx-nobody': .*does not exist"),
    ],
)
def test_refusals(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(SpeechError, match=message):
        speak(**arguments)


def test_missing_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SpeechError, match="espeak-ng is not installed"):
        speak("hello")
