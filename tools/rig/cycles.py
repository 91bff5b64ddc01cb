"""Models the cycles of one inference on ARM cores, with and without the delegate.

    python -m tools.rig.cycles MODEL.tflite... [--runtime NAME] [--core NAME]...
                               [--option KEY=VALUE]... [--options "KEY=VALUE;..."]...

Each core (cores.py; default: cortex-a9 and cortex-a57) is emulated, so that the delegate plans for
it. The blocks that count.py finds to run most often there are taken from their files, disassembled
by llvm-mc and modelled. A block counts with its steady state, as if it ran again and again: cores
predict jumps and overlap the end of a block with the begin of the next. Where a model has no cost
of a load or store of several registers, it gets one for each register or pair; what else it does
not know is taken to be as fast as the rest. Left out: caches and memory, fetching and decoding,
wrongly predicted branches, and waiting for what another block computes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tools.rig import count, flags, runtimes
from tools.rig.cores import CORES, models_of
from tools.rig.disassembly import Code, disassembled, joined
from tools.rig.phases import by_phase

# Blocks are taken, most executed instructions first, until this share of all is reached.
SHARE = 0.995


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


def model_cycles(counts: count.Counts, cores: Iterable[str]) -> dict[str, Cycles]:
    """Models what was counted, on each core: names of CORES.

    Raises:
        count.RigError: LLVM's tools are missing or fail.
    """
    hot = joined(disassembled(hottest(counts.blocks, SHARE)))
    return {core: _summed(hot, _simulated(list(hot), core), counts.instructions) for core in cores}


def of_columns(
    counts: Mapping[str, Mapping[str, count.Counts]],
) -> dict[str, dict[str, Cycles]]:
    """Models what was counted on each core, by model of that core and column."""
    return {
        model: {name: model_cycles(c, [model])[model] for name, c in columns_of_core.items()}
        for core, columns_of_core in counts.items()
        for model in models_of(core)
    }


# What was simulated before in this process: many counts share their hot blocks.
_cycles: dict[tuple[str, Code], tuple[float, int]] = {}


def _simulated(codes: Sequence[Code], core: str) -> list[tuple[float, int]]:
    new = [code for code in codes if (core, code) not in _cycles]
    for code, result in zip(new, CORES[core](new) if new else (), strict=True):
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


def main(arguments: Sequence[str]) -> None:
    """Models the cycles of models both ways and prints a table."""
    parser = flags.models_and_options(__doc__)
    flags.add_runtime(parser)
    values, delegates = flags.parse(parser, arguments)
    for model in values.models:
        counted = {
            core: runtimes.count_columns(model, delegates, runtime=values.runtime, core=core)
            for core in values.core
        }
        print(f"{model.name}\n{table(of_columns(counted))}\n")


def table(modelled: Mapping[str, Mapping[str, Cycles]]) -> str:
    """Formats cycles by core and column, in millions, with the ratio to the first column."""
    names = list(next(iter(modelled.values())))
    width = max(28, *(len(name) + 2 for name in names))
    lines = [f"{'million cycles':28}" + "".join(f"{name:>{width}}" for name in names)]
    for core, columns_of_core in modelled.items():
        base, *rest = columns_of_core.values()
        cells = [f"{base.total / 1e6:.1f} ({base.coverage:.1%})"]
        cells += [
            f"{c.total / 1e6:.1f} ({c.coverage:.1%}) ratio {base.total / c.total:.2f}" for c in rest
        ]
        lines.append(f"{core:28}" + "".join(f"{cell:>{width}}" for cell in cells))
        for phase in base.phases:
            values = [cycles.phases[phase] / 1e6 for cycles in columns_of_core.values()]
            lines.append(f"  {phase:26}" + "".join(f"{value:{width}.1f}" for value in values))
    return "\n".join(lines)


if __name__ == "__main__":
    flags.run(main)
