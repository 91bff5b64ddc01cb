"""The planner's predictions against executed instructions, for every layer of both models."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.environment import ROOT, require
from wqlite.tools.armv7 import count

PROGRAM = ROOT / "build/armv7/cmake/tests/layer"
TOLERANCE = 0.10
LAYERS = [
    # out_channels, width, in_channels, stride, time_steps
    (250, 48, 39, 2, 296),
    (250, 7, 250, 1, 148),
    (2000, 32, 250, 1, 148),
    (2000, 1, 2000, 1, 148),
    (29, 1, 2000, 1, 148),
    (100, 7, 250, 1, 148),
    (100, 7, 100, 1, 148),
    (750, 32, 100, 1, 148),
    (750, 1, 750, 1, 148),
    (29, 1, 750, 1, 148),
]


@pytest.mark.parametrize("budget", [0, 10_000], ids=["on_the_fly", "ahead"])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: "x".join(map(str, layer)))
def test_prediction(layer: tuple[int, ...], budget: int) -> None:
    require(PROGRAM, f"{PROGRAM}; run tools/armv7/setup.sh")
    arguments = [str(number) for number in (*layer, budget)]
    plan = subprocess.run(
        [ROOT / "tools/armv7/run", PROGRAM, *arguments, "0"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    predicted = float(plan.split()[-1])
    once, twice = (count.count_program(PROGRAM, *arguments, runs) for runs in ("1", "2"))
    measured = twice.instructions - once.instructions
    assert predicted == pytest.approx(measured, rel=TOLERANCE), plan
