"""The planner's predictions against executed instructions and modelled cycles on AArch64."""

from __future__ import annotations

import pytest

from tests.support.layer_cost import counted
from tools.rig import cycles

TOLERANCE = 0.10
LAYERS = [
    # out_channels, width, in_channels, stride, time_steps
    (250, 7, 250, 1, 148),
    (500, 1, 750, 1, 148),
    (100, 7, 100, 1, 37),
]

# The family that each core is planned for, and the kernels that it then takes.
FAMILIES = {
    "cortex-a53": ("in_order", {"winograd_s16", "direct"}),
    "cortex-a76": ("dot", {"direct"}),
    "cortex-x2": ("dot", {"direct"}),
}


@pytest.mark.parametrize("core", FAMILIES)
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: "x".join(map(str, layer)))
def test_instructions(layer: tuple[int, ...], core: str, monkeypatch: pytest.MonkeyPatch) -> None:
    family, kernels = FAMILIES[core]
    monkeypatch.setenv("WQ_RIG", "aarch64")
    monkeypatch.setenv("WQ_RIG_CORE", core)
    predicted, run = counted("aarch64", layer, "auto", family)
    assert predicted.kernel in kernels
    assert predicted.instructions == pytest.approx(run.instructions, rel=TOLERANCE), predicted


def test_instructions_of_winograd_s8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WQ_RIG", "aarch64")
    monkeypatch.setenv("WQ_RIG_CORE", "cortex-a76")
    predicted, run = counted("aarch64", (250, 3, 250, 1, 148), "winograd_s8", "dot")
    assert predicted.kernel == "winograd_s8"
    assert predicted.instructions == pytest.approx(run.instructions, rel=TOLERANCE), predicted


@pytest.mark.parametrize("kernel", ["direct", "winograd_s16"])
@pytest.mark.parametrize(
    ("core", "family"),
    [("cortex-a53", "in_order"), ("cortex-a55", "dot_in_order"), ("cortex-a76", "dot")],
)
def test_cycles(core: str, family: str, kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WQ_RIG", "aarch64")
    monkeypatch.setenv("WQ_RIG_CORE", core)
    predicted, run = counted("aarch64", (250, 3, 250, 1, 148), kernel, family)
    modelled = cycles.model_cycles(run, [core])[core]
    assert modelled.coverage > 0.98
    assert predicted.cycles == pytest.approx(modelled.total, rel=TOLERANCE), predicted
