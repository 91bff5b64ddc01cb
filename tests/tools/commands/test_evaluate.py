"""The command wq_evaluate: its figures, its files, and its refusals."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from tests.support import runtimes
from wqlite import converter
from wqlite.models import features, speech
from wqlite.models.corpus import load_utterances, open_corpus
from wqlite.models.ctc import ALPHABET, BLANK, LABELS
from wqlite.tools.commands.evaluate import csv_table
from wqlite.tools.evaluation.evaluate import evaluate
from wqlite.tools.evaluation.recognizer import Recognizer

TEXTS = ("turn on the light", "it's late", "no")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of three utterances."""
    folder = tmp_path_factory.mktemp("corpus")
    lines = []
    for number, text in enumerate(TEXTS):
        audio = speech.speak_at_random(text, seed=number).audio
        soundfile.write(folder / f"{number}.wav", audio, 16000)
        lines.append({"audio": f"{number}.wav", "text": text, "duration": len(audio) / 16000})
    (folder / "test.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder / "test.jsonl"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with model.keras and model.tflite, untrained."""
    from wqlite.models.wav2letter import ConvLayer, build

    runtimes.import_in_order()
    folder = tmp_path_factory.mktemp("models")
    model = build(layers=[ConvLayer(16, 7, stride=2)], activation="relu", time_steps=64)
    model.save(folder / "model.keras")
    audio = speech.speak_at_random("calibration", seed=0).audio
    windows = features.split_windows(features.extract(audio), frames=64).features
    converter.convert(model, output=folder / "model.tflite", calibration_data=windows)
    return folder


def spelling(texts: Sequence[str]) -> Recognizer:
    """A model that hears these texts, one after the other."""
    remaining = iter(texts)

    def run(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        letters = "$".join(next(remaining))
        labels = [BLANK if letter == "$" else ALPHABET.index(letter) for letter in letters]
        return np.eye(LABELS, dtype=np.float32)[labels]

    return Recognizer(run, None, 2, "spelling")


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    script = "from wqlite.tools.commands.evaluate import run; run()"
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_errors_are_those_of_the_texts(corpus: Path) -> None:
    heard = ["turn the light", "it's late", "know"]
    told: list[str] = []
    utterances = load_utterances(open_corpus(corpus))
    evaluation = evaluate(spelling(heard), utterances, progress=told.append)
    assert evaluation.hypotheses == heard
    assert evaluation.words.errors.tolist() == [1, 0, 1]
    assert evaluation.words.rate == pytest.approx(2 / 7)
    assert evaluation.letters.errors.tolist() == [3, 0, 2]
    assert told[-1] == "utterance 3 of 3"
    rows = list(csv.DictReader(csv_table(evaluation).splitlines()))
    assert [row["hypothesis"] for row in rows] == heard
    assert [row["word_errors"] for row in rows] == ["1", "0", "1"]
    assert [Path(row["audio"]).name for row in rows] == ["0.wav", "1.wav", "2.wav"]
    seconds = [soundfile.info(corpus.with_name(f"{n}.wav")).duration for n in range(3)]
    assert [float(row["seconds"]) for row in rows] == pytest.approx(seconds, abs=0.05)


def test_command_says_the_same_of_all_kernels(models: Path, corpus: Path, tmp_path: Path) -> None:
    heard = []
    model = f"--model={models / 'model.tflite'}"
    for number, flags in enumerate(([], ["--delegate", "--num_threads=2", "--verify=full"])):
        table = tmp_path / f"{number}.csv"
        done = command(model, *flags, f"--data={corpus}", f"--csv={table}")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""  # No progress in a pipe.
        assert "3 utterances, 7 words" in done.stdout
        assert "WER" in done.stdout and "LER" in done.stdout
        assert "real-time factor" in done.stdout
        heard.append([row["hypothesis"] for row in csv.DictReader(table.open())])
    assert heard[0] == heard[1]
    assert any(heard[0])  # An untrained model makes letters, too.


def test_command_takes_a_keras_model_and_a_word_list(
    models: Path, corpus: Path, tmp_path: Path
) -> None:
    words, table = tmp_path / "words.txt", tmp_path / "heard.csv"
    words.write_text("turn\non\nthe\nlight\na\n")
    done = command(
        f"--model={models / 'model.keras'}",
        f"--data={corpus}",
        f"--csv={table}",
        f"--word_list={words}",
        "--decoder=beam",
        "--limit=2",
    )
    assert done.returncode == 0, done.stderr
    assert "2 utterances, 6 words" in done.stdout
    assert "Keras on tensorflow" in done.stdout
    heard = " ".join(row["hypothesis"] for row in csv.DictReader(table.open())).split()
    assert heard
    assert set(heard) <= set(words.read_text().split())


def test_bad_utterances_are_skipped_and_named(models: Path, corpus: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no sound")
    line = json.dumps({"audio": str(broken), "text": "a", "duration": 1.0})
    manifest = corpus.with_name("broken.jsonl")
    manifest.write_text(f"{corpus.read_text()}\n{line}\n")
    flags = [f"--model={models / 'model.tflite'}", f"--data={manifest}"]
    done = command(*flags)
    assert done.returncode == 0
    assert "3 utterances" in done.stdout
    assert "wq_evaluate: warning: 1 of 4 utterances cannot be used" in done.stderr
    assert str(broken) in done.stderr
    strict = command(*flags, "--strict")
    assert strict.returncode == 1
    assert str(broken) in strict.stderr


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        ([], 2, "The flag --model is missing (see wq_evaluate --help)."),
        (["--model=m.tflite"], 2, "The flag --data is missing"),
        (["--model=MODEL", "--data=DATA", "--limit=0"], 2, "flag --limit=0"),
        (["--model=MODEL", "--data=DATA", "--decoder=best"], 2, "flag --decoder=best"),
        (["--model=MODEL", "--data=DATA", "more"], 2, "Unexpected argument 'more'"),
        (["--model=MODEL", "--data=none.jsonl"], 1, "Manifest none.jsonl cannot be read"),
        (["--model=none.tflite", "--data=DATA"], 1, "there is no model none.tflite"),
        (["--model=MODEL", "--data=DATA", "--csv=no/x.csv"], 1, "Output no/x.csv cannot be"),
        (["--model=MODEL", "--data=DATA", "--word_list=w"], 1, "add --decoder=beam"),
        (["--model=MODEL", "--data=DATA", "--verify=full"], 1, "add --delegate"),
        (
            ["--model=MODEL", "--data=DATA", "--decoder=beam", "--word_list=none.txt"],
            1,
            "Word list none.txt cannot be read",
        ),
    ],
)
def test_refusals_are_one_sentence(
    flags: list[str], code: int, message: str, models: Path, corpus: Path
) -> None:
    places = {"MODEL": str(models / "model.tflite"), "DATA": str(corpus)}
    for name, place in places.items():
        flags = [flag.replace(name, place) for flag in flags]
    done = command(*flags)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.startswith("wq_evaluate: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_help_lists_the_flags() -> None:
    done = command("--help")
    assert done.returncode == 0
    for flag in ("--model", "--data", "--[no]delegate", "--word_list", "--csv"):
        assert flag in done.stdout
