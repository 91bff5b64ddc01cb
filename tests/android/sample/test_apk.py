"""The sample app's APK, looked at with Android's own tools."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.support.environment import require
from tests.support.sample_app import APK, HOW
from wqlite.models import checkpoints

MACHINES = {"armeabi-v7a": "EM_ARM", "arm64-v8a": "EM_AARCH64", "x86_64": "EM_X86_64"}
LIBRARIES = ("libtensorflowlite_jni.so", "libwq_delegate.so")


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    require(APK, HOW)


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_signature() -> None:
    verified = run("apksigner", "verify", "--verbose", "--min-sdk-version", "21", APK)
    assert "Verified using v1 scheme (JAR signing): true" in verified
    assert "Verified using v2 scheme (APK Signature Scheme v2): true" in verified


def test_manifest() -> None:
    badging = run("aapt", "dump", "badging", APK)
    assert "package: name='org.wqlite.sample'" in badging
    assert "sdkVersion:'21'" in badging
    assert "launchable-activity: name='org.wqlite.sample.MainActivity'" in badging
    assert "native-code: 'arm64-v8a' 'armeabi-v7a' 'x86_64'" in badging
    permissions = [line for line in badging.splitlines() if line.startswith("uses-permission:")]
    assert permissions == ["uses-permission: name='android.permission.RECORD_AUDIO'"]


def test_classes() -> None:
    with zipfile.ZipFile(APK) as archive:
        assert [name for name in archive.namelist() if name.endswith(".dex")] == ["classes.dex"]
    dump = run("dexdump", APK)
    for name in ("sample/MainActivity", "sample/Recognizer", "WqDelegate", "WqDelegate$Options"):
        assert f"Class descriptor  : 'Lorg/wqlite/{name};'" in dump
    assert "Class descriptor  : 'Lorg/tensorflow/lite/Interpreter;'" in dump
    assert "invoke-custom" not in dump, "lambdas that Android 5 does not know"


def test_libraries_can_be_mapped() -> None:
    run("zipalign", "-c", "-p", "4", APK)
    with zipfile.ZipFile(APK) as archive:
        for abi, machine in MACHINES.items():
            for library in LIBRARIES:
                entry = archive.getinfo(f"lib/{abi}/{library}")
                assert entry.compress_type == zipfile.ZIP_STORED
                with archive.open(entry) as file:
                    assert ELFFile(file)["e_machine"] == machine
        assert sum(name.endswith(".so") for name in archive.namelist()) == 6


def test_models_are_the_checkpoints() -> None:
    with zipfile.ZipFile(APK) as archive:
        assets = [name for name in archive.namelist() if name.startswith("assets/")]
        assert sorted(assets) == [
            f"assets/{name}" for name in checkpoints.names() if name.endswith(".tflite")
        ]
        for asset in assets:
            assert archive.getinfo(asset).compress_type == zipfile.ZIP_STORED
            assert archive.read(asset) == checkpoints.path(Path(asset).name).read_bytes()
