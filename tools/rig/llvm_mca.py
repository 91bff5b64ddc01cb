"""Cycles of straight-line code on a core, as llvm-mca simulates them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from tools.rig import llvm
from tools.rig.count import RigError

STEADY_ITERATIONS = 100


@dataclass(frozen=True)
class Target:
    """What llvm-mca simulates.

    Attributes:
        triple: the instruction set, as LLVM names it.
        core: the core whose model LLVM uses.
        features: what the instruction set has beyond that core's.
        flags: further ones of llvm-mca.
    """

    triple: str
    core: str
    features: str
    flags: tuple[str, ...] = ()


def simulate(sources: Sequence[Sequence[str]], target: Target) -> list[tuple[float, int]]:
    """Cycles of one execution of each source, and how many of its instructions counted.

    Args:
        sources: for each instruction its text, which may be of several lines; an empty one is left
            out.
        target: what to simulate.

    Raises:
        RigError: LLVM is missing or fails.
    """
    kept = [list(source) for source in sources]
    _make_known(kept, target)
    known = [sum(bool(line) for line in source) for source in kept]
    result = [(0.0, 0)] * len(kept)
    chosen = [i for i in range(len(kept)) if known[i]]
    for i, cycles in zip(chosen, _mca([kept[i] for i in chosen], target), strict=True):
        result[i] = (cycles, known[i])
    return result


def _make_known(sources: list[list[str]], target: Target) -> None:
    """Drops the instructions that llvm-mca knows no cost of."""
    while True:
        text, places = _as_source(sources)
        done = llvm.run(_command(target, 1), text)
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
            sources[i][j] = ""


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


def _mca(sources: Sequence[Sequence[str]], target: Target) -> list[float]:
    """Cycles of one execution of each source, in its steady state."""
    if not sources:
        return []
    done = llvm.run(_command(target, STEADY_ITERATIONS), _as_source(sources)[0])
    if done.returncode:
        raise _failure(done)
    regions = json.loads(done.stdout)["CodeRegions"]
    cycles = {region["Name"]: region["SummaryView"]["TotalCycles"] for region in regions}
    return [cycles[f"code{i}"] / STEADY_ITERATIONS for i in range(len(sources))]


def _command(target: Target, iterations: int) -> list[str]:
    return [
        llvm.tool("llvm-mca"),
        f"-mtriple={target.triple}",
        f"-mcpu={target.core}",
        f"-mattr={target.features}",
        f"-iterations={iterations}",
        *target.flags,
        *("-json", "-instruction-info=false", "-resource-pressure=false"),
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
