"""What the planner predicts for one layer, and what the rig counts of it."""

from __future__ import annotations

import subprocess
from typing import NamedTuple

from tests.support.environment import ROOT, require
from tools.rig import count


class Prediction(NamedTuple):
    """What the program says of a layer."""

    kernel: str
    tile: str
    cycles: float
    instructions: float


def counted(
    machine: str, layer: tuple[int, ...], *request: str, budget: int = 10_000
) -> tuple[Prediction, count.Counts]:
    """The prediction for a layer, and what one run of it executes.

    Args:
        machine: armv7 or aarch64; WQ_RIG must name it, too, where it is not armv7.
        layer: output channels, width, input channels, stride, time steps.
        *request: a kernel and a family of cores, as tools/rig/layer.cc wants them.
        budget: for weights transformed ahead, in MB.
    """
    program = ROOT / f"build/{machine}/cmake/tests/layer"
    require(program, f"{program}; run tools/rig/setup.sh {machine}")
    head = [str(number) for number in (*layer, budget)]
    kernel, tile, predicted_cycles, instructions = subprocess.run(
        [ROOT / "tools/rig/run", program, *head, "0", *request],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    once, twice = (count.count_program(program, *head, runs, *request) for runs in ("1", "2"))
    predicted = Prediction(kernel, tile, float(predicted_cycles), float(instructions))
    return predicted, twice.per_run(once, 1)
