"""Trains the models of docs/accuracy.md: float, naive 7-bit, RSQ in three ways.

    python -m tools.experiments.ablation --corpus build/corpus/ablation [--output build/accuracy]
                                         [--models NAME,...] [--seeds N,...] [--modes MODE,...]
                                         [--epochs N] [--fine_tuning_epochs N] [--threads N]

makes <output>/<model>/<seed>/{float,naive,rsq_no_distill,rsq,rsq_teacher}.keras, each by wq_train,
and train.json with the flags, the time and the last errors of each. What exists already is not
trained again, and a training that was killed goes on after its last epoch.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wqlite.converter import ConversionError
from wqlite.converter.files import write_whole

FLOAT = "float"
FINE_TUNED: Mapping[str, Mapping[str, str | float]] = {
    "naive": {"weights": "worst_case", "learn_scales": "false", "kl_weight": 0, "layer_weight": 0},
    "rsq_no_distill": {"weights": "range_scaled", "kl_weight": 0, "layer_weight": 0},
    "rsq": {"weights": "range_scaled"},
    "rsq_teacher": {"weights": "range_scaled", "ctc_weight": 0.1, "learning_rate": 1e-4},
}
"""What sets the modes apart; all are fine-tuned from the float model, with 7-bit activations."""


class AblationError(RuntimeError):
    """A training that failed; the message is one sentence for the user."""


@dataclass(frozen=True)
class Training:
    """One run of `wq_train`.

    Attributes:
        folder: of the model and the seed.
        mode: name of the model that is written.
        flags: of `wq_train`.
    """

    folder: Path
    mode: str
    flags: Mapping[str, str | float]

    @property
    def output(self) -> Path:
        """The trained model."""
        return self.folder / f"{self.mode}.keras"


def _trainings(flags: argparse.Namespace) -> Iterator[Training]:
    """Seed by seed, the float model first: the others come from it."""
    for seed in flags.seeds:
        for mode in (FLOAT, *FINE_TUNED):
            for model in flags.models:
                if mode in flags.modes:
                    yield _training(model, seed, mode, flags)


def _training(model: str, seed: str, mode: str, flags: argparse.Namespace) -> Training:
    corpus = flags.corpus
    folder = flags.output / model / seed
    settings: dict[str, str | float] = {
        "model": model,
        "seed": seed,
        "data": str(corpus / "train.jsonl"),
        "validation_data": str(corpus / "validation.jsonl"),
        "cache": str(corpus / "features"),
        "batch_size": 16,
        "mixed_precision": "true",
        "augment": "light",
    }
    if mode == FLOAT:
        settings |= {"epochs": flags.epochs, "learning_rate": 3e-3}
    else:
        settings |= {"mode": "rsq", "teacher": str(folder / f"{FLOAT}.keras")}
        settings |= {"epochs": flags.fine_tuning_epochs, "learning_rate": 3e-4}
        settings |= FINE_TUNED[mode]
    return Training(folder, mode, settings)


def _train(training: Training, threads: int) -> None:
    """Runs `wq_train` and notes what it did."""
    checkpoints = training.folder / "checkpoints" / training.mode
    logs = training.folder / "logs" / training.mode
    logs.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "wqlite.tools.commands.train"),
        *(f"--{name}={value}" for name, value in training.flags.items()),
        *(f"--output={training.output}", f"--logs={logs}"),
        *(f"--checkpoint_dir={checkpoints}", "--resume"),
    ]
    environment = {"TF_NUM_INTRAOP_THREADS": str(threads), "TF_NUM_INTEROP_THREADS": "1"}
    print(f"{training.output} ...", flush=True)
    start = time.monotonic()
    with (logs / "output.txt").open("a") as log:
        done = subprocess.run(
            command, stdout=log, stderr=log, env=os.environ | environment, check=False
        )
    if done.returncode:
        raise AblationError(f"wq_train failed: {logs}/output.txt says why.")
    _note(training, time.monotonic() - start, _last_row(logs / "epochs.csv"))
    shutil.rmtree(checkpoints)


def _last_row(path: Path) -> dict[str, str]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))[-1]


def _note(training: Training, seconds: float, last_epoch: Mapping[str, str]) -> None:
    path = training.folder / "train.json"
    notes = json.loads(path.read_text()) if path.exists() else {}
    notes[training.mode] = {
        "flags": dict(training.flags),
        "seconds": round(seconds),
        "last epoch": last_epoch,
    }
    write_whole(path, f"{json.dumps(notes, indent=1)}\n".encode())


def _listed(text: str) -> list[str]:
    return text.split(",")


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of wq_corpus")
    parser.add_argument("--output", type=Path, default=Path("build/accuracy"))
    parser.add_argument(
        "--models", type=_listed, default=["narrow_wav2letter", "narrow_conv_dfsmn"]
    )
    parser.add_argument(
        "--seeds", type=_listed, default=["0", "1", "2"], help="of weights, order and augmentation"
    )
    parser.add_argument(
        "--modes", type=_listed, default=[FLOAT, *FINE_TUNED], help="what to train (default: all)"
    )
    parser.add_argument("--epochs", type=int, default=12, help="of the float models")
    parser.add_argument("--fine_tuning_epochs", type=int, default=1, help="of the other models")
    parser.add_argument("--threads", type=int, default=1, help="of one operator of TensorFlow")
    flags = parser.parse_args()
    try:
        for training in _trainings(flags):
            if training.output.exists():
                print(f"{training.output} exists", flush=True)
            else:
                _train(training, flags.threads)
    except (AblationError, ConversionError) as error:
        print(f"ablation: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
