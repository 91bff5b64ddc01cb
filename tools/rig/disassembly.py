"""The code of counted blocks, read from their files and disassembled by llvm-mc."""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.rig import count, llvm, symbols


class InstructionSet(enum.Enum):
    """How the bytes of code are to be read.

    The value is LLVM's triple and features, and a breakpoint that no program has, set behind each
    code to tell the codes apart.
    """

    ARM = ("armv8.2a-linux-gnueabihf", "+neon,+hwdiv-arm,+dotprod", "7dbc2ae1")
    THUMB = ("thumbv8.2a-linux-gnueabihf", "+neon,+hwdiv-arm,+dotprod", "abbe")
    AARCH64 = ("aarch64-linux-gnu", "+v8.6a,+sve2", "a0bb37d4")


THUMB_WIDE = 0xE8  # the high byte of the first half of a 4-byte Thumb instruction, at least
BRANCH = re.compile(
    r"^(b(l|x|lx)?(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al)?|cbn?z|tb[bh]|tbn?z|blr|br|ret)\b"
)
CONDITIONAL = re.compile(
    r"^(b\.?(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)(\.w)?|cbn?z|tbn?z)\b"
)
# Two blocks in a row are one when the rarer one runs at least so often as the other, in parts.
SAME_TRACE = 0.8
WRITES_PC = re.compile(r"^(pop|ldm\w*)\b.*\bpc\}|^(ldr|mov|add)\w*(\.w)?\s+pc\b")


@dataclass(frozen=True)
class Code:
    """Disassembled straight-line code.

    Attributes:
        name: of the function that it belongs to.
        lines: instructions in LLVM's syntax.
        sizes: bytes of each instruction.
        instruction_set: that the instructions belong to.
    """

    name: str
    lines: tuple[str, ...]
    sizes: tuple[int, ...]
    instruction_set: InstructionSet

    @property
    def branches(self) -> bool:
        """Whether it ends in a jump, so that what lies behind it need not run next."""
        last = self.lines[-1] if self.lines else ""
        return bool(BRANCH.match(last) or WRITES_PC.match(last))

    @property
    def ends(self) -> bool:
        """Whether it ends in a jump that is always taken."""
        return self.branches and not CONDITIONAL.match(self.lines[-1])

    def followed_by(self, after: Code) -> Code:
        """This code and the code behind it, as one."""
        return Code(
            self.name, self.lines + after.lines, self.sizes + after.sizes, self.instruction_set
        )


# What was disassembled before in this process: many counts share their hot blocks.
_codes: dict[count.Block, Code] = {}


def disassembled(blocks: Mapping[count.Block, int]) -> dict[tuple[str, int], tuple[Code, int]]:
    """The code of blocks, read from their files, and how often each ran, by path and offset."""
    new = [block for block in blocks if block not in _codes]
    names = dict(zip(new, count.names_of(new), strict=True))
    for kind in InstructionSet:
        chosen = [block for block in new if instruction_set(block) is kind]
        texts = disassemble([read_code(block) for block in chosen], kind)
        for block, instructions in zip(chosen, texts, strict=True):
            lines, sizes = zip(*instructions, strict=True) if instructions else ((), ())
            _codes[block] = Code(names[block], lines, sizes, kind)
    return {(block.path, block.offset): (_codes[block], runs) for block, runs in blocks.items()}


def instruction_set(block: count.Block) -> InstructionSet:
    """That of a block, by its file and what it looks like."""
    if symbols.is_aarch64(block.path):
        return InstructionSet.AARCH64
    return InstructionSet.THUMB if _is_thumb(block) else InstructionSet.ARM


def _is_thumb(block: count.Block) -> bool:
    """Whether a block has 2-byte instructions, or its symbol says that it is Thumb code."""
    if block.bytes != 4 * block.instructions:
        return True
    function = symbols.function_at(block.path, block.offset)
    if function is not None:
        return function.thumb
    # A stripped library: of Thumb, the first half of each 4-byte instruction is that large.
    with Path(block.path).open("rb") as file:
        file.seek(block.offset)
        code = file.read(block.bytes)
    return all(high >= THUMB_WIDE for high in code[1::4])


def read_code(block: count.Block) -> bytes:
    """The machine code of a block."""
    with Path(block.path).open("rb") as file:
        file.seek(block.offset)
        code = file.read(4 * block.instructions)
    if instruction_set(block) is not InstructionSet.THUMB:
        return code
    length = 0
    for _ in range(block.instructions):
        wide = code[length + 1] >= THUMB_WIDE
        length += 4 if wide else 2
    return code[:length]


def disassemble(codes: Sequence[bytes], kind: InstructionSet) -> list[list[tuple[str, int]]]:
    """The instructions of each code: text and bytes. What LLVM does not know is left out."""
    triple, features, breakpoint_code = kind.value
    command = [llvm.tool("llvm-mc"), "-disassemble"]
    command += [f"-triple={triple}", f"-mattr={features}", "-show-encoding"]
    # An instruction that LLVM refuses makes it return an error after it has done the others.
    end = bytes.fromhex(breakpoint_code)
    source = "\n".join(f"0x{byte:02x}" for code in codes for byte in code + end)
    result: list[list[tuple[str, int]]] = [[]]
    for line in llvm.run(command, source).stdout.splitlines():
        text, separator, encoding = re.sub(r"// encoding:", "@ encoding:", line).partition(
            "@ encoding: ["
        )
        values = bytes(int(value, 16) for value in re.findall(r"0x\w+", encoding))
        if values == end:
            result.append([])
        elif separator:
            result[-1].append((" ".join(text.split()), len(values)))
    if len(result) != len(codes) + 1:
        raise count.RigError("llvm-mc misread code; was the library rebuilt since it was counted?")
    return result[:-1]


def joined(blocks: Mapping[tuple[str, int], tuple[Code, int]]) -> dict[Code, int]:
    """Puts code together with the code behind it, as far as the one is followed by the other.

    QEMU cuts blocks at the end of a page; and loops that leave in the middle are of two blocks. A
    block that may jump elsewhere is joined when both ran about equally often.
    """
    codes = {place: code for place, (code, _) in blocks.items()}
    runs = {place: number for place, (_, number) in blocks.items()}
    result: Counter[Code] = Counter()
    for path, offset in sorted(blocks, reverse=True):
        place = (path, offset)
        code, after = codes[place], (path, offset + sum(codes[place].sizes))
        if after not in codes or not code.lines or code.ends:
            continue
        together = min(runs[place], runs[after])
        if code.branches and together < SAME_TRACE * max(runs[place], runs[after]):
            continue
        result[code] += runs[place] - together
        runs[after] -= together
        codes[place], runs[place] = code.followed_by(codes[after]), together
    for place, code in codes.items():
        result[code] += runs[place]
    return {code: number for code, number in result.items() if code.lines and number}
