"""Which trainings the ablation does, and what it notes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.environment import ROOT

MODES = ["float", "naive", "rsq_no_distill", "rsq", "rsq_teacher"]
# Each is a training of its own: what differs in kind, unless --sweep=heavy.
FEW_MODES = ["float", "naive", "rsq"]


def ablation(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.experiments.ablation", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of tones."""
    import soundfile

    from wqlite.models.corpus import Example, write_manifest

    folder = tmp_path_factory.mktemp("corpus")
    samples = np.sin(np.arange(16000) * 0.05).astype(np.float32)
    soundfile.write(folder / "a.wav", samples, 16000)
    examples = [Example(folder / "a.wav", text, 1.0) for text in ("we are", "at home")]
    for split in ("train", "validation"):
        write_manifest(folder / f"{split}.jsonl", examples)
    return folder


def test_modes_are_trained_noted_and_not_repeated(corpus: Path, tmp_path: Path, sweep: int) -> None:
    modes = FEW_MODES if sweep == 1 else MODES
    arguments = (
        f"--modes={','.join(modes)}",
        *(f"--corpus={corpus}", f"--output={tmp_path}", "--models=narrow_conv_dfsmn"),
        *("--seeds=3", "--epochs=1"),
    )
    done = ablation(*arguments)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "narrow_conv_dfsmn" / "3"
    assert done.stdout.splitlines() == [f"{folder / mode}.keras ..." for mode in modes]
    notes: dict[str, Any] = json.loads((folder / "train.json").read_text())
    assert list(notes) == modes
    weights = {mode: notes[mode]["flags"].get("weights") for mode in modes}
    assert weights == {
        mode: {"float": None, "naive": "worst_case"}.get(mode, "range_scaled") for mode in modes
    }
    assert {note["flags"]["seed"] for note in notes.values()} == {"3"}
    assert all(float(note["last epoch"]["val_loss"]) > 0 for note in notes.values())
    assert "kl" in notes["rsq"]["last epoch"]
    assert "kl" not in notes["naive"]["last epoch"]
    assert not list((folder / "checkpoints").iterdir())

    again = ablation(*arguments)
    assert again.stdout.splitlines() == [f"{folder / mode}.keras exists" for mode in modes]


def test_a_failed_training_is_said_with_its_log(tmp_path: Path) -> None:
    done = ablation(
        f"--corpus={tmp_path}/none", f"--output={tmp_path}", "--models=narrow_wav2letter"
    )
    log = tmp_path / "narrow_wav2letter" / "0" / "logs" / "float" / "output.txt"
    assert done.returncode == 1
    assert done.stderr == f"ablation: wq_train failed: {log} says why.\n"
    assert f"--data: {tmp_path}/none/train.jsonl does not exist." in log.read_text()
