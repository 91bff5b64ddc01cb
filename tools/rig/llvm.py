"""LLVM's tools, told of the code that the rig runs."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from tools.rig.count import RigError

# llvm-mca's ARM mode reads Thumb's text too, and needs no IT instruction before a conditional one.
TRIPLE = "armv7-linux-gnueabihf"
FEATURES = "-mattr=+neon,+hwdiv-arm"


def run(command: Sequence[str], source: str) -> subprocess.CompletedProcess[str]:
    """Runs a tool on a source.

    Raises:
        RigError: LLVM is not installed.
    """
    try:
        return subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise RigError(f"{command[0]} is missing; install LLVM (Debian: llvm)") from error
