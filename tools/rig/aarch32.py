"""AArch32 instructions as LLVM writes them: what they need of a core, read and write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.rig.issue import Issue, Unit

CONDITION = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
# A mnemonic of core registers, without what may be appended.
_CORE = (
    "adc|add|and|asr|bfc|bfi|bic|clz|cmn|cmp|eor|ldm(?:ia|ib|da|db)?|ldrs?[bhd]?|lsl|lsr|mla|mls|"
    "mov[wt]?|mul|mvn|orn|orr|pop|push|rbit|rev|ror|rrx|rsb|rsc|sbc|[su]bfx|[su]div|[su]mlal|"
    "[su]mull|stm(?:ia|ib|da|db)?|str[bhd]?|sub|[su]xta?[bh]|teq|tst"
)
FLAGS = "flags"

_BRANCH = re.compile(rf"^(?:cbn?z|tb[bh]|blx?|bx?)(?P<condition>{CONDITION})?$")
_MULTIPLY = re.compile(r"^(mul|ml[as]|[us]mul|[us]mlal|smla|smm|umaal|[us]div)")
_COMPARE = re.compile(r"^(cmp|cmn|tst|teq)")
_FORM = re.compile(rf"^(?:{_CORE})(?P<flags>s?)(?P<condition>{CONDITION})?w?$")
_NOTHING = re.compile(r"^(it[te]{0,3}|nop|dmb|dsb|isb|hint|yield)$")
_REGISTER = re.compile(r"^(r\d+|sp|lr|pc|[qds]\d+)")
# NEON instructions that read what they write.
_ACCUMULATES = re.compile(
    r"^v(q?d?ml[as]l?|fm[as]|padal|[su]dot|[su]mmla|r?sra|sli|sri|abal?|bit|bif|bsl|tbx)$"
)
_EXCHANGES = re.compile(r"^v(zip|uzp|trn|swp)$")
# Those that go through a multiplier or through as many stages.
_LONG = re.compile(r"^v(mul|q?r?d?ml|qr?dmul|fm|nm|padal|paddl|[su]dot|cvt|recp|rsqrt|div|sqrt)")


@dataclass(frozen=True)
class Instruction:
    """An instruction, taken apart.

    Attributes:
        name: its mnemonic without data types: "vmlal".
        kind: its data types, "s16" or "s32.f32"; empty without.
        operands: its operands; a list in braces or brackets is one.
    """

    name: str
    kind: str
    operands: tuple[str, ...]

    @property
    def registers(self) -> list[str]:
        """What the list in braces names, one by one."""
        listed = next((o for o in self.operands if o.startswith("{")), "{}")
        return [name for part in listed.strip("{}").split(", ") for name in _range(part)]

    @property
    def loads(self) -> bool:
        """Whether it reads memory."""
        return bool(re.match(r"v?(ldr|ldm|ld\d|pop|pld)", self.name))

    @property
    def stores(self) -> bool:
        """Whether it writes memory."""
        return bool(re.match(r"v?(str|stm|st\d|push)", self.name))

    @property
    def branches(self) -> bool:
        """Whether it is a jump or a call."""
        return bool(_BRANCH.match(self.name))

    @property
    def multiplies(self) -> bool:
        """Whether it is a multiplication or division of core registers."""
        return bool(_MULTIPLY.match(self.name))

    @property
    def compares(self) -> bool:
        """Whether it writes the flags only."""
        return bool(_COMPARE.match(self.name))

    @property
    def sets_flags(self) -> bool:
        """Whether it writes the flags."""
        form = _FORM.match(self.name)
        return self.compares or bool(form and form["flags"])

    @property
    def condition(self) -> str:
        """Under which it is carried out; empty: always, as NEON instructions are."""
        form = _BRANCH.match(self.name) or _FORM.match(self.name)
        return (form["condition"] if form else None) or ""

    @property
    def does_nothing(self) -> bool:
        """Whether no unit of a core works for it."""
        return bool(_NOTHING.match(self.name))


def parse(line: str) -> Instruction:
    """Takes a line of LLVM's disassembler apart."""
    mnemonic, _, rest = line.partition(" ")
    name, _, kind = mnemonic.partition(".")
    operands = re.findall(r"(?:\[[^\]]*\]!?|\{[^}]*\}|[^,\[{])+", rest)
    return Instruction(
        name, "" if kind in ("w", "n") else kind, tuple(o.strip() for o in operands if o.strip())
    )


