"""What is used of a corpus, what is skipped, and why."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.models.corpus.conftest import write_tone
from wqlite.models.audio import load_audio
from wqlite.models.corpus import (
    CorpusError,
    CorpusWarning,
    Example,
    load_utterances,
    open_corpus,
    synthesis,
)
from wqlite.models.corpus.utterances import frames_needed
from wqlite.models.ctc import labels_to_text, text_to_labels
from wqlite.models.features import extract


def test_features_and_labels_are_those_of_the_models(manifest: Path) -> None:
    examples = open_corpus(manifest)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        utterances = load_utterances(examples)
    assert len(utterances) == len(examples) == 7
    assert list(utterances.examples) == examples
    for index, example in enumerate(examples):
        expected = extract(load_audio(example.audio))
        np.testing.assert_array_equal(utterances.features(index), expected)
        assert utterances.frames[index] == len(expected)
        assert labels_to_text(utterances.labels[index]) == example.text


@pytest.mark.parametrize(("text", "frames"), [("abc", 3), ("aab", 4), ("aaa", 5), ("hello", 6)])
def test_ctc_needs_a_blank_between_equal_letters(text: str, frames: int) -> None:
    assert frames_needed(text_to_labels(text)) == frames


@pytest.fixture
def bad(tmp_path: Path) -> dict[str, Example]:
    """One example of each kind that cannot be used, by what the report says of it."""
    good = write_tone(tmp_path / "good.flac", 0.5)  # 47 frames, 24 of output.
    corrupt = tmp_path / "corrupt.flac"
    corrupt.write_bytes(good.read_bytes()[:500])
    noise = tmp_path / "noise.wav"
    noise.write_bytes(bytes(range(256)))
    return {
        "corrupt.flac cannot be read as sound": Example(corrupt, "a", 0.5),
        "noise.wav cannot be read as sound": Example(noise, "a", 0.5),
        "missing.flac cannot be read: No such file": Example(tmp_path / "missing.flac", "a", 0.5),
        "good.flac: The text is empty": Example(good, "", 0.5),
        "Letter 'ü' at position 1 of 'tür'": Example(good, "tür", 0.5),
        "long.flac: it has 297 frames, more than the window of 296": Example(
            write_tone(tmp_path / "long.flac", 2.992), "a", 2.992
        ),
        "47 frames give 24 of output, but CTC needs 25 for its 13 letters": Example(
            good, "a" * 13, 0.5
        ),
    }


def test_what_cannot_be_used_is_skipped_counted_and_named(
    bad: dict[str, Example], manifest: Path
) -> None:
    good = open_corpus(manifest)
    with pytest.warns(CorpusWarning, match="7 of 14 utterances cannot be used") as caught:
        utterances = load_utterances([*bad.values(), *good], max_frames=296)
    assert list(utterances.examples) == good
    lines = str(caught[0].message).splitlines()[1:]
    assert [line.strip() for line in lines] == list(utterances.skipped)
    for line, (reason, example) in zip(lines, bad.items(), strict=True):
        assert reason in line
        assert str(example.audio) in line


def test_strict_refuses(bad: dict[str, Example], manifest: Path) -> None:
    examples = [*open_corpus(manifest), *bad.values()]
    with pytest.raises(CorpusError, match="refused, since 7 of 14") as refusal:
        load_utterances(examples, max_frames=296, strict=True)
    assert all(reason in str(refusal.value) for reason in bad)


def test_nothing_to_use(bad: dict[str, Example]) -> None:
    with pytest.raises(CorpusError, match="refused, since 7 of 7"):
        load_utterances(list(bad.values()), max_frames=296)


def test_exactly_as_long_as_the_window_and_as_ctc_needs(tmp_path: Path) -> None:
    sound = write_tone(tmp_path / "a.flac", 2.982)  # 296 frames: 148 of output.
    utterances = load_utterances([Example(sound, "ab" * 74, 2.982)], max_frames=296, strict=True)
    assert utterances.frames.tolist() == [296]


def test_progress(manifest: Path) -> None:
    steps: list[str] = []
    load_utterances(open_corpus(manifest), progress=steps.append)
    assert steps == [f"features: {done} of 7 utterances" for done in range(1, 8)]


def test_librispeech_end_to_end(librispeech: Path) -> None:
    (librispeech / "84/121123/84-121123-0000.flac").write_bytes(b"fLaC")
    with pytest.warns(CorpusWarning, match=r"1 of 3 .*\n .*84-121123-0000\.flac cannot be read"):
        utterances = load_utterances(open_corpus(librispeech))
    assert [labels_to_text(labels) for labels in utterances.labels] == [
        "forgotten too",
        "but in less than five minutes",
    ]


def test_what_the_maker_makes_fits(made: Path) -> None:
    for split in synthesis.SPLITS:
        load_utterances(open_corpus(made / f"{split}.jsonl"), max_frames=296, strict=True)
