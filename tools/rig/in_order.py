"""Cycles of straight-line code on a dual-issue in-order core, Cortex-A53 or Cortex-A55.

What the model knows of these cores:

- Up to two instructions a cycle, in program order, none before its operands are there.
- Two ALUs, one of which multiplies; one jump; one load or store.
- NEON: two pipes of 64 bits, so one instruction on 128 bits or two on 64 bits.
- Memory: 64 bits a cycle. A load or store of more than that issues alone, and the next load or
  store waits for its last beat; other instructions do not.

Sources: ARM's software optimization guide of the Cortex-A55 (dual issue, 64-bit memory path and
NEON pipes), LLVM's scheduling models of both cores (latencies), and the form of XNNPACK's
hand-written kernels for both, which weave 64-bit loads between NEON instructions. (llvm-mca is not
used because its in-order stage lets no instruction finish before an older one: a load of 3 cycles
would never go with a product of 4, as it does on these cores.) Of the Cortex-A53 ARM has published
no such guide: its figures are good to some 15 %. With latencies of 4 cycles for products and 3 for
the rest, TFLite's kernels gain more than ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.rig.issue import Issue, Unit

WARM_UP, ITERATIONS = 20, 40
_MEMORY = (Unit.LOAD, Unit.LOAD_NEON, Unit.STORE)
_NEON = (Unit.NEON, Unit.NEON_LONG)


@dataclass(frozen=True)
class Core:
    """A core: cycles until what a unit computes can be used, by unit."""

    latencies: Mapping[Unit, int]


_BOTH = {Unit.ALU: 1, Unit.MULTIPLY: 3, Unit.LOAD: 3, Unit.STORE: 1, Unit.BRANCH: 1}
CORTEX_A53 = Core({**_BOTH, Unit.LOAD_NEON: 4, Unit.NEON: 6, Unit.NEON_LONG: 6})
CORTEX_A55 = Core({**_BOTH, Unit.LOAD_NEON: 3, Unit.NEON: 2, Unit.NEON_LONG: 4})


def cycles(instructions: Sequence[Issue], core: Core) -> float:
    """Cycles of one execution when the code runs again and again."""
    pipeline = _Pipeline(core)
    for _ in range(WARM_UP):
        pipeline.run(instructions)
    begin = pipeline.cycle
    for _ in range(ITERATIONS):
        pipeline.run(instructions)
    return (pipeline.cycle - begin) / ITERATIONS


@dataclass
class _Pipeline:
    """The issue stage.

    Attributes:
        core: whose latencies count.
        cycle: the present one.
        issued: what was issued in it.
        ready: from which cycle on each register can be read.
        free: from which cycle on the memory path and the NEON unit can take another instruction.
    """

    core: Core
    cycle: int = 0
    issued: list[Issue] = field(default_factory=list)
    ready: dict[str, int] = field(default_factory=dict)
    memory_free: int = 0
    neon_free: int = 0

    def run(self, instructions: Sequence[Issue]) -> None:
        """Issues instructions, one after the other."""
        for instruction in instructions:
            operands = max((self.ready.get(name, 0) for name in instruction.reads), default=0)
            while self.cycle < operands or not self._fits(instruction):
                self.cycle += 1
                self.issued.clear()
            self._issue(instruction)

    def _fits(self, instruction: Issue) -> bool:
        """Whether the present cycle has room for an instruction."""
        if len(self.issued) == 2:
            return False
        units = [other.unit for other in self.issued]
        if instruction.unit in _MEMORY:
            alone = instruction.cycles > 1
            return self.memory_free <= self.cycle and not (alone and units)
        if any(other.unit in _MEMORY and other.cycles > 1 for other in self.issued):
            return False
        if instruction.unit in _NEON:
            halves = sum(other.halves for other in self.issued if other.unit in _NEON)
            return self.neon_free <= self.cycle and halves + instruction.halves <= 2
        return instruction.unit is Unit.ALU or instruction.unit not in units

    def _issue(self, instruction: Issue) -> None:
        self.issued.append(instruction)
        if instruction.unit in _MEMORY:
            self.memory_free = self.cycle + instruction.cycles
        if instruction.unit in _NEON and instruction.cycles > 1:
            self.neon_free = self.cycle + instruction.cycles
        latency = self.core.latencies[instruction.unit]
        for number, name in enumerate(instruction.writes):
            self.ready[name] = self.cycle + latency + self._beat(instruction, number)
        for name in instruction.updates:
            self.ready[name] = self.cycle + 1

    @staticmethod
    def _beat(instruction: Issue, number: int) -> int:
        """In which beat of a load a register comes; core registers come in twos."""
        if instruction.unit is Unit.LOAD_NEON:
            return number
        return number // 2 if instruction.unit is Unit.LOAD else 0
