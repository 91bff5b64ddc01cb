"""Models the cycles of one inference on two ARM cores, with and without the delegate.

    python -m tools.rig.cycles MODEL.tflite... [--option KEY=VALUE]...
                                 [--options "KEY=VALUE;..."]...

The blocks that count.py finds to run most often are taken from their files, disassembled by llvm-mc
and simulated by llvm-mca: cortex-a9 has one NEON pipe, cortex-a57 two. A block counts with its
steady state, as if it ran again and again: cores predict jumps and overlap the end of a block with
the begin of the next. Where llvm-mca has no cost of a load or store of several registers, it gets
one for each register or pair; what else it does not know is taken to be as fast as the rest. Left
out: caches and memory, fetching and decoding, wrongly predicted branches, and waiting for what
another block computes.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.rig import columns, count, flags, symbols
from tools.rig.phases import by_phase

CORES = ("cortex-a9", "cortex-a57")
# Blocks are taken, most executed instructions first, until this share of all is reached.
SHARE = 0.995
# Breakpoints that no program has, set behind each code to tell the codes apart.
ARM_END, THUMB_END = bytes.fromhex("7dbc2ae1"), bytes.fromhex("abbe")
THUMB_WIDE = 0xE8  # the high byte of the first half of a 4-byte Thumb instruction, at least
STEADY_ITERATIONS = 100
# llvm-mca's ARM mode reads Thumb's text too, and needs no IT instruction before a conditional one.
TRIPLE = "armv7-linux-gnueabihf"
FEATURES = "-mattr=+neon,+hwdiv-arm"
BRANCH = re.compile(
    r"^(b(l|x|lx)?(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al)?|cbn?z|tb[bh])\b"
)
CONDITIONAL = re.compile(r"^(b(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)(\.w)?|cbn?z)\b")
MULTIPLE = re.compile(
    r"v?(?P<mnemonic>ldm|stm|push|pop)\w* (?:(?P<base>\w+)!?, )?\{(?P<list>[^}]*)\}"
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
        thumb: whether it is Thumb code.
    """

    name: str
    lines: tuple[str, ...]
    sizes: tuple[int, ...]
    thumb: bool

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
        return Code(self.name, self.lines + after.lines, self.sizes + after.sizes, self.thumb)


@dataclass(frozen=True)
class Cycles:
    """Modelled cycles of an inference on one core.

    Attributes:
        total: all cycles; instructions that were not modelled count at the average rate.
        coverage: the share of executed instructions that was modelled, 0 to 1.
        functions: modelled cycles by function, as in Counts.functions.
    """

    total: float
    coverage: float
    functions: Mapping[str, float]

    @property
    def phases(self) -> Mapping[str, int]:
        """Modelled cycles by phase (phases.py)."""
        return by_phase({name: round(value) for name, value in self.functions.items()})


def model_cycles(counts: count.Counts, cores: Sequence[str] = CORES) -> dict[str, Cycles]:
    """Models what was counted, on each core.

    Raises:
        count.RigError: LLVM's tools are missing or fail.
    """
    hot = joined(disassembled(hottest(counts.blocks, SHARE)))
    with ThreadPoolExecutor() as pool:
        each = pool.map(lambda core: _simulated(list(hot), core), cores)
        return {
            core: _summed(hot, simulated, counts.instructions)
            for core, simulated in zip(cores, each, strict=True)
        }


# What was disassembled and simulated before in this process: many counts share their hot blocks.
_codes: dict[count.Block, Code] = {}
_cycles: dict[tuple[str, Code], tuple[float, int]] = {}


def _simulated(codes: Sequence[Code], core: str) -> list[tuple[float, int]]:
    new = [code for code in codes if (core, code) not in _cycles]
    for code, result in zip(new, simulate(new, core) if new else (), strict=True):
        _cycles[core, code] = result
    return [_cycles[core, code] for code in codes]


def _summed(
    hot: Mapping[Code, int], simulated: Sequence[tuple[float, int]], instructions: int
) -> Cycles:
    functions: Counter[str] = Counter()
    covered = 0
    total = 0.0
    for (code, runs), (cycles, known) in zip(hot.items(), simulated, strict=True):
        functions[code.name] += round(cycles * runs)
        covered += known * runs
        total += cycles * runs
    coverage = covered / instructions
    return Cycles(total / coverage, coverage, dict(functions))


