"""Which trained models ship, and what their README says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.experiments import ship_checkpoints
from wqlite.models import checkpoints


def make_run(folder: Path, validation_wer: float, float_size: int = 10) -> None:
    folder.mkdir(parents=True)
    (folder / "rsq.tflite").write_bytes(folder.name.encode())
    (folder / "float.keras").write_bytes(bytes(float_size))
    training = {
        mode: {"flags": {"epochs": epochs}, "last epoch": {"val_wer": str(wer)}}
        for mode, epochs, wer in (("float", 10, 0.125), ("rsq", 2, validation_wer))
    }
    (folder / "train.json").write_text(json.dumps(training))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two seeds of the first model, the second better; one of the other, with a large teacher."""
    first, second = checkpoints.MODELS
    make_run(tmp_path / "runs" / first / "0", 0.3)
    make_run(tmp_path / "runs" / first / "1", 0.25)
    make_run(tmp_path / "runs" / second / "2", 0.4, float_size=ship_checkpoints.LARGEST_FLOAT)
    (tmp_path / "shipped").mkdir()
    return tmp_path / "runs"


def run(monkeypatch: pytest.MonkeyPatch, runs: Path) -> int:
    arguments = ["ship_checkpoints", f"--runs={runs}", f"--output={runs.parent / 'shipped'}"]
    monkeypatch.setattr("sys.argv", arguments)
    return ship_checkpoints.main()


def test_the_best_seed_ships(monkeypatch: pytest.MonkeyPatch, runs: Path) -> None:
    assert run(monkeypatch, runs) == 0
    first, second = checkpoints.MODELS
    shipped = runs.parent / "shipped"
    assert (shipped / f"{first}_rsq.tflite").read_bytes() == b"1"
    assert (shipped / f"{second}_rsq.tflite").read_bytes() == b"2"
    assert sorted(path.name for path in shipped.iterdir()) == sorted(
        ["README.md", f"{first}_float.keras", f"{first}_rsq.tflite", f"{second}_rsq.tflite"]
    )
    readme = (shipped / "README.md").read_text()
    assert f"| `{first}_rsq.tflite` | 1 | 2 | 25.0 |" in readme
    assert f"| `{first}_float.keras` | 1 | 10 | 12.5 |" in readme
    assert f"| `{second}_rsq.tflite` | 2 | 2 | 40.0 |" in readme


def test_nothing_to_ship_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path / "none") == 1
    assert "run tools.experiments.accuracy first" in capsys.readouterr().err
