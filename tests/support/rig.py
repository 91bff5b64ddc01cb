"""Running a test file of this checkout a second time, in the ARMv7 rig.

On the host such a file makes the models and starts itself in the rig; in the rig, where there is
no TensorFlow to make them, it runs them.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.support import corpus
from tests.support.environment import ROOT, require
from wqlite import delegate

RUNTIME = "tflite_runtime"
IN_RIG = platform.machine().startswith("armv7")
_VARIABLE = "WQ_RIG_CORPUS"

on_host = pytest.mark.skipif(IN_RIG, reason="starts the rig from the host")
in_rig = pytest.mark.skipif(not IN_RIG, reason="runs in the ARMv7 rig, started from the host")


@cache
def entries() -> list[corpus.Entry]:
    """What run() was given; in the rig only."""
    return corpus.read(Path(os.environ[_VARIABLE]))


def run(test_file: str, models: Iterable[corpus.Entry], folder: Path, passing: int) -> None:
    """Runs `test_file` in the rig on `models`; fails unless `passing` tests of it pass there.

    `folder`: for temporary files.
    """
    python = ROOT / "tools" / "rig" / "python"
    library = ROOT / "build" / "armv7" / "libwq_delegate.so"
    for path in (ROOT / "build" / "armv7" / "site", library):
        require(path, f"{path}; run tools/rig/setup.sh")
    corpus.write(folder / "models.npz", models)
    environment = {
        **os.environ,
        _VARIABLE: str(folder / "models.npz"),
        delegate.LIBRARY_VARIABLE: str(library),
    }
    result = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", test_file],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{passing} passed" in result.stdout
