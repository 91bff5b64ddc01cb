"""LLVM's tools."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from tools.rig.count import RigError

# The newest of Debian 12: the default, 14, knows neither dot products nor the Neoverse N1.
VERSION = 19


def tool(name: str) -> str:
    """The command of a tool: "llvm-mc"."""
    return f"{name}-{VERSION}"


def run(command: Sequence[str], source: str) -> subprocess.CompletedProcess[str]:
    """Runs a tool on a source.

    Raises:
        RigError: LLVM is not installed.
    """
    try:
        return subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise RigError(f"{command[0]} is missing; install LLVM (Debian: llvm-{VERSION})") from error
