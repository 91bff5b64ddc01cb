"""Features are computed once."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.models.corpus.conftest import write_tone
from wqlite.models.audio import Audio, load_audio
from wqlite.models.corpus import CorpusError, feature_cache
from wqlite.models.corpus.feature_cache import FeatureCache, Features
from wqlite.models.features import extract


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "sound.flac", 0.5)


@pytest.fixture
def extractions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one entry, the samples, whenever features are computed."""
    calls: list[int] = []

    def counted(audio: Audio) -> Features:
        calls.append(len(audio))
        return extract(audio)

    monkeypatch.setattr("wqlite.models.features.extract", counted)
    monkeypatch.setattr(feature_cache, "_version", lambda: b"one")
    return calls


@pytest.mark.parametrize("on_disk", [True, False])
def test_features_are_computed_once(
    on_disk: bool, sound: Path, tmp_path: Path, extractions: list[int]
) -> None:
    cache = FeatureCache(tmp_path / "cache" if on_disk else None)
    key, frames = cache.add(sound)
    assert cache.add(sound) == (key, frames) == (key, 47)
    np.testing.assert_array_equal(cache[key], extract(load_audio(sound)))
    assert extractions == [8000]


def test_the_folder_keeps_them_for_copies_and_the_next_run(
    sound: Path, tmp_path: Path, extractions: list[int]
) -> None:
    key, _ = FeatureCache(tmp_path / "cache").add(sound)
    copy = shutil.copy(sound, tmp_path / "copy.flac")
    again = FeatureCache(tmp_path / "cache")
    assert again.add(Path(copy)) == (key, 47)
    assert len(again[key]) == 47
    assert len(extractions) == 1
    assert not list((tmp_path / "cache").rglob("*.tmp"))


def test_new_sound_and_new_code_make_new_features(
    sound: Path, tmp_path: Path, extractions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = FeatureCache(tmp_path / "cache").add(sound)
    write_tone(sound, 0.6)
    second, frames = FeatureCache(tmp_path / "cache").add(sound)
    monkeypatch.setattr(feature_cache, "_version", lambda: b"two")
    third, _ = FeatureCache(tmp_path / "cache").add(sound)
    assert len({first, second, third}) == 3
    assert frames == 57
    assert extractions == [8000, 9600, 9600]


def test_a_damaged_file_is_computed_again(
    sound: Path, tmp_path: Path, extractions: list[int]
) -> None:
    cache = FeatureCache(tmp_path / "cache")
    key, _ = cache.add(sound)
    (file,) = (tmp_path / "cache").rglob("*.npy")
    file.write_bytes(file.read_bytes()[:200])
    assert cache.add(sound) == (key, 47)
    np.testing.assert_array_equal(cache[key], extract(load_audio(sound)))
    assert len(extractions) == 2


def test_a_cache_that_cannot_be_made(sound: Path) -> None:
    with pytest.raises(CorpusError, match=r"sound\.flac/cache cannot be made: Not a directory"):
        FeatureCache(sound / "cache")
    with pytest.raises(CorpusError, match=r"sound\.flac cannot be made: File exists"):
        FeatureCache(sound)
