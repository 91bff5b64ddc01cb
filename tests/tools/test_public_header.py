"""delegate/include/wqlite/delegate.h as programs include it, and what a program gets by it."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.environment import ROOT, require, version
from wqlite import delegate

INCLUDE = ROOT / "delegate/include"
ARCHIVES = {
    "2.14": ROOT / "build/aar/tensorflow-lite-2.14.0.aar",
    "2.16.1": ROOT / "build/android/tensorflow-lite-2.16.1.aar",
}
OURS = "#include <wqlite/delegate.h>\n"
THEIRS = '#include "tensorflow/lite/core/c/common.h"\n'
USE = """
TfLiteOpaqueDelegate* make(void) {
  WqDelegateOptions options = WqDelegateOptionsDefault();
  options.override = "0=direct";
  return WqDelegateCreate(&options);
}
"""
C99 = ["gcc", "-x", "c", "-std=c99"]
CPP = ["g++", "-x", "c++", "-std=c++11"]


def check(compiler: list[str], program: str, *include: Path) -> None:
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    folders = [f"-I{INCLUDE}", *(f"-isystem{path}" for path in include)]
    done = subprocess.run(
        [*compiler, *flags, *folders, "-"], input=program, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("compiler", [C99, CPP], ids=["C99", "C++11"])
def test_needs_no_other_header(compiler: list[str]) -> None:
    check(compiler, f"{OURS}\nint main(void) {{ return WqDelegateVersion()[0]; }}\n")


@pytest.mark.parametrize("version", ARCHIVES)
@pytest.mark.parametrize("order", [OURS + THEIRS, THEIRS + OURS], ids=["before", "after"])
@pytest.mark.parametrize("compiler", [C99, CPP], ids=["C99", "C++11"])
def test_goes_together_with_tflites_own(
    compiler: list[str], order: str, version: str, tmp_path: Path
) -> None:
    require(ARCHIVES[version], f"{ARCHIVES[version]}; run tools/setup.sh --tests")
    require(shutil.which(compiler[0]), compiler[0])
    with zipfile.ZipFile(ARCHIVES[version]) as archive:
        archive.extractall(tmp_path, [n for n in archive.namelist() if n.startswith("headers/")])
    check(compiler, order + USE, tmp_path / "headers")


def test_version_is_that_of_the_project() -> None:
    function = ctypes.CDLL(str(delegate.library_path())).WqDelegateVersion
    function.restype = ctypes.c_char_p
    assert function().decode() == version()
