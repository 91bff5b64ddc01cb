"""Where the checkout is, and what a test needs that not every machine has."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def require(path: Path | str | None, what: str) -> None:
    """Skips the test where something optional is missing; on CI that is a failure."""
    if path is None or not Path(path).exists():
        if os.environ.get("CI"):
            pytest.fail(f"missing: {what}")
        pytest.skip(f"missing: {what}")


def version() -> str:
    """Of the project, from its one place."""
    found = re.search(
        r"^project\(wqlite VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M
    )
    assert found is not None
    return found[1]
