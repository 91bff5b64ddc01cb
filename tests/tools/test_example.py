"""delegate/example, built in each way against the installed package, run in Android's TFLite."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.environment import ROOT, require, version
from tests.support.random_layers import random_case

EXAMPLE = ROOT / "delegate/example"
TFLITE_C = ROOT / "build/tflite_c"
# The library is Android's: where it runs here, it finds another libc.so.
LINK = "-Wl,--allow-shlib-undefined"


@dataclass(frozen=True)
class Rig:
    """Where the example runs.

    build: of CMake, for the package.
    tflite: the folder of Android's library and what it needs.
    cmake: arguments for the example's build.
    runner: what starts the example, before its variables; qemu's option -E sets one.
    """

    build: Path
    tflite: Path
    cmake: Sequence[str] = ()
    runner: Sequence[str] = ("env",)


ANDROID = ROOT / "build/android"
RIGS = {
    "x86_64": Rig(ROOT / "build/host", ANDROID / "x86_64"),
    "armeabi-v7a": Rig(
        ANDROID / "armeabi-v7a/cmake",
        ANDROID / "armeabi-v7a",
        [
            *("-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=armv7l"),
            "-DCMAKE_CXX_COMPILER=arm-linux-gnueabi-g++",
        ],
        ("qemu-arm", "-L", "/usr/arm-linux-gnueabi", "-E"),
    ),
}


def execute(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def install(build: Path, prefix: Path) -> None:
    require(build / "delegate/libwq_delegate.so", f"{build}; tools/test.sh builds it")
    execute("cmake", "--install", build, "--component", "wqlite", "--prefix", prefix)


def search_path(rig: Rig, folder: Path) -> str:
    """A variable by which a program finds Android's libraries, but no other delegate than its own.

    Their names have no version, so that glibc's are found as ever.
    """
    folder.mkdir()
    for library in rig.tflite.glob("lib*.so"):
        if library.name != "libwq_delegate.so":
            (folder / library.name).symlink_to(library)
    return f"LD_LIBRARY_PATH={folder}"


def check_run(command: Sequence[str | Path], folder: Path) -> None:
    """Runs the example on a good model and on what is wrong in each way."""
    model = folder / "model.tflite"
    model.write_bytes(random_case(0).model)
    text = folder / "text.tflite"
    text.write_text("no model")

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *arguments], capture_output=True, text=True)

    good = run(model, "2")
    assert good.returncode == 0, good.stderr
    theirs, ours, layer, override, compared = good.stdout.splitlines()
    assert theirs.startswith("TensorFlow Lite: ") and theirs.endswith(" ms")
    assert ours.startswith(f"wqlite {version()}: ") and ours.endswith(" ms")
    assert layer.startswith("node 0 '") and "kernel=" in layer
    assert override.startswith("override=0=")
    assert compared.startswith("0 of ") and compared.endswith(" output bytes differ")

    for arguments, sentence in {
        (): "usage: run_model MODEL.tflite [THREADS]",
        (folder / "none",): f"{folder / 'none'} cannot be read; name a .tflite file",
        (text,): f"{text} is not a TensorFlow Lite model",
        (model, "two"): "THREADS is a whole number, not 'two'",
        (model, "99"): "option num_threads: '99' is not permitted; permitted: auto, "
        "a whole number from 1 to 64",
    }.items():
        bad = run(*arguments)
        assert (bad.returncode, bad.stdout) == (1, "")
        assert bad.stderr.splitlines()[-1] == f"error: {sentence}"


@pytest.mark.parametrize("name", RIGS)
def test_find_package(name: str, tmp_path: Path) -> None:
    rig = RIGS[name]
    for path in (TFLITE_C, rig.tflite / "libtensorflowlite_jni.so", shutil.which(rig.runner[0])):
        require(path, f"{path}; run tools/setup.sh --tests")
    install(rig.build, tmp_path / "wqlite")
    build = tmp_path / "build"
    execute(
        *("cmake", "-G", "Ninja", "-S", EXAMPLE, "-B", build),
        *rig.cmake,
        f"-DCMAKE_PREFIX_PATH={tmp_path / 'wqlite'};{TFLITE_C}",
        f"-DTFLITE_LIBRARY={rig.tflite / 'libtensorflowlite_jni.so'}",
        f"-DCMAKE_EXE_LINKER_FLAGS={LINK}",
        "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror",
    )
    execute("cmake", "--build", build)
    search = search_path(rig, tmp_path / "tflite")
    check_run([*rig.runner, search, build / "run_model"], tmp_path)


def test_pkg_config(tmp_path: Path) -> None:
    for path in (TFLITE_C, shutil.which("pkg-config")):
        require(path, f"{path}; run tools/setup.sh --tests")
    install(RIGS["x86_64"].build, tmp_path)
    found = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "wqlite"],
        env={**os.environ, "PKG_CONFIG_PATH": str(tmp_path / "lib/pkgconfig")},
        check=True,
        capture_output=True,
        text=True,
    )
    execute(
        *("g++", "-std=c++17", EXAMPLE / "run_model.cc", "-o", tmp_path / "run_model"),
        *found.stdout.split(),
        *(f"-I{TFLITE_C / 'include'}", f"-L{TFLITE_C / 'lib'}", "-ltensorflowlite_c", LINK),
    )
    search = search_path(RIGS["x86_64"], tmp_path / "tflite")
    check_run(["env", f"{search}:{tmp_path / 'lib'}", tmp_path / "run_model"], tmp_path)


def test_bazel(tmp_path: Path) -> None:
    program = ROOT / "build/bazel-bin/delegate/example/run_model"
    require(program, "bazel build //delegate/example:run_model; tools/test.sh does it")
    check_run(["env", search_path(RIGS["x86_64"], tmp_path / "tflite"), program], tmp_path)
