"""What the demo prints of the trained models."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.experiments import demo
from wqlite.models import checkpoints
from wqlite.models.corpus.grammar import vocabulary


def test_trained_models_say_what_they_hear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.listen(tmp_path) == 0
    first = capsys.readouterr().out
    for name in demo.TRAINED:
        assert name in first
    lines = [line for line in first.splitlines() if "said: " in line]
    assert len(lines) == demo.HEARD_SENTENCES * len(demo.TRAINED)
    for line in lines:
        said, heard = (text.strip() for text in line.split("said: ")[1].split("heard: "))
        assert said
        assert set(heard.split()) <= vocabulary(checkpoints.WORDS_OF_A_KIND)
    demo.listen(tmp_path)  # A folder of an earlier run is no obstacle.
    assert capsys.readouterr().out == first


def test_checkpoints_are_copied(tmp_path: Path) -> None:
    for name in demo.TRAINED:
        copy = demo.take_checkpoint(name, tmp_path)
        assert copy.parent == tmp_path
        assert copy.read_bytes() == checkpoints.path(f"{name}.tflite").read_bytes()
