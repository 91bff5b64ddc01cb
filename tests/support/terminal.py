"""Running a command whose stderr is a terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence


def run_on_terminal(command: Sequence[str]) -> tuple[int, bytes]:
    """Runs a command; returns its exit code and what it showed on its terminal."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    return process.returncode, shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # The way in which Linux reports that the other end is closed.
        return b""
