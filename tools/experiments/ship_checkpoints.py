"""Takes the best trained models of docs/accuracy.md into models/checkpoints.

    python -m tools.experiments.ship_checkpoints [--runs build/accuracy]
                                                 [--output models/checkpoints]

Of each model the seed whose RSQ model had the lowest word error rate on the validation set; run
tools/accuracy.py before, which makes the `.tflite` files and measures them on the test set. The
float model goes with it where it is smaller than 2 MiB.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.rig import markdown
from wqlite.converter.errors import ConversionError
from wqlite.converter.files import write_whole
from wqlite.models import checkpoints

LARGEST_FLOAT = 2 * 2**20
"""Bytes."""


README = """\
# Checkpoints

Small models that were trained on synthetic English (`wq_corpus`: voices of espeak-ng, 284 words,
some noise and reverberation), for the demo and the tests. They know neither other words nor human
voices. They go from features [1, 296, 39] to logits [1, 148, 29], as all of `wqlite.models`.

{table}

`_rsq.tflite` is INT8, trained with RSQ (docs/rsq.md) from `_float.keras`, which is here where it is
small. Error rates on the test set, and all settings: docs/accuracy.md. To make them again:

    wq_corpus --output=build/corpus/ablation --train=8000 --test=1500 --difficulty=easy \\
      --words_of_a_kind=6 --seed=1
    python -m tools.experiments.ablation --corpus=build/corpus/ablation
    python -m tools.experiments.accuracy
    python -m tools.experiments.ship_checkpoints
"""


class ShipError(Exception):
    """Nothing to ship; the message is one sentence for the user."""


@dataclass(frozen=True)
class Run:
    """A seed of a model.

    Attributes:
        folder: holds its models and train.json.
        training: what train.json says.
    """

    folder: Path
    training: Mapping[str, Any]

    @property
    def validation_wer(self) -> float:
        """Of the RSQ model, at the end of its training."""
        return float(self.training["rsq"]["last epoch"]["val_wer"])


def best_run(folder: Path) -> Run:
    """The seed of a model that is best on the validation set.

    Raises:
        ShipError: no seed has a trained and converted RSQ model.
    """
    runs = [
        Run(tflite.parent, json.loads((tflite.parent / "train.json").read_text()))
        for tflite in sorted(folder.glob("*/rsq.tflite"))
    ]
    if not runs:
        raise ShipError(
            f"No folder below {folder} has an rsq.tflite: run tools.experiments.accuracy first."
        )
    return min(runs, key=lambda run: run.validation_wer)


def ship(model: str, run: Run, output: Path) -> list[str]:
    """Copies the files of a model; returns their names."""
    files = {run.folder / "rsq.tflite": f"{model}_rsq.tflite"}
    if (run.folder / "float.keras").stat().st_size < LARGEST_FLOAT:
        files[run.folder / "float.keras"] = f"{model}_float.keras"
    for source, name in files.items():
        shutil.copyfile(source, output / f".{name}.tmp")
        (output / f".{name}.tmp").replace(output / name)
    return list(files.values())


def readme(runs: Mapping[str, Run], shipped: Mapping[str, list[str]]) -> str:
    """Says how the files were made."""
    rows = []
    for model, run in runs.items():
        for name in shipped[model]:
            training = run.training["float" if name.endswith(".keras") else "rsq"]
            wer = 100 * float(training["last epoch"]["val_wer"])
            epochs = str(training["flags"]["epochs"])
            rows.append([f"`{name}`", run.folder.name, epochs, f"{wer:.1f}"])
    table = markdown.table(["file", "seed", "epochs", "validation WER, %"], rows)
    return README.format(table=table)


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("build/accuracy"))
    parser.add_argument("--output", type=Path, default=Path("models/checkpoints"))
    flags = parser.parse_args()
    try:
        runs = {model: best_run(flags.runs / model) for model in checkpoints.MODELS}
        shipped = {model: ship(model, run, flags.output) for model, run in runs.items()}
        write_whole(flags.output / "README.md", readme(runs, shipped).encode())
    except (ShipError, ConversionError, OSError) as error:
        print(f"ship_checkpoints: {error}", file=sys.stderr)
        return 1
    for model, run in runs.items():
        print(f"{model}: seed {run.folder.name}: {', '.join(shipped[model])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
