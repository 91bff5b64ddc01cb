"""Cycles of straight-line code on a core, as llvm-mca simulates them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence

from tools.rig import llvm
from tools.rig.count import RigError
from tools.rig.disassembly import Code

STEADY_ITERATIONS = 100
MULTIPLE = re.compile(
    r"v?(?P<mnemonic>ldm|stm|push|pop)\w* (?:(?P<base>\w+)!?, )?\{(?P<list>[^}]*)\}"
)


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
        done = llvm.run(_mca_command(core, 1), text)
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
    done = llvm.run(_mca_command(core, STEADY_ITERATIONS), _as_source(sources)[0])
    if done.returncode:
        raise _failure(done)
    regions = json.loads(done.stdout)["CodeRegions"]
    cycles = {region["Name"]: region["SummaryView"]["TotalCycles"] for region in regions}
    return [cycles[f"code{i}"] / STEADY_ITERATIONS for i in range(len(sources))]


def _mca_command(core: str, iterations: int) -> list[str]:
    views = ["-json", "-instruction-info=false", "-resource-pressure=false"]
    return [
        "llvm-mca",
        f"-mtriple={llvm.TRIPLE}",
        f"-mcpu={core}",
        llvm.FEATURES,
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


def _failure(done: subprocess.CompletedProcess[str]) -> RigError:
    lines = done.stderr.strip().splitlines() or ["no output"]
    return RigError(f"llvm-mca failed: {lines[0]}")
