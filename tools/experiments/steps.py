"""Steps of an experiment that are programs of their own: each begins with a fresh Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class StepError(Exception):
    """A step failed; the message says which and why."""


def execute(command: Sequence[str | Path], title: str) -> subprocess.CompletedProcess[str]:
    """Runs a step; its output is kept.

    Raises:
        StepError: it ended with an error; with its last line of output.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise StepError(f"{title} failed: {lines[-1]}")
    return done


def convert(keras_file: Path, calibration: Path, tflite_file: Path) -> None:
    """Runs wq_convert.

    Raises:
        StepError: it refuses.
    """
    execute(
        [
            *(sys.executable, "-m", "wqlite.tools.commands.convert"),
            f"--input={keras_file}",
            f"--output={tflite_file}",
            f"--calibration_data={calibration}",
        ],
        f"converting {tflite_file.stem}",
    )