def hottest(blocks: Mapping[count.Block, int], share: float) -> dict[count.Block, int]:
    """The blocks with the most executed instructions, up to a share of all of them."""
    wanted = share * sum(block.instructions * runs for block, runs in blocks.items())
    taken: dict[count.Block, int] = {}
    for block in sorted(blocks, key=lambda b: -b.instructions * blocks[b]):
        if wanted <= 0:
            break
        wanted -= block.instructions * blocks[block]
        if block.path:
            taken[block] = blocks[block]
    return taken


def disassembled(blocks: Mapping[count.Block, int]) -> dict[tuple[str, int], tuple[Code, int]]:
    """The code of blocks, read from their files, and how often each ran, by path and offset."""
    new = [block for block in blocks if block not in _codes]
    names = dict(zip(new, count.names_of(new), strict=True))
    for thumb in (False, True):
        chosen = [block for block in new if is_thumb(block) == thumb]
        texts = disassemble([read_code(block) for block in chosen], thumb)
        for block, instructions in zip(chosen, texts, strict=True):
            lines, sizes = zip(*instructions, strict=True) if instructions else ((), ())
            _codes[block] = Code(names[block], lines, sizes, thumb)
    return {(block.path, block.offset): (_codes[block], runs) for block, runs in blocks.items()}


def is_thumb(block: count.Block) -> bool:
    """Whether a block is Thumb code: it has 2-byte instructions, or its symbol says so."""
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
    if not is_thumb(block):
        return code
    length = 0
    for _ in range(block.instructions):
        wide = code[length + 1] >= THUMB_WIDE
        length += 4 if wide else 2
    return code[:length]


def disassemble(codes: Sequence[bytes], thumb: bool) -> list[list[tuple[str, int]]]:
    """The instructions of each code: text and bytes. What LLVM does not know is left out."""
    triple = TRIPLE.replace("arm", "thumb") if thumb else TRIPLE
    command = ["llvm-mc", "-disassemble", f"-triple={triple}", FEATURES, "-show-encoding"]
    # An instruction that LLVM refuses makes it return an error after it has done the others.
    end = THUMB_END if thumb else ARM_END
    source = "\n".join(f"0x{byte:02x}" for code in codes for byte in code + end)
    result: list[list[tuple[str, int]]] = [[]]
    for line in _tool(command, source).stdout.splitlines():
        text, separator, encoding = line.partition("@ encoding: [")
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


def simulate(codes: Sequence[Code], core: str) -> list[tuple[float, int]]:
    """Cycles of one execution of each code on a core, and how many of its instructions counted."""
    sources = [[_as_mca(line) for line in code.lines] for code in codes]
    _make_known(sources, core)
    known = [sum(bool(line) for line in source) for source in sources]
    result = [(0.0, 0)] * len(codes)
    chosen = [i for i in range(len(codes)) if known[i]]
    for i, cycles in zip(chosen, _mca([sources[i] for i in chosen], core), strict=True):
        result[i] = (cycles, known[i])
    return result


def _as_mca(line: str) -> str:
    """Jumps without their targets, calls as jumps: what they call is counted by itself."""
    line = re.sub(r"^cbn?z \w+, .*", "b #0", line)
    line = re.sub(r"^blx?((?:eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?) ", r"b\1 ", line)
    line = re.sub(r"^(b\w*) r\d+$", "bx lr", line)
    return re.sub(r"^(b[a-z.]*) #-?\d+$", r"\1 #0", line).replace(".w ", " ")


def _make_known(sources: list[list[str]], core: str) -> None:
    """Replaces what llvm-mca knows no cost of by simple instructions, or drops it."""
    while True:
        text, places = _as_source(sources)
        done = _tool(_mca_command(core, 1), text)
        bad = {places[int(n)] for n in re.findall(r"^<stdin>:(\d+):\d+: error", done.stderr, re.M)}
        if not done.returncode and not bad:
            return
        if not bad:
            # What it has no cost of, it names by its text, one at a time.
            refused = re.findall(r"^note: instruction:\s*(.*)$", done.stderr, re.M)[:1]
            bad = _places_of(refused[0], sources) if refused else set()
        if not bad:
            raise _failure(done)
        for i, j in bad:
            sources[i][j] = _one_by_one(sources[i][j])


