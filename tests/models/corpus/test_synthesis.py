"""The maker, with espeak-ng itself."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest
import soundfile

from wqlite.models.corpus import CorpusError, open_corpus, synthesize
from wqlite.models.corpus.acoustics import DIFFICULTIES
from wqlite.models.corpus.grammar import split_of
from wqlite.models.corpus.synthesis import SPLITS
from wqlite.models.corpus.voices import SPEAKERS, voices
from wqlite.models.speech import SpeechError, speak


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def voice_of(path: Path) -> str:
    return path.stem.partition("_")[2]


def test_splits_have_their_utterances(made: Path) -> None:
    assert {path.name for path in made.glob("*.jsonl")} == {f"{split}.jsonl" for split in SPLITS}
    assert [len(open_corpus(made / f"{split}.jsonl")) for split in SPLITS] == [4, 4, 12]
    assert len(files(made)) == 23


@pytest.mark.parametrize("split", SPLITS)
def test_sound_is_as_the_manifest_says(made: Path, split: str) -> None:
    for example in open_corpus(made / f"{split}.jsonl"):
        info = soundfile.info(example.audio)
        assert (info.format, info.subtype) == ("FLAC", "PCM_16")
        assert (info.samplerate, info.channels) == (16_000, 1)
        assert info.duration == pytest.approx(example.duration, abs=1e-4)
        assert 0.5 < info.duration <= 2.9
        sound, _ = soundfile.read(example.audio)
        assert 0.19 < abs(sound).max() < 0.91


@pytest.mark.parametrize("split", SPLITS)
def test_voices_and_sentences_are_those_of_the_split(made: Path, split: str) -> None:
    for example in open_corpus(made / f"{split}.jsonl"):
        assert split_of(example.text) == split
        assert voice_of(example.audio) in voices(split)


def test_no_speaker_is_in_two_splits() -> None:
    speakers = [speaker for split in SPLITS for speaker in SPEAKERS[split]]
    assert len(speakers) == len(set(speakers)) >= 50
    assert set(SPEAKERS) == set(SPLITS)


def test_every_speaker_is_installed_and_sounds_like_no_other() -> None:
    speakers = [speaker for split in SPLITS for speaker in SPEAKERS[split]]
    sounds = {speak("hello", voice=f"en-us+{speaker}").audio.tobytes() for speaker in speakers}
    assert len(sounds) == len(speakers)


def test_the_seed_makes_the_same_bytes_with_any_number_of_threads(
    made: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    synthesize(again, train=12, validation=4, test=4, seed=5, workers=1)
    assert files(again) == files(made)
    _, different, failed = filecmp.cmpfiles(made, again, files(made), shallow=False)
    assert (different, failed) == ([], [])


def test_a_larger_corpus_begins_with_the_smaller_one(made: Path, tmp_path: Path) -> None:
    larger = tmp_path / "larger"
    synthesize(larger, train=0, validation=0, test=6, seed=5)
    assert files(larger / "test")[:4] == files(made / "test")
    assert not (larger / "train.jsonl").exists()


def test_another_seed_makes_another_corpus(made: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    synthesize(other, train=4, validation=0, test=0, seed=6)
    ours = [example.text for example in open_corpus(made / "train.jsonl")]
    theirs = [example.text for example in open_corpus(other / "train.jsonl")]
    assert ours[:4] != theirs


def test_what_is_too_long_is_replaced_and_counted(tmp_path: Path) -> None:
    folder = tmp_path / "short"
    made = synthesize(folder, train=6, validation=0, test=0, seed=1, max_seconds=1.5)
    examples = open_corpus(folder / "train.jsonl")
    assert len(examples) == made["train"].utterances == 6
    assert made["train"].dropped > 0
    assert all(example.duration <= 1.5 for example in examples)
    assert made["train"].seconds == pytest.approx(sum(e.duration for e in examples), abs=0.01)
    words = {word for example in examples for word in example.text.split()}
    assert made["train"].words == len(words)


def test_difficulty_changes_the_sound_and_nothing_else(made: Path, tmp_path: Path) -> None:
    hard = tmp_path / "hard"
    synthesize(hard, train=0, validation=0, test=4, seed=5, difficulty=DIFFICULTIES["hard"])
    assert (hard / "test.jsonl").read_bytes() == (made / "test.jsonl").read_bytes()
    names = files(made / "test")
    _, different, _ = filecmp.cmpfiles(made / "test", hard / "test", names, shallow=False)
    assert different == names


def test_wav(tmp_path: Path) -> None:
    folder = tmp_path / "wav"
    synthesize(folder, train=0, validation=1, test=0, audio_format="wav")
    (example,) = open_corpus(folder / "validation.jsonl")
    info = soundfile.info(example.audio)
    assert (info.format, info.subtype) == ("WAV", "PCM_16")


def test_progress(tmp_path: Path) -> None:
    steps: list[str] = []
    synthesize(tmp_path / "c", train=2, validation=0, test=1, progress=steps.append)
    assert steps == [
        "train: 1 of 2 utterances",
        "train: 2 of 2 utterances",
        "test: 1 of 1 utterances",
    ]


def test_refusals_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CorpusError, match="exists already"):
        synthesize(tmp_path, train=1)
    with pytest.raises(CorpusError, match="none is not a folder"):
        synthesize(tmp_path / "none" / "corpus", train=1)
    with pytest.raises(CorpusError, match="A corpus needs utterances"):
        synthesize(tmp_path / "corpus", train=0, validation=0, test=0)
    with pytest.raises(CorpusError, match="A corpus needs utterances"):
        synthesize(tmp_path / "corpus", train=-1)
    with pytest.raises(CorpusError, match=r"within 0\.3 seconds: allow more"):
        synthesize(tmp_path / "corpus", train=1, max_seconds=0.3)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SpeechError, match="espeak-ng is not installed"):
        synthesize(tmp_path / "corpus", train=1)
    assert list(tmp_path.iterdir()) == []
