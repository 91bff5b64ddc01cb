"""The shell functions that the set-up stands on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder in which lib.sh believes that it is at home."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/lib.sh").write_text((ROOT / "tools/lib.sh").read_text())
    (tmp_path / "CMakeLists.txt").write_text("project(wqlite VERSION 1.2.3)\n")
    return tmp_path


def run(checkout: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"source tools/lib.sh\n{script}"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )


def test_step_runs_once_for_a_hash(checkout: Path) -> None:
    script = "work() { echo x >>done; }; for h in 1 1 2; do step made/stamp thing $h work; done"
    done = run(checkout, script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["doing thing", "ok    thing", "doing thing", ""]
    assert (checkout / "done").read_text() == "x\nx\n"


def test_step_stops_at_the_first_failing_command(checkout: Path) -> None:
    script = "work() { echo why; false; touch reached; }; step made/stamp thing 1 work; touch after"
    done = run(checkout, script)
    assert done.returncode == 1
    assert "why" in done.stderr
    assert "'work' failed with exit code 1" in done.stderr
    assert not (checkout / "reached").exists()
    assert not (checkout / "after").exists()
    assert not (checkout / "made/stamp").exists()


def test_hash_follows_content_and_not_compiled_python(checkout: Path) -> None:
    def hashed() -> str:
        return run(checkout, "hash_of word folder missing").stdout

    (checkout / "folder/__pycache__").mkdir(parents=True)
    (checkout / "folder/a").write_text("1")
    first = hashed()
    assert len(first.strip()) == 64
    (checkout / "folder/__pycache__/a.pyc").write_text("1")
    assert hashed() == first
    (checkout / "folder/a").write_text("2")
    assert hashed() != first
    (checkout / "folder/a").rename(checkout / "folder/b")
    (checkout / "folder/b").write_text("1")
    assert hashed() != first


def test_installed_debian_package_needs_nothing(checkout: Path) -> None:
    done = run(checkout, "debian_packages bash")
    assert (done.returncode, done.stdout) == (0, "ok    Debian packages\n")


@pytest.mark.parametrize("tool", ["python", "run"])
def test_rig_scripts_say_what_is_missing(checkout: Path, tool: str) -> None:
    (checkout / "tools/rig").mkdir()
    for sourced in ("machine.sh", "core.sh"):
        (checkout / "tools/rig" / sourced).write_text((ROOT / "tools/rig" / sourced).read_text())
    script = checkout / "tools/rig" / tool
    script.write_text((ROOT / "tools/rig" / tool).read_text())
    done = subprocess.run(["bash", str(script), "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith("run tools/rig/setup.sh armv7 first\n")
    assert done.stderr.count("\n") == 1


def test_the_rig_knows_its_machines() -> None:
    done = subprocess.run(
        [ROOT / "tools/rig/run", "x"],
        env={**os.environ, "WQ_RIG": "mips"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "error: the rig has no machine mips; it has armv7 and aarch64\n"
