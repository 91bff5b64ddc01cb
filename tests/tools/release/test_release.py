"""tools/release.sh makes a release of what is ready for one, and of nothing else."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A commit of the script, what it reads, and a changelog without a date."""
    for name in ("CMakeLists.txt", "CHANGELOG.md", "tools/lib.sh", "tools/release.sh"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((ROOT / name).read_bytes())
        path.chmod(0o755)
    log = tmp_path / "CHANGELOG.md"
    log.write_text(re.sub(r"^(## \[\S+\]) - .*", r"\1 - unreleased", log.read_text(), flags=re.M))
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "all")
    return tmp_path


def refusal(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        [checkout / "tools/release.sh", *arguments], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert not (checkout / "build").exists()
    (line,) = done.stderr.splitlines()
    return line


def test_a_changelog_without_a_date_is_refused(checkout: Path) -> None:
    assert re.fullmatch(
        r"error: CHANGELOG.md has no heading '## \[[0-9.]+\] - YEAR-MONTH-DAY'; write it, or take "
        r"--draft",
        refusal(checkout),
    )


def test_changes_that_are_not_committed_are_refused(checkout: Path) -> None:
    (checkout / "new").write_text("")
    assert refusal(checkout) == (
        "error: there are changes that are not committed; commit them, or take --draft"
    )


def test_other_arguments_are_refused(checkout: Path) -> None:
    assert refusal(checkout, "--daft") == "error: usage: tools/release.sh [--draft]"
