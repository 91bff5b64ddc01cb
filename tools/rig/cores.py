"""The cores whose cycles are modelled, and what models each.

`cortex-a9` (one NEON pipe) and `cortex-a57` (two) are llvm-mca's models of these cores, to be
trusted to some 10 % where caches do not matter. `cortex-a53` and `cortex-a55` are our own model of
in-order cores (in_order.py), good to some 15 %. `cortex-a76` is llvm-mca's Neoverse N1, which is
the same core for servers; what runs on it is translated to AArch64 (to_aarch64.py). It dispatches 3
micro-operations a cycle here, which is cautious, and hard on code whose loads move their address:
each of these is two, which llvm-mca does not cut in two. `cortex-a76 at 4` is the same with 4 a
cycle, as many as the core decodes. The truth lies between the two, nearer to the second.
`cortex-x2`, for AArch64 only, is llvm-mca's Neoverse V1, a Cortex-X1 with products of int8 matrices
(smmla), as it is: LLVM has no model of an X core of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from tools.rig import aarch32, aarch64, in_order, to_aarch64
from tools.rig.aarch32 import CONDITION
from tools.rig.disassembly import Code, InstructionSet
from tools.rig.issue import Issue
from tools.rig.llvm_mca import Target, simulate

Model = Callable[[Sequence[Code]], list[tuple[float, int]]]
"""Cycles of one execution of each code, and how many of its instructions were modelled."""

AARCH64 = "aarch64-linux-gnu"
ARMV7, FEATURES = "armv7-linux-gnueabihf", "+neon,+hwdiv-arm"
_MULTIPLE = re.compile(
    r"v?(?P<mnemonic>ldm|stm|push|pop)\w* (?:(?P<base>\w+)!?, )?\{(?P<list>[^}]*)\}"
)


def _llvm_aarch32(core: str) -> Model:
    target = Target(ARMV7, core, FEATURES)
    return lambda codes: simulate([[_as_mca(line) for line in c.lines] for c in codes], target)


def _as_mca(line: str) -> str:
    """Jumps without their targets, calls as jumps: what they call is counted by itself.

    And single loads and stores for those of several registers, of which LLVM has no cost.
    """
    found = _MULTIPLE.match(line)
    if found:
        return _one_by_one(found)
    line = re.sub(r"^cbn?z \w+, .*", "b #0", line)
    line = re.sub(rf"^blx?({CONDITION})? ", r"b\1 ", line)
    line = re.sub(r"^(b\w*) r\d+$", "bx lr", line)
    return re.sub(r"^(b[a-z.]*) #-?\d+$", r"\1 #0", line).replace(".w ", " ")


def _one_by_one(multiple: re.Match[str]) -> str:
    """NEON registers go in pairs, as the Cortex-A9 moves them (128 bits a cycle)."""
    loads = multiple["mnemonic"] in ("ldm", "pop")
    base = multiple["base"] or "sp"
    registers = multiple["list"].split(", ")
    if registers[0].startswith("d"):
        pairs = [", ".join(registers[i : i + 2]) for i in range(0, len(registers), 2)]
        return "\n".join(f"v{'ld' if loads else 'st'}1.64 {{{pair}}}, [{base}]" for pair in pairs)
    lines = [f"{'ldr' if loads else 'str'} {register}, [{base}]" for register in registers]
    return "\n".join("bx lr" if " pc," in line else line for line in lines)


def _in_order(core: in_order.Core) -> Model:
    def issues_of(code: Code) -> list[Issue]:
        module = aarch64 if code.instruction_set is InstructionSet.AARCH64 else aarch32
        return [issue for line in code.lines if (issue := module.issue(line))]

    def model(codes: Sequence[Code]) -> list[tuple[float, int]]:
        issues = [issues_of(code) for code in codes]
        return [
            (in_order.cycles(instructions, core), len(code.lines))
            for instructions, code in zip(issues, codes, strict=True)
        ]

    return model


def _llvm_aarch64(target: Target) -> Model:
    def lines_of(code: Code) -> Sequence[str]:
        if code.instruction_set is InstructionSet.AARCH64:
            return code.lines
        return ["\n".join(to_aarch64.translate(line)) for line in code.lines]

    return lambda codes: simulate([lines_of(code) for code in codes], target)


def _neoverse_n1(dispatched: int) -> Model:
    return _llvm_aarch64(Target(AARCH64, "neoverse-n1", "+dotprod", (f"-dispatch={dispatched}",)))


def models_of(core: str) -> list[str]:
    """The names in CORES that model an emulated core."""
    return [name for name in CORES if name == core or name.startswith(f"{core} ")]


CORES: Mapping[str, Model] = {
    "cortex-a9": _llvm_aarch32("cortex-a9"),
    "cortex-a57": _llvm_aarch32("cortex-a57"),
    "cortex-a53": _in_order(in_order.CORTEX_A53),
    "cortex-a55": _in_order(in_order.CORTEX_A55),
    "cortex-a76": _neoverse_n1(3),
    "cortex-a76 at 4": _neoverse_n1(4),
    "cortex-x2": _llvm_aarch64(Target(AARCH64, "neoverse-v1", "+i8mm")),
}
