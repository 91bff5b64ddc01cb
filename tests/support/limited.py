"""Running Python with the delegate's kernels limited to one instruction set.

What the planner chooses depends on what each kernel costs on this processor. A test of its choices
pins the instruction set, so that it says the same on every machine.
"""

from __future__ import annotations

import os
import subprocess
import sys

MAX_ISA = "WQLITE_MAX_ISA"


def run_limited(script: str, isa: str) -> subprocess.CompletedProcess[str]:
    """Runs a Python script in a process of its own that uses no better kernels than `isa`."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, MAX_ISA: isa},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done
