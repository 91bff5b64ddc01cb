"""The Android-linked delegate takes the instruction set that a processor has."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT, require
from tests.support.random_layers import random_case

FOLDER = ROOT / "build/android/x86_64"
QEMU = Path("/usr/bin/qemu-x86_64")


@pytest.mark.parametrize(("cpu", "has_avx2"), [("max", True), ("Nehalem", False)])
def test_instruction_set(cpu: str, has_avx2: bool, tmp_path: Path) -> None:
    library = FOLDER / "libwq_delegate.so"
    for needed in (QEMU, library, FOLDER / "run_models"):
        require(needed, f"{needed}; run tools/rig/android/setup.sh")
    case = random_case(0)
    (tmp_path / "0.tflite").write_bytes(case.model)
    (tmp_path / "0.in").write_bytes(case.input.tobytes())
    (tmp_path / "run").mkdir()
    code = tmp_path / "code.log"
    emulator: list[str | Path] = [QEMU, "-cpu", cpu, "-d", "in_asm", "-D", code]
    run: list[str | Path] = [
        FOLDER / "run_models",
        tmp_path,
        "1",
        f"run;{library};algorithm=direct",
    ]
    subprocess.run([*emulator, *run], check=True)
    # The product of the direct kernel on 256 bits.
    assert ("vpmaddwd" in code.read_text()) == has_avx2
