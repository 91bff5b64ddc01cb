"""The cores that the rig can pretend to be (tools/rig/core.sh)."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.environment import ROOT, require


@pytest.mark.parametrize("command", ["run", "python", "android/run armeabi-v7a"])
def test_an_unknown_core_is_a_sentence(command: str) -> None:
    require(ROOT / "build/armv7/site", "the rig; run tools/rig/setup.sh")
    program, *arguments = command.split()
    done = subprocess.run(
        [ROOT / "tools/rig" / program, *arguments, "/bin/true"],
        env={**os.environ, "WQ_RIG_CORE": "cortex-x2"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: WQ_RIG_CORE is cortex-x2; the armv7 rig has "
        "cortex-a7, a8, a9, a15, a53, a55, a57 and a76\n"
    )
