"""Noise and reverberation, measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wqlite.models.corpus.acoustics import (
    DIFFICULTIES,
    NOISES,
    Condition,
    Noise,
    add_noise,
    make_noise,
    reverberate,
)

SECOND = 16_000


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def speech(generator: np.random.Generator) -> Any:
    return generator.uniform(-0.5, 0.5, SECOND).astype(np.float32)


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 20.0])
def test_noise_has_the_level_that_was_asked_for(speech: Any, snr_db: float) -> None:
    noise = np.random.default_rng(1).normal(size=len(speech)).astype(np.float32)
    added = add_noise(speech, noise, snr_db) - speech
    measured = 10 * np.log10(np.sum(speech**2) / np.sum(added**2))
    assert measured == pytest.approx(snr_db, abs=0.01)


@pytest.mark.parametrize(("kind", "slope"), [("white", 0.0), ("pink", -3.0)])
def test_noise_has_the_colour_that_was_asked_for(
    kind: Noise, slope: float, generator: np.random.Generator
) -> None:
    noise = make_noise(kind, 16 * SECOND, np.zeros(1, np.float32), generator)
    power = np.abs(np.fft.rfft(noise)) ** 2
    octaves = [power[start : 2 * start].mean() for start in 2 ** np.arange(8, 16)]
    per_octave = np.polyfit(range(len(octaves)), 10 * np.log10(octaves), 1)[0]
    assert per_octave == pytest.approx(slope, abs=0.3)


def test_babble_is_cut_from_the_voices_and_repeated(generator: np.random.Generator) -> None:
    voices = np.arange(100, dtype=np.float32)
    babble = make_noise("babble", 250, voices, generator)
    assert len(babble) == 250
    assert set(np.diff(babble)) == {1.0, -99.0}


def test_reverberation_falls_by_60_decibels_in_its_time(generator: np.random.Generator) -> None:
    click = np.zeros(SECOND, np.float32)
    click[0] = 1.0
    room = reverberate(click, 0.5, 6.0, generator)

    assert len(room) == len(click)
    assert room[0] == pytest.approx(1.0, abs=1e-5)
    tail = np.sum(room[1:] ** 2)
    assert 10 * np.log10(1 / tail) == pytest.approx(6.0, abs=0.1)
    quarters = room[1 : SECOND // 2 + 1].reshape(4, -1)
    decibels = 10 * np.log10(np.sum(quarters**2, axis=1))
    np.testing.assert_allclose(np.diff(decibels), -15.0, atol=1.5)
    np.testing.assert_allclose(room[SECOND // 2 :], 0.0, atol=1e-5)


def test_no_reverberation_leaves_the_speech(speech: Any, generator: np.random.Generator) -> None:
    assert reverberate(speech, 0.0, 6.0, generator) is speech


@pytest.mark.parametrize("name", DIFFICULTIES)
def test_conditions_are_drawn_from_the_ranges(name: str, generator: np.random.Generator) -> None:
    difficulty = DIFFICULTIES[name]
    conditions = [difficulty.draw(generator) for _ in range(200)]
    assert {condition.noise for condition in conditions} == set(NOISES)
    for attribute in ("snr_db", "reverberation_s", "direct_to_reverberant_db"):
        low, high = getattr(difficulty, attribute)
        drawn = [getattr(condition, attribute) for condition in conditions]
        assert low <= min(drawn) <= low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) <= max(drawn) <= high


def test_harder_presets_are_harder() -> None:
    presets = list(DIFFICULTIES.values())
    assert [preset.snr_db for preset in presets] == sorted(
        (preset.snr_db for preset in presets), reverse=True
    )
    assert [sum(preset.reverberation_s) for preset in presets] == sorted(
        sum(preset.reverberation_s) for preset in presets
    )


@pytest.mark.parametrize("noise", NOISES)
def test_a_condition_applies_both(
    noise: Noise, speech: Any, generator: np.random.Generator
) -> None:
    babble = generator.normal(size=300).astype(np.float32)
    heard = Condition(noise, 20.0, 0.3, 10.0).apply(speech, babble, generator)
    assert heard.dtype == np.float32
    assert heard.shape == speech.shape
    similarity = np.corrcoef(heard, speech)[0, 1]
    assert 0.9 < similarity < 0.98