def _places_of(instruction: str, sources: Sequence[Sequence[str]]) -> set[tuple[int, int]]:
    """Where an instruction stands; by its mnemonic where llvm-mca writes the rest otherwise."""
    lines = {
        (i, j): line.split("\n")
        for i, source in enumerate(sources)
        for j, line in enumerate(source)
        if line
    }
    whole = "".join(instruction.split())
    same = {place for place, ls in lines.items() if whole in ("".join(x.split()) for x in ls)}
    mnemonic = instruction.split()[0]
    return same or {place for place, ls in lines.items() if mnemonic in (x.split()[0] for x in ls)}


def _one_by_one(instruction: str) -> str:
    """Simple loads or stores for one of a list of registers; nothing for anything else.

    NEON registers go in pairs, as the Cortex-A9 moves them (128 bits a cycle).
    """
    found = MULTIPLE.match(instruction)
    if not found:
        return ""
    loads = found["mnemonic"] in ("ldm", "pop")
    base = found["base"] or "sp"
    registers = found["list"].split(", ")
    if registers[0].startswith("d"):
        pairs = [", ".join(registers[i : i + 2]) for i in range(0, len(registers), 2)]
        return "\n".join(f"v{'ld' if loads else 'st'}1.64 {{{pair}}}, [{base}]" for pair in pairs)
    lines = [f"{'ldr' if loads else 'str'} {register}, [{base}]" for register in registers]
    return "\n".join("bx lr" if " pc," in line else line for line in lines)


def _mca(sources: Sequence[Sequence[str]], core: str) -> list[float]:
    """Cycles of one execution of each source, in its steady state."""
    if not sources:
        return []
    done = _tool(_mca_command(core, STEADY_ITERATIONS), _as_source(sources)[0])
    if done.returncode:
        raise _failure(done)
    regions = json.loads(done.stdout)["CodeRegions"]
    cycles = {region["Name"]: region["SummaryView"]["TotalCycles"] for region in regions}
    return [cycles[f"code{i}"] / STEADY_ITERATIONS for i in range(len(sources))]


def _mca_command(core: str, iterations: int) -> list[str]:
    views = ["-json", "-instruction-info=false", "-resource-pressure=false"]
    return [
        "llvm-mca",
        f"-mtriple={TRIPLE}",
        f"-mcpu={core}",
        FEATURES,
        f"-iterations={iterations}",
        *views,
    ]


def _as_source(sources: Sequence[Sequence[str]]) -> tuple[str, dict[int, tuple[int, int]]]:
    """One region for each source; and which (source, line) each line of the text is, from 1."""
    text: list[str] = []
    places = {}
    for i, source in enumerate(sources):
        if not any(source):
            continue
        text.append(f"# LLVM-MCA-BEGIN code{i}")
        for j, line in enumerate(source):
            for single in filter(None, line.split("\n")):
                text.append(single)
                places[len(text)] = (i, j)
        text.append(f"# LLVM-MCA-END code{i}")
    return "\n".join(text) + "\n", places


def _failure(done: subprocess.CompletedProcess[str]) -> count.RigError:
    lines = done.stderr.strip().splitlines() or ["no output"]
    return count.RigError(f"llvm-mca failed: {lines[0]}")


def _tool(command: Sequence[str], source: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise count.RigError(f"{command[0]} is missing; install LLVM (Debian: llvm)") from error


def main(arguments: Sequence[str]) -> None:
    """Models the cycles of models both ways and prints a table."""
    values, delegates = flags.parse(flags.models_and_options(__doc__), arguments)
    for model in values.models:
        counted = columns.count_columns(model, delegates)
        print(f"{model.name}\n{table({k: model_cycles(v) for k, v in counted.items()})}\n")


def table(modelled: Mapping[str, Mapping[str, Cycles]]) -> str:
    """Formats cycles by column and core, in millions, with the ratio to the first column."""
    width = max(28, *(len(name) + 2 for name in modelled))
    lines = [f"{'million cycles':28}" + "".join(f"{name:>{width}}" for name in modelled)]
    for core in CORES:
        base, *rest = (cycles[core] for cycles in modelled.values())
        cells = [f"{base.total / 1e6:.1f} ({base.coverage:.1%})"]
        cells += [
            f"{c.total / 1e6:.1f} ({c.coverage:.1%}) ratio {base.total / c.total:.2f}" for c in rest
        ]
        lines.append(f"{core:28}" + "".join(f"{cell:>{width}}" for cell in cells))
        for phase in base.phases:
            values = [cycles[core].phases[phase] / 1e6 for cycles in modelled.values()]
            lines.append(f"  {phase:26}" + "".join(f"{value:{width}.1f}" for value in values))
    return "\n".join(lines)


if __name__ == "__main__":
    flags.run(main)
