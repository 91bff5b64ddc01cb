"""The cores whose cycles are modelled, and what models each.

`cortex-a9` (one NEON pipe) and `cortex-a57` (two) are llvm-mca's models of these cores, to be
trusted to some 10 % where caches do not matter. `cortex-a53` and `cortex-a55` are our own model of
in-order cores (in_order.py), good to some 15 %. `cortex-a76` is llvm-mca's Neoverse N1, which is
the same core for servers; what runs on it is translated to AArch64 (to_aarch64.py). It issues 3
micro-operations a cycle here, a cautious figure: LLVM's own is the 8 of the issue stage, and at 4,
what the core decodes, code with many loads gains more than code with many products.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from tools.rig import aarch32, in_order, to_aarch64
from tools.rig.aarch32 import CONDITION
from tools.rig.disassembly import Code
from tools.rig.llvm_mca import Target, simulate

Model = Callable[[Sequence[Code]], list[tuple[float, int]]]
"""Cycles of one execution of each code, and how many of its instructions were modelled."""

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
    def model(codes: Sequence[Code]) -> list[tuple[float, int]]:
        issues = [[i for line in code.lines if (i := aarch32.issue(line))] for code in codes]
        return [
            (in_order.cycles(instructions, core), len(code.lines))
            for instructions, code in zip(issues, codes, strict=True)
        ]

    return model


def _translated(target: Target) -> Model:
    return lambda codes: simulate(
        [["\n".join(to_aarch64.translate(line)) for line in code.lines] for code in codes], target
    )


CORES: Mapping[str, Model] = {
    "cortex-a9": _llvm_aarch32("cortex-a9"),
    "cortex-a57": _llvm_aarch32("cortex-a57"),
    "cortex-a53": _in_order(in_order.CORTEX_A53),
    "cortex-a55": _in_order(in_order.CORTEX_A55),
    "cortex-a76": _translated(Target("aarch64", "neoverse-n1", "+dotprod", ("-dispatch=3",))),
}
