"""Where memory runs out in the Android-linked delegate, its C++ runtime unwinds the stack."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT, require

SOURCE = ROOT / "tests/support/out_of_memory.c"
ARMV7 = ["-march=armv7-a", "-mfpu=neon", "-mfloat-abi=softfp"]
RUN = ROOT / "tools/rig/android/run"
# ABI: the compiler of programs that load it here, and what runs them.
ABIS: dict[str, tuple[list[str], list[str | Path]]] = {
    "x86_64": (["gcc"], []),
    "armeabi-v7a": (["arm-linux-gnueabi-gcc", *ARMV7], [RUN, "armeabi-v7a"]),
    "arm64-v8a": (["aarch64-linux-gnu-gcc"], [RUN, "arm64-v8a"]),
}


@pytest.mark.parametrize("abi", ABIS)
def test_an_exception_ends_where_it_should(abi: str, tmp_path: Path) -> None:
    compiler, emulator = ABIS[abi]
    folder = ROOT / "build/android" / abi
    for needed in (folder / "libwq_delegate.so", shutil.which(compiler[0])):
        require(needed, f"{abi} on this machine; run tools/rig/android/setup.sh")
    program = tmp_path / "out_of_memory"
    # Its own malloc must be seen by all libraries; Android's C library lies beside the delegate.
    flags = ["-std=gnu11", "-O1", "-fno-builtin", "-rdynamic"]
    flags += [f"-Wl,-rpath,{folder},--disable-new-dtags"]
    subprocess.run([*compiler, *flags, "-o", program, SOURCE, "-ldl"], check=True)
    done = subprocess.run(
        [*emulator, program, folder / "libwq_delegate.so"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "out of memory\n"), done.stderr
