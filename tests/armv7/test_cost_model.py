"""The planner's predictions against executed instructions and modelled cycles."""

from __future__ import annotations

import pytest

from tests.support.layer_cost import counted
from tools.rig import cycles

MACHINE = "armv7"
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

# The core whose cycles the planner counts for each family (delegate/kernels/cost_unit.h).
CORES = {
    "one_pipe": "cortex-a9",
    "two_pipe": "cortex-a57",
    "in_order": "cortex-a53",
    "dot_in_order": "cortex-a55",
    "dot": "cortex-a76",
}
CYCLE_LAYERS = [
    (250, 7, 250, 1, 148),  # Winograd
    (250, 48, 39, 2, 296),
    (250, 1, 500, 1, 148),  # direct
]

INT8_LAYERS = [
    (250, 3, 250, 1, 148),
    (250, 5, 250, 1, 148),
    (100, 7, 250, 1, 148),
    (250, 48, 39, 2, 296),
    (64, 3, 64, 1, 500),
]


def name_of(layer: tuple[int, ...]) -> str:
    return "x".join(map(str, layer))


@pytest.mark.parametrize("budget", [0, 10_000], ids=["on_the_fly", "ahead"])
@pytest.mark.parametrize("layer", LAYERS, ids=name_of)
def test_instructions(layer: tuple[int, ...], budget: int) -> None:
    predicted, run = counted(MACHINE, layer, budget=budget)
    assert predicted.instructions == pytest.approx(run.instructions, rel=TOLERANCE), predicted


@pytest.mark.parametrize("layer", INT8_LAYERS, ids=name_of)
def test_instructions_of_winograd_s8(layer: tuple[int, ...]) -> None:
    predicted, run = counted(MACHINE, layer, "winograd_s8")
    assert predicted.kernel == "winograd_s8"
    assert predicted.instructions == pytest.approx(run.instructions, rel=TOLERANCE), predicted


@pytest.mark.parametrize("family", CORES)
@pytest.mark.parametrize("layer", CYCLE_LAYERS, ids=name_of)
def test_cycles(layer: tuple[int, ...], family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    core = CORES[family]
    monkeypatch.setenv("WQ_RIG_CORE", core)
    predicted, run = counted(MACHINE, layer, "auto", family)
    modelled = cycles.model_cycles(run, [core])[core]
    assert modelled.coverage > 0.98
    assert predicted.cycles == pytest.approx(modelled.total, rel=TOLERANCE), predicted
