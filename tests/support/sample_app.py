"""The sample app for Android on this machine, as tools/android/build_sample.sh made it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.support.environment import ROOT, require

ANDROID = ROOT / "build/android"
APK = ANDROID / "wqlite-sample.apk"
BUILT = ANDROID / "sample"
HOW = "the sample app: tools/android/build_sample.sh --tests"

JARS = BUILT / "jars"
# TensorFlow Lite's library and ours as the APK has them, over glibc (tools/rig/android/setup.sh).
LIBRARIES = BUILT / "apk/lib/x86_64"
C_LIBRARY = ANDROID / "x86_64"


def java(*arguments: str | Path, properties: Mapping[str, str | Path] | None = None) -> str:
    """Runs a class of the app or of its tests; returns what it prints.

    Raises:
        AssertionError: it ends with another exit code than 0.
    """
    require(BUILT / "tests", HOW)
    require(C_LIBRARY / "libc.so", "Android's C library over glibc: tools/rig/android/setup.sh")
    all_properties = {
        "java.library.path": LIBRARIES,
        "robolectric.offline": "true",
        "robolectric.dependency.dir": JARS,
        **(properties or {}),
    }
    done = subprocess.run(
        [
            "java",
            "-XX:TieredStopAtLevel=1",  # no optimising compiler: it only costs here
            "--add-opens=java.base/java.io=ALL-UNNAMED",  # as Robolectric asks for
            *(f"-D{name}={value}" for name, value in all_properties.items()),
            "-cp",
            os.pathsep.join(map(str, class_path())),
            *arguments,
        ],
        env={**os.environ, "LD_LIBRARY_PATH": str(C_LIBRARY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def class_path() -> list[Path]:
    """The tests, the app, what both need, and Android's classes for the tests to name."""
    folders = (BUILT, BUILT / "tests/lib", JARS)
    jars = [jar for folder in folders for jar in sorted(folder.glob("*.jar"))]
    # Android's come last, since Robolectric brings what is to be used instead of some of them.
    jars.sort(key=lambda jar: jar.name.startswith("android-all-"))
    return [BUILT / "tests", *jars]


def python_hears(
    model: Path, folder: Path, all_features: Sequence[npt.NDArray[np.float32]]
) -> list[str]:
    """What wq_evaluate's path hears in features, in a runtime that rounds as Android's."""
    files = [folder / f"{number}.npy" for number in range(len(all_features))]
    for file, values in zip(files, all_features, strict=True):
        np.save(file, values)
    done = subprocess.run(
        [sys.executable, ROOT / "tests/support/hear.py", model, *files],
        env={**os.environ, "RUY_PATHS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
