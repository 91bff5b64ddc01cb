"""The cache model sees what a program of known accesses does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT, require
from tools.rig.count import RigError
from tools.rig.dcache import Traffic, command_traffic

# Touches one word in each of LINES lines, ROUNDS times.
PROGRAM = """
        .syntax unified
        .arch armv7-a
        .text
        .global _start
_start: movw r4, #:lower16:data
        movt r4, #:upper16:data
        movw r3, #ROUNDS
rounds: movw r0, #LINES
        mov r1, r4
touch:  {access} r2, [r1], #64
        subs r0, r0, #1
        bne touch
        subs r3, r3, #1
        bne rounds
        mov r0, #0
        mov r7, #1
        svc #0
        .bss
        .balign 64
data:   .space 64 * LINES
"""


@pytest.mark.parametrize(
    ("access", "lines", "rounds", "l1_misses", "fetched", "written"),
    [
        ("ldr", 256, 10, 256, 256, 0),  # 16 KiB stay in the first level
        ("ldr", 2048, 10, 20480, 2048, 0),  # 128 KiB stay in the second
        ("ldr", 16384, 3, 49152, 49152, 0),  # 1 MiB in turn: each leaves before its next use
        ("str", 16384, 3, 49152, 49152, 49152 - 8192),  # 512 KiB are still in the caches
    ],
)
def test_known_accesses(
    tmp_path: Path, access: str, lines: int, rounds: int, l1_misses: int, fetched: int, written: int
) -> None:
    require(ROOT / "build/armv7/libdcache.so", "the ARMv7 rig; run tools/rig/setup.sh")
    source = PROGRAM.replace("LINES", str(lines)).replace("ROUNDS", str(rounds))
    (tmp_path / "program.s").write_text(source.format(access=access))
    program = tmp_path / "program"
    compiler = ["arm-linux-gnueabihf-gcc", "-nostdlib", "-static", "-o", str(program)]
    subprocess.run([*compiler, str(tmp_path / "program.s")], check=True)
    traffic = command_traffic([ROOT / "tools/rig/run", program])
    assert traffic == Traffic(lines * rounds, l1_misses, fetched, written)


def test_missing_program_is_reported(tmp_path: Path) -> None:
    require(ROOT / "build/armv7/libdcache.so", "the ARMv7 rig; run tools/rig/setup.sh")
    with pytest.raises(RigError, match="run failed under the rig"):
        command_traffic([ROOT / "tools/rig/run", tmp_path / "nothing"])
