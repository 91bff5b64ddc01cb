"""Blocks become cycles: which code is hot, where it loops, and what the models say of it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.environment import require
from tools.rig.cores import CORES
from tools.rig.count import Block, Counts
from tools.rig.cycles import Cycles, hottest, model_cycles, table
from tools.rig.disassembly import (
    Code,
    InstructionSet,
    disassemble,
    instruction_set,
    joined,
    read_code,
)
from tools.rig.symbols import functions_of

MCA = shutil.which("llvm-mca-19")
# 8 independent NEON additions a round: one a cycle where there is one pipe, two with two.
LOOP = """
        .syntax unified
        .arch armv7-a
        .fpu neon
        {state}
        .text
        .type work, %function
work:   vadd.i32 q8, q0, q1
        vadd.i32 q9, q0, q1
        vadd.i32 q10, q0, q1
        vadd.i32 q11, q0, q1
        vadd.i32 q12, q0, q1
        vadd.i32 q13, q0, q1
        vadd.i32 q14, q0, q1
        vadd.i32 q15, q0, q1
        subs r0, r0, #1
        bne work
        .size work, . - work
"""


def code(*lines: str) -> Code:
    return Code("f", lines, (4,) * len(lines), InstructionSet.ARM)


@pytest.fixture
def loop(tmp_path: Path, request: pytest.FixtureRequest) -> Block:
    """The loop above as a block of a library."""
    require(MCA, "llvm-mca-19; run tools/rig/setup.sh")
    require(shutil.which("arm-linux-gnueabihf-gcc"), "the ARMv7 compiler")
    (tmp_path / "loop.s").write_text(LOOP.format(state=request.param))
    library = str(tmp_path / "loop.so")
    command = ["arm-linux-gnueabihf-gcc", "-nostdlib", "-shared", "-o", library]
    subprocess.run([*command, str(tmp_path / "loop.s")], check=True)
    (work,) = functions_of(library)
    return Block(library, work.begin, work.end - work.begin, (0, 8, 0, 0, 2))


@pytest.mark.parametrize(
    ("loop", "kind"),
    [(".arm", InstructionSet.ARM), (".thumb", InstructionSet.THUMB)],
    indirect=["loop"],
)
def test_a_loop_takes_the_cycles_of_its_pipes(loop: Block, kind: InstructionSet) -> None:
    assert instruction_set(loop) is kind
    # Near the end of a page QEMU says more bytes than the block has.
    longer = replace(loop, bytes=loop.bytes + 2 * (kind is InstructionSet.THUMB))
    assert read_code(longer) == read_code(loop)
    counts = Counts({longer: 1000})
    modelled = model_cycles(counts, CORES)
    for core, cycles in {
        "cortex-a9": 8,
        "cortex-a57": 4,
        "cortex-a53": 8,
        "cortex-a55": 8,
        "cortex-a76": 4,
    }.items():
        assert modelled[core].total == pytest.approx(1000 * cycles, rel=0.15)
        assert modelled[core].coverage == 1
        assert list(modelled[core].functions) == ["loop.so: work"]


def test_what_llvm_mca_does_not_know_is_not_covered() -> None:
    require(MCA, "llvm-mca-19; run tools/rig/setup.sh")
    nonsense = code("add r0, r0, #1", "vnonsense.s8 q0, q1", "sub r1, r1, #1")
    for core in ("cortex-a9", "cortex-a57", "cortex-a76"):
        ((_, known),) = CORES[core]([nonsense])
        assert known == 2


def test_a_list_of_registers_costs_a_load_of_each_pair() -> None:
    require(MCA, "llvm-mca-19; run tools/rig/setup.sh")
    several, pair = CORES["cortex-a9"](
        [code("vldmia r0!, {d0, d1, d2, d3, d4}"), code("vldmia r0!, {d0, d1}")]
    )
    assert several[1] == pair[1] == 1
    assert several[0] == pytest.approx(3 * pair[0], rel=0.05)


def test_codes_are_told_apart() -> None:
    require(MCA, "llvm-mc-19; run tools/rig/setup.sh")
    vmull = bytes.fromhex("c0ef010c")
    codes = [vmull, vmull + vmull, b"", vmull]
    assert [len(instructions) for instructions in disassemble(codes, InstructionSet.THUMB)] == [
        1,
        2,
        0,
        1,
    ]


def test_blocks_overlap_with_their_neighbours() -> None:
    """A short block does not wait until the core is empty."""
    require(MCA, "llvm-mca-19; run tools/rig/setup.sh")
    ((cycles, _),) = CORES["cortex-a57"]([code("add r0, r1, #1", "add r2, r3, #1")])
    assert cycles == pytest.approx(1, abs=0.1)


def test_table_of_cycles() -> None:
    modelled = {
        "cortex-a9": {
            name: Cycles(total, 0.995, {"libc.so.6": total})
            for name, total in (("TFLite", 4e6), ("wqlite", 1e6))
        }
    }
    rows = [line.split() for line in table(modelled).splitlines()]
    assert rows[0] == ["million", "cycles", "TFLite", "wqlite"]
    assert rows[1] == ["cortex-a9", "4.0", "(99.5%)", "1.0", "(99.5%)", "ratio", "4.00"]
    assert ["copying", "(C", "library)", "4.0", "1.0"] in rows


def test_blocks_that_follow_each_other_are_joined() -> None:
    head, exit_test, tail = code("nop", "nop"), code("nop", "beq #80"), code("nop", "b #-28")
    whole = joined({("x", 0): (head, 100), ("x", 8): (exit_test, 100), ("x", 16): (tail, 99)})
    loop = head.followed_by(exit_test).followed_by(tail)
    assert whole[loop] == 99
    assert sum(len(c.lines) * n for c, n in whole.items()) == 2 * (100 + 100 + 99)


def test_blocks_that_go_apart_are_not_joined() -> None:
    head, rare, other = code("nop", "beq #80"), code("nop"), code("bx lr")
    assert joined({("x", 0): (head, 100), ("x", 8): (rare, 10)}) == {head: 100, rare: 10}
    assert joined({("x", 0): (other, 10), ("x", 4): (rare, 10)}) == {other: 10, rare: 10}


def test_hottest_blocks_reach_the_share_and_leave_out_generated_code() -> None:
    hot, cold = Block("x", 0, 40, (0, 0, 0, 0, 10)), Block("x", 40, 40, (0, 0, 0, 0, 10))
    generated = Block("", 0, 40, (0, 0, 0, 0, 10))
    assert hottest({cold: 1, hot: 99}, 0.95) == {hot: 99}
    assert hottest({generated: 99, hot: 10, cold: 1}, 0.95) == {hot: 10}
