"""Manifests and LibriSpeech folders."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tests.models.corpus.conftest import write_tone
from wqlite.models.corpus import (
    CorpusError,
    Example,
    open_corpus,
    read_librispeech,
    read_manifest,
    write_manifest,
)

LINE = '{"audio": "a.flac", "text": "a b", "duration": 1.5}'


def test_paths_of_a_manifest_are_relative_to_it(tmp_path: Path) -> None:
    manifest = tmp_path / "m.jsonl"
    absolute = json.dumps({"audio": "/far/b.wav", "text": " It's  A\tTEST ", "duration": 2})
    manifest.write_text(f"{LINE}\n\n{absolute}\n")
    assert open_corpus(manifest) == [
        Example(tmp_path / "a.flac", "a b", 1.5),
        Example(Path("/far/b.wav"), "it's a test", 2.0),
    ]


def test_a_manifest_that_is_written_is_read(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    examples = [
        Example(tmp_path / "deep" / "sound" / "ä.wav", "one", 1.25),
        Example(tmp_path / "other.wav", "two words", 0.5),
    ]
    write_manifest(tmp_path / "deep" / "m.jsonl", examples)
    read = read_manifest(tmp_path / "deep" / "m.jsonl")
    assert [(one.audio.resolve(), one.text, one.duration) for one in read] == [
        (one.audio, one.text, one.duration) for one in examples
    ]
    assert str(tmp_path) not in (tmp_path / "deep" / "m.jsonl").read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no utterances"),
        (f"{LINE}\nnonsense", "Line 2 .* is not a JSON object"),
        ("[1, 2]", "Line 1 .* is not a JSON object"),
        ("17", "Line 1 .* is not a JSON object"),
        ('{"audio": "a.flac", "duration": 1}', "Line 1 .* has no 'text'"),
        ('{"audio": 3, "text": "a", "duration": 1}', "Line 1 .* wrong type"),
        ('{"audio": "a", "text": "a", "duration": "long"}', "Line 1 .* wrong type"),
    ],
)
def test_refused_manifests(tmp_path: Path, content: str, message: str) -> None:
    manifest = tmp_path / "m.jsonl"
    manifest.write_text(content)
    with pytest.raises(CorpusError, match=message) as refusal:
        read_manifest(manifest)
    assert str(manifest) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_missing_and_binary_manifests(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read: No such file"):
        open_corpus(tmp_path / "none.jsonl")
    with pytest.raises(CorpusError, match="is not text in UTF-8"):
        open_corpus(write_tone(tmp_path / "a.flac", 0.2))


def test_librispeech(librispeech: Path) -> None:
    examples = open_corpus(librispeech.parent)
    assert [(example.audio.name, example.text) for example in examples] == [
        ("174-50561-0000.flac", "forgotten too"),
        ("84-121123-0000.flac", "go do you hear"),
        ("84-121123-0001.flac", "but in less than five minutes"),
    ]
    assert all(example.duration == 1.0 and example.audio.is_file() for example in examples)
    assert read_librispeech(librispeech / "84") == examples[1:]


def test_librispeech_names_what_does_not_match(librispeech: Path) -> None:
    chapter = librispeech / "174/50561"
    write_tone(chapter / "174-50561-0001.flac", 0.5)
    (chapter / "174-50561-0000.flac").write_bytes(b"fLaC, cut off")
    with (chapter / "174-50561.trans.txt").open("a") as file:
        file.write("174-50561-0002 NO SOUND\n")

    examples = read_librispeech(chapter)

    assert [example.text for example in examples] == ["forgotten too", "", "no sound"]
    assert [math.isnan(example.duration) for example in examples] == [True, False, True]


def test_folders_that_are_not_librispeech(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no \*\.trans\.txt below it"):
        open_corpus(tmp_path)
    (tmp_path / "1-2.trans.txt").write_bytes(b"1-2-0000 \xff\n")
    with pytest.raises(CorpusError, match=r"1-2\.trans\.txt cannot be read as text"):
        open_corpus(tmp_path)
