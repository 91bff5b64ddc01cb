"""The scripts of tools/android refuse what they cannot build, with one sentence."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.environment import ROOT


@pytest.mark.parametrize(
    ("arguments", "ndk", "sentence"),
    [
        ([], "", "error: usage: build_library.sh ABI..."),
        (["x86"], "", "error: 'x86' is no ABI that is built here; choose armeabi-v7a, "),
        (["x86_64"], "/nowhere", "error: ANDROID_NDK_HOME: there is no /nowhere/build/cmake/"),
    ],
    ids=["no ABI", "unknown ABI", "no NDK"],
)
def test_build_library(arguments: list[str], ndk: str, sentence: str) -> None:
    done = subprocess.run(
        [ROOT / "tools/android/build_library.sh", *arguments],
        env={**os.environ, "ANDROID_NDK_HOME": ndk},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1
