"""Measures what a call of each tile's transforms costs, for the table in delegate/winograd/tile.cc.

    python -m tools.rig.calibrate

Prints one line a tile: executed ARMv7 instructions of a call of the input, the weight and the
output transform. A new tile, or a new compiler, wants new numbers there.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tools.rig import count, flags
from wqlite import delegate

OUT_CHANNELS = 16
IN_CHANNELS = 64
TILES = 3


def measure(tile: dict[str, int], program: str) -> tuple[float, float, float]:
    """Instructions of one call of the input, the weight and the output transform."""
    shape = (OUT_CHANNELS, tile["taps"], IN_CHANNELS, 1, TILES * tile["outputs"], 0)
    arguments = [str(number) for number in shape]
    request = f"winograd_s16/{tile['name']}/fly"
    once, thrice = (count.count_program(program, *arguments, runs, request) for runs in ("1", "3"))
    functions = thrice.per_run(once, 2).functions
    calls = {
        "Input": TILES * IN_CHANNELS / 8,
        "Weights": IN_CHANNELS * OUT_CHANNELS / 8,
        "Output": TILES * OUT_CHANNELS / 8 * 2,  # four channels at a time
    }

    def cost(role: str) -> float:
        matching = (n for name, n in functions.items() if name.endswith(f"::{role}"))
        return sum(matching) / calls[role]

    return cost("Input"), cost("Weights"), cost("Output")


def main(arguments: Sequence[str]) -> None:
    """Prints the table."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args(arguments)
    program = str(count.find_checkout() / "build/armv7/cmake/tests/layer")
    for tile in delegate.tiles():
        costs = measure(tile, program)
        print(f"{tile['name']:32}" + "".join(f"{cost:8.0f}" for cost in costs), flush=True)


if __name__ == "__main__":
    flags.run(main)
