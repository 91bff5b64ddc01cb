"""Threads share layers out evenly, by the instructions that each executes between barriers."""

from __future__ import annotations

import pytest

from tests.support.environment import ROOT, require
from tools.rig import speedup

# A layer, and its kernel: enough groups of output channels for all, half of them with weights on
# the fly; and fewer groups than threads.
LAYERS = {
    "on_the_fly": ("width 7 stride 1 64->128, 148->148 steps", "winograd_s16/F(5,4)xF(2,2)/8"),
    "direct": ("width 7 stride 1 64->24, 148->148 steps", "direct"),
    "ahead": ("width 7 stride 1 64->24, 592->592 steps", "winograd_s16/F(5,4)xF(2,2)/ahead"),
}


@pytest.mark.parametrize(("layer", "request_"), LAYERS.values(), ids=LAYERS)
def test_speedup(layer: str, request_: str) -> None:
    require(ROOT / speedup.PROGRAM, f"{speedup.PROGRAM}; run tools/rig/setup.sh")
    alone, two, four = (speedup.count_layer(layer, request_, threads) for threads in (1, 2, 4))
    assert not alone.loops
    assert alone.total / two.time((1, 1)) >= 1.8
    assert alone.total / four.time((1, 1, 1, 1)) >= 3.2
    # Two slow cores with two fast ones do three quarters of what they could do at least.
    ideal = 2 + 2 / 3
    assert alone.total / four.time((1, 1, 1 / 3, 1 / 3)) >= 0.75 * ideal
