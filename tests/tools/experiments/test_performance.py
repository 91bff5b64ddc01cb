"""The page of figures is written from what was measured."""

from __future__ import annotations

import dataclasses
import datetime
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

import pytest

from tools.experiments import performance_page
from tools.experiments.performance import MODELS
from tools.experiments.performance_page import CORES, DEFAULT, UNLIMITED, Measured, Target
from tools.rig import cycles, memory, prepare
from tools.rig.columns import TFLITE, XNNPACK
from tools.rig.count import Block, Counts
from tools.rig.dcache import Traffic

MILLIONS = {TFLITE: 1400, XNNPACK: 1250, DEFAULT: 350, UNLIMITED: 280}


def measured(title: str, millions: Mapping[str, int]) -> Measured:
    """A model of two layers, of which the first takes a quarter."""
    block = Block("", 0, 4, (0, 0, 0, 0, 1))
    counts = {
        run: Counts.sum([Counts({block: value * 250_000}), Counts({block: value * 750_000})])
        for run, value in millions.items()
    }
    modelled = {
        core: {run: cycles.Cycles(value * 2e6, 0.99, {}) for run, value in millions.items()}
        for core in CORES
    }
    peaks = dict.fromkeys(memory.SETTINGS, 2048)
    layers = [("width 7", "winograd_s16 F(4,4)"), ("width 1", "direct -")]
    preparing = {"measuring weights": 12_000_000, "packing and staging": 3_000_000, "TFLite": 0}
    here = prepare.Milliseconds(tflite=0.4, wqlite=12.5)
    return Measured(title, dict.fromkeys(CORES, counts), modelled, peaks, layers, preparing, here)


def models() -> dict[str, Measured]:
    return {name: measured(title, MILLIONS) for name, (title, _) in MODELS.items()}


@pytest.mark.parametrize(
    ("smaller", "value", "verdict"),
    [
        (True, 400, "**missed**"),
        (True, 375, "must"),
        (True, 330, "aim"),
        (False, 300, "**missed**"),
        (False, 340, "aim"),
    ],
)
def test_verdict(smaller: bool, value: float, verdict: str) -> None:
    must, aim = (375, 330) if smaller else (320, 340)
    target = Target("", must, aim, smaller, lambda _: 0.0)
    assert target.verdict(value) == verdict


def test_ratios_are_tflite_over_ours() -> None:
    model = measured("m", MILLIONS)
    assert model.ratio() == 4
    assert model.ratio(UNLIMITED) == 5
    assert model.cycle_ratio("cortex-a9") == 4
    assert model.cycle_ratio("cortex-a57", UNLIMITED) == 5


def test_page_holds_what_was_measured() -> None:
    page = performance_page.report(models(), [], {}, datetime.date(2026, 1, 2))
    assert "Made on 2026-01-02" in page
    assert "| Wav2letter, M instructions, default budget | 375 | 330 | 350 | must |" in page
    totals = "| 1400.0 | 1250.0 (1.12) | 350.0 (4.00) | 280.0 (5.00) |"
    assert f"| Wav2letter, cortex-a9: M instructions {totals}" in page
    layer = "| width 7 | winograd_s16 F(4,4) | 350.00 | 312.50 | 87.50 | 70.00 | 4.00 |"
    assert layer in page
    assert "| Wav2letter, M instructions of preparing | 100 | 100 | 15 | aim |" in page
    assert f"| all |{' 15.00 |' * len(MODELS)}" in page
    assert f"| measuring weights |{' 12.00 |' * len(MODELS)}" in page
    assert f"| x86-64, ms |{' 12.5 |' * len(MODELS)}" in page
    assert "XNNPACK is Debian's" in page
    assert "data caches" not in page


def test_page_without_xnnpack_says_so() -> None:
    rest = {run: value for run, value in MILLIONS.items() if run != XNNPACK}
    known = {name: measured(title, rest) for name, (title, _) in MODELS.items()}
    page = performance_page.report(known, [], {}, datetime.date(2026, 1, 2))
    assert "XNNPACK is not in these tables: the rig had no libXNNPACK" in page
    assert "| width 7 | winograd_s16 F(4,4) | 350.00 | 87.50 | 70.00 | 4.00 |" in page


def test_page_with_caches() -> None:
    traffic = {TFLITE: Traffic(3_000_000, 20_000, 9_000, 1_000)}
    page = performance_page.report(models(), [], traffic, datetime.date(2026, 1, 2))
    assert "| TFLite | 3.0 | 0.02 | 0.009 | 0.001 |" in page


def test_page_with_rsq_models() -> None:
    rsq = [measured("Wav2letter, RSQ", {TFLITE: 1400, "winograd_s8": 700, "auto": 350})]
    page = performance_page.report(models(), rsq, {}, datetime.date(2026, 1, 2))
    assert "| (ratio to TFLite) | TFLite | winograd_s8 | auto |" in page
    assert (
        "| Wav2letter, RSQ, cortex-a9: M instructions | 1400.0 | 700.0 (2.00) | 350.0 (4.00) |"
        in page
    )


def test_layers_that_differ_are_not_put_side_by_side() -> None:
    model = measured("m", MILLIONS)
    other = dataclasses.replace(model, layers=model.layers[:1])
    assert "no break-down" in performance_page.layers_table(other)


def test_chart_has_a_bar_for_each_model_and_run() -> None:
    svg = ElementTree.fromstring(performance_page.bar_chart(models()))
    bars = [r for r in svg.iter("{http://www.w3.org/2000/svg}rect") if r.get("x")]
    assert len(bars) == len(MODELS) * 4
    assert float(bars[0].get("width", 0)) == pytest.approx(4 * float(bars[2].get("width", 0)))
