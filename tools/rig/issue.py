"""What an in-order core needs to know of an instruction before it can issue it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Unit(enum.Enum):
    """The part of a core that carries an instruction out."""

    ALU = enum.auto()
    MULTIPLY = enum.auto()  # of core registers
    BRANCH = enum.auto()
    LOAD = enum.auto()
    LOAD_NEON = enum.auto()
    STORE = enum.auto()
    NEON = enum.auto()
    NEON_LONG = enum.auto()  # a NEON instruction of as many stages as a multiplication


@dataclass(frozen=True)
class Issue:
    """An instruction, seen from the issue stage.

    Attributes:
        unit: what it needs.
        reads: the registers that must be there before.
        writes: the registers that it computes or loads.
        updates: the address registers that it writes as it goes.
        halves: how many of the two 64-bit halves of the NEON unit it takes.
        cycles: for how long it keeps its unit: 64-bit beats of a load or store.
    """

    unit: Unit
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    halves: int = 1
    cycles: int = 1
