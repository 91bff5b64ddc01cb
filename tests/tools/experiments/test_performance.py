"""The page of figures is written from what was measured."""

from __future__ import annotations

import dataclasses
import datetime
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

import pytest

from tools.experiments import performance_page
from tools.experiments.performance import DETAILED, MODELS, TABLES
from tools.experiments.performance_page import (
    ANDROID,
    DEFAULT,
    LITERT,
    MODEL,
    RSQ,
    UNLIMITED,
    Detailed,
    Figures,
    KernelCost,
    Target,
)
from tools.rig import compare, cycles, memory, prepare
from tools.rig.columns import TFLITE, XNNPACK
from tools.rig.cores import models_of
from tools.rig.count import Block, Counts
from tools.rig.dcache import Traffic
from tools.rig.runtimes import WHEEL

DAY = datetime.date(2026, 1, 2)
MILLIONS = {TFLITE: 1400, XNNPACK: 1250, DEFAULT: 350, UNLIMITED: 280}


def measured(
    title: str, cores: tuple[str, ...], millions: Mapping[str, int] = MILLIONS
) -> compare.Compared:
    """A model of two layers, of which the first takes a quarter; of two cycles an instruction."""
    block = Block("", 0, 4, (0, 0, 0, 0, 1))
    counts = {
        run: Counts.sum([Counts({block: value * 250_000}), Counts({block: value * 750_000})])
        for run, value in millions.items()
    }
    modelled = {
        model: {run: cycles.Cycles(value * 2e6, 0.99, {}) for run, value in millions.items()}
        for core in cores
        for model in models_of(core)
    }
    return compare.Compared(title, dict.fromkeys(cores, counts), modelled)


def figures() -> Figures:
    details = Detailed(
        peaks=dict.fromkeys(memory.SETTINGS, 2048),
        layers=[("width 7", "winograd_s16 F(4,4)"), ("width 1", "direct -")],
        preparing={"measuring weights": 12_000_000, "packing and staging": 3_000_000, "TFLite": 0},
        preparing_here=prepare.Milliseconds(tflite=0.4, wqlite=12.5),
    )
    return Figures(
        tables={
            runtime: {name: measured(MODELS[name].title, cores) for name, cores in table.items()}
            for runtime, table in TABLES.items()
        },
        details=dict.fromkeys(DETAILED, details),
        rsq=[],
        costs=[
            KernelCost("gemm", "instructions", {"block": 74.5, "call": 200}),
            KernelCost("gemm", "in_order", {"block": 118, "call": 320}),
        ],
    )


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
    target = Target("", must, aim, lambda _: 0.0, smaller)
    assert target.verdict(value) == verdict


def test_gains_are_the_peers_cycles_over_ours() -> None:
    measured_figures = figures()
    assert measured_figures.gain("cortex-a9", TFLITE) == 4
    assert measured_figures.gain("cortex-a76", XNNPACK, UNLIMITED, runtime=LITERT) == 1250 / 280
    assert measured_figures.millions(WHEEL, MODEL, "cortex-a9", DEFAULT) == 350


def test_each_target_is_about_what_it_names() -> None:
    """Doubling a peer or ourselves moves the targets that name it, and no others."""

    def moved(runtime: str, model: str, column: str) -> set[str]:
        changed = figures()
        title, cores = MODELS[model].title, TABLES[runtime][model]
        doubled = {**MILLIONS, column: 2 * MILLIONS[column]}
        tables = {name: dict(table) for name, table in changed.tables.items()}
        tables[runtime][model] = measured(title, cores, doubled)
        changed = dataclasses.replace(changed, tables=tables)
        before = figures()
        return {
            target.title
            for target in performance_page.TARGETS
            if target.measure(changed) != target.measure(before)
        }

    assert moved(ANDROID, RSQ, XNNPACK) == {
        "cortex-a76, cycles: Android's XNNPACK over wqlite, RSQ model",
        "cortex-a55, cycles: Android's XNNPACK over wqlite, RSQ model",
    }
    assert moved(ANDROID, MODEL, UNLIMITED) == {
        f"{core}, cycles: Android's built-in kernels over wqlite, unlimited memory"
        for core in ("cortex-a53", "cortex-a9", "cortex-a57")
    }
    assert moved(LITERT, MODEL, TFLITE) == {
        "AArch64, cortex-a76, cycles: LiteRT's built-in kernels over wqlite"
    }


def test_page_holds_what_was_measured() -> None:
    page = performance_page.report(figures(), DAY)
    assert "Made on 2026-01-02" in page
    assert "- cortex-a53: its XNNPACK 2500, wqlite 700 (3.57)\n" in page
    assert "- cortex-a55: its XNNPACK 2500, wqlite 700 (3.57), with an RSQ model 700 (3.57)" in page
    target = "| dot products, AArch32: M instructions, any model | 290 | 260 | 350 | **missed** |"
    assert target in page
    totals = "| 1400.0 | 1250.0 (1.12) | 350.0 (4.00) | 280.0 (5.00) |"
    assert page.count(f"| Wav2letter, cortex-a9: M instructions {totals}") == 2
    assert "| Wav2letter, cortex-a76 at 4: M cycles | 2800.0 |" in page
    layer = "| width 7 | winograd_s16 F(4,4) | 350.00 | 312.50 | 87.50 | 70.00 | 4.00 |"
    assert page.count(layer) == len(DETAILED)
    assert f"| all |{' 15.00 |' * len(DETAILED)}" in page
    assert f"| measuring weights |{' 12.00 |' * len(DETAILED)}" in page
    assert f"| x86-64, ms |{' 12.5 |' * len(DETAILED)}" in page
    assert "| gemm | block | 74.5 | 118 |" in page
    assert "At least 99.0% of the executed instructions were modelled" in page
    assert "data caches" not in page


def test_page_with_caches() -> None:
    traffic: dict[str, Traffic] = {TFLITE: Traffic(3_000_000, 20_000, 9_000, 1_000)}
    page = performance_page.report(dataclasses.replace(figures(), traffic=traffic), DAY)
    assert "| TFLite | 3.0 | 0.02 | 0.009 | 0.001 |" in page


def test_page_with_rsq_models() -> None:
    millions = {TFLITE: 1400, "winograd_s8": 700, "auto": 350}
    rsq = [measured("Wav2letter, RSQ", ("cortex-a9",), millions)]
    page = performance_page.report(dataclasses.replace(figures(), rsq=rsq), DAY)
    assert "| (ratio to TFLite) | TFLite | winograd_s8 | auto |" in page
    row = "| Wav2letter, RSQ, cortex-a9: M instructions | 1400.0 | 700.0 (2.00) | 350.0 (4.00) |"
    assert row in page


def test_layers_that_differ_are_not_put_side_by_side() -> None:
    model = measured("m", ("cortex-a9",))
    assert "no break-down" in performance_page.layers_table(model, [("width 7", "direct -")])


def test_chart_has_a_bar_for_each_core_and_run() -> None:
    svg = ElementTree.fromstring(performance_page.bar_chart(figures()))
    bars = [r for r in svg.iter("{http://www.w3.org/2000/svg}rect") if r.get("x")]
    assert len(bars) == len(MILLIONS) * len(figures().tables[ANDROID][MODEL].cycles)
    assert float(bars[0].get("width", 0)) == pytest.approx(4 * float(bars[2].get("width", 0)))