def _range(text: str) -> Iterator[str]:
    """d16, or d0[] or d0[1] of it."""
    name = text.strip().split("[")[0]
    if name:
        yield name


def parts(operand: str) -> list[str]:
    """The registers that an operand is made of: a quad register of two double ones."""
    found = _REGISTER.match(operand)
    if not found:
        return []
    name = found[1]
    number = name[1:]
    if name[0] == "q":
        return [f"d{2 * int(number)}", f"d{2 * int(number) + 1}"]
    return [f"d{int(number) // 2}"] if name[0] == "s" and number.isdigit() else [name]


def _parts(operands: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for operand in operands for part in parts(operand))


def issue(line: str) -> Issue | None:
    """What a line wants of an in-order core; None: nothing."""
    instruction = parse(line)
    if instruction.does_nothing:
        return None
    if instruction.loads or instruction.stores:
        return _memory(instruction)
    operands = instruction.operands
    if instruction.branches:
        return Issue(Unit.BRANCH, reads=(FLAGS, *_parts(operands)))
    if instruction.name.startswith("v"):
        return _neon(instruction)
    writes = () if instruction.compares else _parts(operands[:1])
    reads = _parts(operands if instruction.compares or len(operands) == 1 else operands[1:])
    if instruction.condition:
        reads += (*writes, FLAGS)
    if instruction.name.startswith(("umull", "smull", "umlal", "smlal")):
        writes = _parts(operands[:2])
    return Issue(
        Unit.MULTIPLY if instruction.multiplies else Unit.ALU,
        reads=reads,
        writes=(*writes, FLAGS) if instruction.sets_flags else writes,
    )


def _neon(instruction: Instruction) -> Issue:
    name, operands = instruction.name, instruction.operands
    quad = any(operand.startswith("q") for operand in operands)
    if _EXCHANGES.match(name):
        both = _parts(operands)
        return Issue(Unit.NEON, both, both, halves=2, cycles=2 if quad else 1)
    reads, writes = _parts(operands[1:]), _parts(operands[:1])
    listed = _parts(instruction.registers)
    if _ACCUMULATES.match(name) or "[" in (operands[:1] or ("",))[0]:
        reads += writes
    if name == "vcmp" or name == "vcmpe" or name == "vmrs":
        reads, writes = _parts(operands), (FLAGS,)
    if name == "vmov" and len(operands) == 3:  # d0, r0, r1 or r0, r1, d0
        both_written = not operands[0].startswith("d")
        writes = _parts(operands[:2]) if both_written else writes
        reads = _parts(operands[2:]) if both_written else reads
    return Issue(
        Unit.NEON_LONG if _LONG.match(name) else Unit.NEON,
        reads + listed,
        writes,
        halves=2 if quad else 1,
    )


def _memory(instruction: Instruction) -> Issue:
    name, operands = instruction.name, instruction.operands
    address = next((o for o in operands if o.startswith("[")), "")
    listed = instruction.registers
    base = re.findall(r"\b(?:r\d+|sp|lr|pc)\b", address)
    written = base[:1] if address.endswith("!") else []
    if address and operands[-1] != address:  # [r0], r1 or [r0], #4
        written, base = base[:1], base + list(_parts(operands[-1:]))
    if not address and name != "pld":  # push, pop, and several registers from a base
        first = operands[0]
        base = ["sp"] if first.startswith("{") else [first.rstrip("!")]
        written = base if first.startswith("{") or first.endswith("!") else []
    data = _parts(listed)
    if not listed and name != "pld":
        data = _parts(o for o in operands[: 2 if name[3:4] == "d" else 1] if o[0] != "[")
    neon = any(part.startswith("d") for part in data)
    beats = len(data) if neon else (len(data) + 1) // 2
    store = instruction.stores
    return Issue(
        Unit.STORE if store else Unit.LOAD_NEON if neon else Unit.LOAD,
        reads=(*base, *data) if store else tuple(base),
        writes=() if store else data,
        updates=tuple(written),
        cycles=max(1, beats),
    )
