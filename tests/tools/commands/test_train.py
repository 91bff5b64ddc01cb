"""The command `wq_train`: what it writes, survives and refuses."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.speech_batches import small_model

COMMAND = (sys.executable, "-m", "wqlite.tools.commands.train")
MODEL = "--model=narrow_conv_dfsmn"
ENVIRONMENT = {**os.environ, "TF_NUM_INTRAOP_THREADS": "1"}


def wq_train(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of tones with transcripts."""
    import soundfile

    from wqlite.models.corpus import Example, write_manifest

    folder = tmp_path_factory.mktemp("tones")
    examples = []
    for number, text in enumerate(("we are", "at home", "in time", "on top", "by car", "up")):
        samples = np.sin(np.arange(16000) * (number + 1) * 0.05).astype(np.float32)
        soundfile.write(folder / f"{number}.wav", samples, 16000)
        examples.append(Example(folder / f"{number}.wav", text, 1.0))
    write_manifest(folder / "train.jsonl", examples)
    return folder / "train.jsonl"


@pytest.fixture(scope="module")
def float_model(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `wq_train` made of the manifest, killed once and resumed."""
    folder = tmp_path_factory.mktemp("float")
    arguments = (
        *(MODEL, f"--data={manifest}", f"--validation_data={manifest}", "--epochs=4"),
        *(f"--output={folder}/float.keras", "--batch_size=3", f"--logs={folder}/logs"),
        *(f"--checkpoint_dir={folder}/checkpoints", "--resume"),
    )
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not list(folder.glob("checkpoints/epoch-*")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (folder / "float.keras").exists()
    done = wq_train(*arguments)
    assert done.returncode == 0, done.stderr
    assert "Epoch 1/4" not in done.stdout
    assert "Epoch 4/4" in done.stdout
    assert "\r" not in done.stdout + done.stderr
    return folder / "float.keras"


def test_a_killed_training_goes_on_to_its_end(float_model: Path) -> None:
    import keras

    model = keras.saving.load_model(float_model, compile=False)
    assert model.name == "narrow_conv_dfsmn"
    assert model.input_shape == (None, None, 39)
    rows = list(csv.DictReader((float_model.parent / "logs" / "epochs.csv").open()))
    assert rows[-1]["epoch"] == "3"
    assert all(np.isfinite(float(row["val_loss"])) for row in rows)


def test_rsq_mode_quantises_the_teacher(float_model: Path, manifest: Path, tmp_path: Path) -> None:
    import keras

    import wqlite.converter.rsq  # noqa: F401 - makes the layers known

    done = wq_train(
        *(MODEL, "--mode=rsq", f"--teacher={float_model}", f"--data={manifest}", "--epochs=1"),
        *(f"--output={tmp_path}/rsq.keras", "--weights=worst_case", "--nolearn_scales"),
    )
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"(\w+): [\d.]+", done.stdout)
    assert shown == ["ctc", "kl", "layer", "loss"]
    model: Any = keras.saving.load_model(tmp_path / "rsq.keras", compile=False)
    assert model.get_layer("block_1_memory_norm").weights_limit == "worst_case"
    assert [path.name for path in tmp_path.iterdir()] == ["rsq.keras"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--mode=rsq"], 2, "--mode=rsq needs the flag --teacher (see wq_train --help)."),
        (["--teacher=x.keras"], 2, "--mode=float has no --teacher (see wq_train --help)."),
        (["--resume"], 2, "--resume needs the flag --checkpoint_dir (see wq_train --help)."),
        (["--workers=a:1,b:2"], 2, "--workers and --worker go together (see wq_train --help)."),
        (["--output=x.h5"], 2, "--output must end in .keras, not 'x.h5' (see wq_train --help)."),
        (["--ctc_weight=0"], 2, "All weights of the loss are 0: there is nothing to learn (see"),
        (["--learning_rate=0"], 2, "The learning rate must be above 0, not 0.0 (see wq_train"),
        (["--epochs=0"], 2, "flag --epochs=0: 0 is not a positive integer (see wq_train --help)."),
        (["--data=nothing"], 1, "--data: nothing does not exist."),
        (["--output=no/x.keras"], 1, "Output no/x.keras cannot be written: no is not a folder."),
        (["--mode=rsq", "--teacher=no.keras"], 1, "Input no.keras does not exist."),
        (["--workers=a:1,b:2", "--worker=0"], 1, "Keras runs on tensorflow, but several workers"),
    ],
)
def test_mistakes_are_named_in_one_line(
    arguments: list[str], code: int, message: str, manifest: Path, tmp_path: Path
) -> None:
    defaults = (MODEL, f"--data={manifest}", f"--output={tmp_path}/x.keras")
    done = wq_train(*defaults, *arguments)
    assert done.stderr.startswith(f"wq_train: {message}")
    assert done.stderr.count("\n") == 1
    assert done.returncode == code
    assert not list(tmp_path.iterdir())


def test_teacher_of_another_architecture_is_refused(manifest: Path, tmp_path: Path) -> None:
    small_model().save(tmp_path / "small.keras")
    done = wq_train(
        *(MODEL, "--mode=rsq", f"--teacher={tmp_path}/small.keras", f"--data={manifest}"),
        f"--output={tmp_path}/x.keras",
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "small.keras is of another architecture: small with 7181 parameters" in done.stderr
    assert not (tmp_path / "x.keras").exists()
