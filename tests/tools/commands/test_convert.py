"""The command `wq_convert`: exit codes, messages, silence, the report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.keras_models import random_windows, small_model
from tests.support.terminal import run_on_terminal

COMMAND = (sys.executable, "-m", "wqlite.tools.commands.convert")


def wq_convert(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    small_model().save(path)
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "model.tflite"


def test_success_prints_only_the_report(stored: Path, output: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "samples.npz", features=random_windows())

    done = wq_convert(
        f"--input={stored}", f"--output={output}", f"--calibration_data={tmp_path}/samples.npz"
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["1", "7", "2", "1", "5", "->", "8", "24", "->", "12", "none", "0.00"] in lines
    assert ["operators", "2", "RESHAPE,", "2", "CONV_2D,", "1", "LEAKY_RELU"] in lines
    assert ["weights", "int8,", "one", "scale", "per", "channel"] in lines
    written = "".join(done.stdout.split())  # A long path makes the table break lines.
    assert f"{output.stat().st_size:,}bytes" in written
    assert "SNRtofloat" in written


def test_refusal_is_one_line(stored: Path, output: Path) -> None:
    done = wq_convert(f"--input={stored}", f"--output={output}")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("wq_convert: Calibration data is missing: ")
    assert done.stderr.count("\n") == 1
    assert not output.exists()


def test_terminal_shows_progress_and_the_warning(stored: Path, output: Path) -> None:
    code, shown = run_on_terminal(
        [*COMMAND, f"--input={stored}", f"--output={output}", "--random_calibration"]
    )
    assert code == 0
    assert output.exists()
    assert b"wq_convert: calibrating, sample 16 of 16" in shown
    assert b"wq_convert: warning: Calibrated with random numbers" in shown
    assert shown.endswith(b"\r\x1b[K")
    assert b"oneDNN" not in shown


def test_verbosity_lets_tensorflow_speak(stored: Path, output: Path) -> None:
    done = wq_convert(
        f"--input={stored}", f"--output={output}", "--random_calibration", "--verbosity=1"
    )
    assert done.returncode == 0
    assert "wq_convert: loading the model" in done.stderr
    assert len(done.stderr.splitlines()) > 10


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--output=x"], "The flag --input is missing"),
        (["--input=x"], "The flag --output is missing"),
        (["--input=x", "--output=y", "--epochs=3"], "Unknown command line flag 'epochs'"),
        (["--input=x", "--output=y", "--granularity=row"], "should be one of <channel|tensor>"),
        (["--input=x", "--output=y", "--time_steps=0"], "not a positive integer"),
        (["--input=x", "--output=y", "--time_steps=many"], "--time_steps=many"),
        (["--input=x", "--output=y", "z"], "Unexpected argument 'z'"),
    ],
)
def test_wrong_flags_are_one_line(flags: list[str], message: str) -> None:
    done = wq_convert(*flags)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("wq_convert: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_refusals_that_need_no_tensorflow_come_at_once(output: Path) -> None:
    done = wq_convert("--input=no.keras", f"--output={output}")
    assert done.returncode == 1
    assert done.stderr == "wq_convert: Input no.keras does not exist.\n"


def test_help_explains_calibration_data() -> None:
    done = wq_convert("--help")
    assert done.returncode == 0
    assert "numpy.savez" in done.stdout
    for flag in ("--input", "--output", "--calibration_data", "--granularity", "--time_steps"):
        assert flag in done.stdout


def test_interrupt_ends_quietly(output: Path) -> None:
    program = f"""
import sys
from wqlite.tools.commands import convert
def interrupted(*args, **kwargs):
    raise KeyboardInterrupt
convert.convert = interrupted
sys.argv = ["wq_convert", "--input=x", "--output={output}"]
convert.run()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 130
    assert done.stderr == "wq_convert: interrupted.\n"
