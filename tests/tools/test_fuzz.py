"""tools/fuzz.py: what it makes of a target's answers, and the inputs that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import fuzz

QUIET = "echo '#9 DONE cov: 5'; echo 'stat::number_of_executed_units: 9'"


def target(folder: Path, script: str) -> fuzz.Target:
    made = fuzz.Target(folder, "options")
    made.program.parent.mkdir(parents=True)
    made.program.write_text(f"#!/bin/sh\n{script}\n")
    made.program.chmod(0o755)
    return made


def test_nothing_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert target(tmp_path, QUIET).run(seconds=1, seed=1)
    assert capsys.readouterr().out == "options: 9 inputs, 5 edges reached, nothing found\n"


def test_what_was_found_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tmp_path / "inputs/options/found-crash-1"
    assert not target(tmp_path, f"{QUIET}; echo why; printf AB >{found}").run(seconds=1, seed=1)
    out = capsys.readouterr().out
    assert "why" in out
    assert f"{found} holds 4142" in out


def test_target_that_does_not_run_fails(tmp_path: Path) -> None:
    assert not target(tmp_path, "echo 'no such library'; exit 1").run(seconds=1, seed=1)


def test_target_begins_with_what_is_kept(tmp_path: Path) -> None:
    made = target(tmp_path, QUIET)
    made.run(seconds=1, seed=1)
    given = {path.read_bytes() for path in made.inputs.iterdir()}
    assert given == set(fuzz.read_corpus("options"))


@pytest.mark.parametrize("name", fuzz.targets())
def test_every_target_has_a_small_corpus(name: str) -> None:
    assert len(fuzz.read_corpus(name)) > 0
    assert (fuzz.CORPUS / f"{name}.txt").stat().st_size < 16_000
