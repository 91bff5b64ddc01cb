"""The models of cores: loops whose cycles can be told from what a core is known to do."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.support.environment import require
from tools.rig import to_aarch64
from tools.rig.cores import CORES
from tools.rig.disassembly import Code, InstructionSet

MCA = shutil.which("llvm-mca-19")
PRODUCTS = [f"vmlal.s16 q{accumulator}, d0, d2[1]" for accumulator in range(4, 16)]
DOTS = [f"vsdot.s8 q{accumulator}, q0, q1" for accumulator in range(4, 16)]
WIDE_LOAD = ["vld1.16 {d4, d5, d6, d7}, [r0]!"]
WOVEN = [line for pair in zip(PRODUCTS, ["vldr d6, [r0]"] * 12, strict=True) for line in pair]


def cycles(core: str, lines: list[str]) -> float:
    ((modelled, known),) = CORES[core](
        [Code("f", tuple(lines), (4,) * len(lines), InstructionSet.ARM)]
    )
    assert known == len(lines)
    return modelled


@pytest.mark.parametrize("core", ["cortex-a53", "cortex-a55"])
def test_in_order_cores(core: str) -> None:
    """One product a cycle; a wide load goes alone, a 64-bit load beside a product."""
    assert cycles(core, PRODUCTS) == 12
    assert cycles(core, PRODUCTS + WIDE_LOAD) == 13
    assert cycles(core, WOVEN) == 12
    # Four beats of memory are four cycles, whatever goes beside them.
    assert cycles(core, WIDE_LOAD) == 4
    assert cycles(core, ["vadd.i16 d0, d1, d2", "vadd.i16 d3, d4, d5"]) == 1
    assert cycles(core, ["add r0, r1, r2", "sub r3, r4, r5", "mul r6, r7, r8", "bne #0"]) == 2
    assert cycles(core, ["ldr r0, [r1]", "ldr r2, [r3]"]) == 2


def test_in_order_cores_wait_for_what_they_read() -> None:
    chain = ["vmlal.s16 q8, d0, d2"]
    assert (cycles("cortex-a53", chain), cycles("cortex-a55", chain)) == (6, 4)
    chain = ["vadd.i32 q8, q8, q1"]
    assert (cycles("cortex-a53", chain), cycles("cortex-a55", chain)) == (6, 2)
    assert cycles("cortex-a55", ["ldr r0, [r0]"]) == 3
    assert cycles("cortex-a55", ["cmp r0, #1", "addeq r1, r1, #1", "cmp r1, #1"]) == 2
    assert cycles("cortex-a55", ["vldr d0, [r0]", "vadd.i32 d0, d0, d1"]) == 3


def test_the_cortex_a76_multiplies_in_one_of_its_pipes_and_dots_in_both() -> None:
    require(MCA, "llvm-mca-19; run tools/rig/setup.sh")
    assert cycles("cortex-a76", PRODUCTS) == pytest.approx(12, rel=0.05)
    assert cycles("cortex-a76", DOTS) == pytest.approx(6, rel=0.05)
    # Three micro-operations a cycle.
    assert cycles("cortex-a76", [f"add r{n}, r{n}, #1" for n in range(12)]) == pytest.approx(
        4, rel=0.05
    )


# Operands of those that do not take three registers, and what some want to be of.
FORMS = {
    **dict.fromkeys(("vabs", "vneg", "vqneg", "vqabs", "vrev64", "vclz"), ".s16 q8, q9"),
    **dict.fromkeys(("vrev32", "vrev16", "vcnt", "vmvn"), ".8 q8, q9"),
    **dict.fromkeys(("vshr", "vrshr", "vsra", "vrsra", "vsli", "vsri"), ".s16 q8, q9, #3"),
    **dict.fromkeys(("vand", "vorr", "veor", "vbic", "vbsl", "vbit", "vbif"), " q8, q9, q10"),
    **dict.fromkeys(("vaddw", "vsubw"), ".s8 q8, q9, d20"),
    **dict.fromkeys(("vmovn", "vqmovn", "vqmovun"), ".s32 d8, q10"),
    **dict.fromkeys(("vaddhn", "vraddhn"), ".i32 d8, q10, q11"),
    "vext": ".8 q8, q9, q10, #4",
    "vmovl": ".u8 q8, d9",
    "vshll": ".s8 q8, d9, #3",
    "vqdmull": ".s16 q8, d9, d10",
}
OTHERS = """
vsdot.s8 q8, q9, d7[1]
vudot.u8 d8, d9, d10
vmlal.s16 q8, d9, d7[3]
vshl.s32 q8, q9, q10
vshl.i32 q8, q9, #2
vmvn.i32 q8, #0x3
vcvt.s32.f32 q8, q9
vmul.f32 s0, s1, s2
vmla.f32 s0, s1, s2
vcmp.f32 s0, s1
vabs.f32 q8, q9
vmov d0, r0, r1
vmov r0, r1, d0
vmov.32 d0[1], r0
vmov.u16 r0, d1[1]
vmov.i32 q0, #0x1
vmov.f32 s0, s1
vdup.16 q1, r0
vdup.8 q1, d0[3]
vtbl.8 d0, {d1, d2}, d3
vld1.8 {d0, d1, d2, d3}, [r0:128]!
vld1.8 {d1}, [r0], r1
vst1.32 {d0[1]}, [r0]
vld1.32 {d0[], d1[]}, [r0]!
vld2.8 {d0, d1}, [r0]!
vst4.16 {d0, d2, d4, d6}, [r0]
vldmia r0!, {d8, d9, d10}
vpush {d8, d9}
vldr s1, [r0]
ldrd r0, r1, [r2, #8]
ldr r0, [r1, r2, lsl #2]
ldrsh r0, [r1], #2
str lr, [sp, #-4]!
ldm r0!, {r1, r2, r3}
push {r4, lr}
pld [r0]
add r0, r1, r2, lsl #3
subs r0, r0, #1
moveq r0, #0
cmp r0, r1
smull r0, r1, r2, r3
smlal r0, r1, r2, r3
mla r0, r1, r2, r3
sdiv r0, r1, r2
lsl r0, r1, r2
bne #8
bx lr
nop
"""


def test_every_translation_is_an_instruction_of_aarch64() -> None:
    require(MCA, "llvm-mc-19; run tools/rig/setup.sh")
    assert wrong_translations(OTHERS.strip().splitlines()) == []
    for table, form in (
        (to_aarch64.SAME, ".s16 q8, q9, q10"),
        (to_aarch64.BYTES, " q8, q9, q10"),
        (to_aarch64.LONG, ".u8 q8, d9, d10"),
        (to_aarch64.NARROW, ".s32 d8, q10, #3"),
        (to_aarch64.PAIRS, ".s8 q8, q9"),
        (to_aarch64.EXCHANGES, ".8 d8, d9"),
    ):
        assert wrong_translations([name + FORMS.get(name, form) for name in table]) == []
    two = ("vabs", "vneg", "vsqrt", "vcvtn")
    lines = [f"{name}.f32 q8, q9{'' if name in two else ', q10'}" for name in to_aarch64.FLOAT]
    assert wrong_translations(lines) == []


def wrong_translations(lines: list[str]) -> list[str]:
    """Those that have no translation, or one that LLVM refuses."""
    texts = [(line, text) for line in lines for text in to_aarch64.translate(line) or ["none"]]
    done = subprocess.run(
        ["llvm-mc-19", "-triple=aarch64", "-mattr=+dotprod", "-filetype=null"],
        input="".join(f"{text}\n" for _, text in texts),
        capture_output=True,
        text=True,
    )
    numbers = re.findall(r"^<stdin>:(\d+):\d+: error", done.stderr, re.MULTILINE)
    return [" -> ".join(texts[int(number) - 1]) for number in numbers]


def test_translations_keep_what_depends_on_what() -> None:
    assert to_aarch64.translate("vmlal.s16 q8, d0, d7[3]") == ["smlal v8.4s, v0.4h, v3.h[3]"]
    assert to_aarch64.translate("vld1.16 {d4, d5}, [r1]!") == ["ld1 {v2.16b}, [x1], #16"]
    assert to_aarch64.translate("vsdot.s8 q1, q2, q3") == ["sdot v1.4s, v2.16b, v3.16b"]
    assert to_aarch64.translate("vnonsense.s8 q0, q1") == []
