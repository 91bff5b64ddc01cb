"""The command `wq_corpus`."""

from __future__ import annotations

import functools
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.terminal import run_on_terminal
from wqlite.models.corpus import open_corpus, synthesize

COMMAND = (sys.executable, "-m", "wqlite.tools.commands.corpus")


def wq_corpus(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)


def test_success(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    done = wq_corpus(
        f"--output={folder}", "--train=3", "--validation=0", "--test=2", "--seed=5", "--workers=2"
    )
    assert (done.returncode, done.stderr) == (0, "")
    train, test = done.stdout.splitlines()
    assert train.startswith("train: 3 utterances, 0.1 minutes, ")
    assert test.startswith("test: 2 utterances, 0.1 minutes, ")
    assert {path.name for path in folder.iterdir()} == {
        "test",
        "test.jsonl",
        "train",
        "train.jsonl",
    }
    synthesize(tmp_path / "by function", train=3, validation=0, test=2, seed=5)
    for split in ("train", "test"):
        said, expected = (
            [example.text for example in open_corpus(made / f"{split}.jsonl")]
            for made in (folder, tmp_path / "by function")
        )
        assert said == expected


def test_noise_and_reverberation_can_be_set(tmp_path: Path) -> None:
    def sound(name: str, *flags: str) -> bytes:
        folder = tmp_path / name
        counts = ("--train=0", "--validation=0", "--test=1", "--format=wav")
        assert wq_corpus(f"--output={folder}", *counts, *flags).returncode == 0
        return open_corpus(folder / "test.jsonl")[0].audio.read_bytes()

    clean = sound("clean", "--difficulty=clean")
    set_clean = sound("set", "--difficulty=hard", "--snr_db=40,60", "--reverberation_s=0,0")
    assert set_clean == clean
    assert sound("noisy", "--difficulty=clean", "--snr_db=0,0") != clean


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        ((), 2, "The flag --output is missing"),
        (("--output=c", "here"), 2, "Unexpected argument 'here'"),
        (("--output=c", "--difficulty=awful"), 2, "flag --difficulty=awful"),
        (("--output=c", "--train=-1"), 2, "flag --train=-1"),
        (("--output=c", "--snr_db=5"), 2, "The flag --snr_db takes two numbers"),
        (("--output=c", "--snr_db=9,3"), 2, "The flag --snr_db takes two numbers"),
        (("--output=c", "--reverberation_s=-1,3"), 2, "The flag --reverberation_s takes two"),
        (("--output=/",), 1, "Corpus / exists already"),
        (("--output=c/d", "--train=1"), 1, "Corpus c/d cannot be made: c is not a folder"),
    ],
)
def test_refusals_are_one_line(
    flags: tuple[str, ...], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = wq_corpus(*flags)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith("wq_corpus: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_help_lists_the_flags() -> None:
    done = wq_corpus("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Makes a corpus of synthetic speech")
    assert "--reverberation_s" in done.stdout


def test_terminal_shows_progress(tmp_path: Path) -> None:
    code, shown = run_on_terminal(
        [*COMMAND, f"--output={tmp_path}/corpus", "--train=1", "--validation=0", "--test=2"]
    )
    assert code == 0
    assert b"\r\x1b[Kwq_corpus: test: 1 of 2 utterances" in shown
    assert shown.endswith(b"\r\x1b[K")


def test_interruption_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with subprocess.Popen(
        [*COMMAND, f"--output={folder}"],
        stderr=subprocess.PIPE,
        text=True,
        # A job in a shell's background ignores SIGINT, and so would its children.
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.rglob("*.flac"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, message = process.communicate(timeout=60)
    assert process.returncode == 130
    assert message == "wq_corpus: interrupted.\n"
    assert list(tmp_path.iterdir()) == []
