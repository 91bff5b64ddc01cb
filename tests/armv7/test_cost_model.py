"""The planner's predictions against executed instructions, for every layer of both models."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.environment import ROOT, require
from tools.rig import count

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


INT8_LAYERS = [
    (250, 3, 250, 1, 148),
    (250, 5, 250, 1, 148),
    (100, 7, 250, 1, 148),
    (250, 48, 39, 2, 296),
    (64, 3, 64, 1, 500),
]


def check(*arguments: str) -> str:
    """Compares the prediction with what one run more executes; returns the plan."""
    require(PROGRAM, f"{PROGRAM}; run tools/rig/setup.sh")
    head, tail = arguments[:6], arguments[6:]
    plan = subprocess.run(
        [ROOT / "tools/rig/run", PROGRAM, *head, "0", *tail],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    predicted = float(plan.split()[-1])  # instructions; cycles come before
    once, twice = (count.count_program(PROGRAM, *head, runs, *tail) for runs in ("1", "2"))
    measured = twice.instructions - once.instructions
    assert predicted == pytest.approx(measured, rel=TOLERANCE), plan
    return plan


@pytest.mark.parametrize("budget", [0, 10_000], ids=["on_the_fly", "ahead"])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: "x".join(map(str, layer)))
def test_prediction(layer: tuple[int, ...], budget: int) -> None:
    check(*(str(number) for number in (*layer, budget)))


@pytest.mark.parametrize("layer", INT8_LAYERS, ids=lambda layer: "x".join(map(str, layer)))
def test_prediction_of_winograd_s8(layer: tuple[int, ...]) -> None:
    plan = check(*(str(number) for number in (*layer, 10_000)), "winograd_s8")
    assert plan.startswith("winograd_s8 ")
