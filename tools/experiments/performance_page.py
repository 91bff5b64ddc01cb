"""The page docs/performance.md: targets, tables and a chart, from what performance.py measured."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tools.experiments import page
from tools.rig import compare, cores, count, cycles, dcache, markdown, memory, prepare, xnnpack
from tools.rig.columns import TFLITE, XNNPACK

DEFAULT, UNLIMITED = "wqlite", "wqlite, unlimited memory"
CORES = ("cortex-a9", "cortex-a57", "cortex-a53", "cortex-a55", "cortex-a76")
# Whose instructions are broken down.
CORE = CORES[0]


@dataclass(frozen=True)
class Measured(compare.Compared):
    """Everything that was measured of one model, by core and column.

    Attributes:
        peaks: peak of resident memory in KiB by the keys of memory.SETTINGS.
        layers: (layer, kernel and tile) as the delegate logged them with its default options.
        preparing: executed instructions of preparing the model with its default options, by phase.
        preparing_here: the time that this takes on the machine that made the page.
    """

    peaks: Mapping[str, int]
    layers: Sequence[tuple[str, str]]
    preparing: Mapping[str, int]
    preparing_here: prepare.Milliseconds

    @property
    def runs(self) -> Mapping[str, count.Counts]:
        """Executed instructions on CORE by column."""
        return self.counts[CORE]

    def millions(self, run: str) -> float:
        """Executed instructions of an inference on CORE, in millions."""
        return self.runs[run].instructions / 1e6

    def ratio(self, run: str = DEFAULT) -> float:
        """How many times as many instructions TFLite executes."""
        return self.millions(TFLITE) / self.millions(run)

    def cycle_ratio(self, core: str, run: str = DEFAULT) -> float:
        """How many times as many modelled cycles TFLite takes."""
        return self.cycles[core][TFLITE].total / self.cycles[core][run].total


@dataclass(frozen=True)
class Target:
    """A line of the table of targets; `measure` reads the value from the models by file name."""

    title: str
    must: float
    aim: float
    smaller: bool
    measure: Callable[[Mapping[str, Measured]], float]

    def verdict(self, value: float) -> str:
        """Which of the two limits the value meets."""
        sign = -1 if self.smaller else 1
        if sign * value >= sign * self.aim:
            return "aim"
        return "must" if sign * value >= sign * self.must else "**missed**"


TARGETS = (
    Target(
        "Wav2letter, M instructions, default budget",
        375,
        330,
        True,
        lambda m: m["wav2letter"].millions(DEFAULT),
    ),
    Target(
        "Wav2letter, M instructions, unlimited memory",
        330,
        280,
        True,
        lambda m: m["wav2letter"].millions(UNLIMITED),
    ),
    Target(
        "Wav2letter, peak memory at the default budget, of TFLite's",
        1.25,
        1.25,
        True,
        lambda m: m["wav2letter"].peaks["default"] / m["wav2letter"].peaks["TFLite"],
    ),
    Target(
        "Wav2letter, modelled cycles on cortex-a9, ratio",
        3.3,
        4.0,
        False,
        lambda m: m["wav2letter"].cycle_ratio("cortex-a9"),
    ),
    Target(
        "Wav2letter, modelled cycles on cortex-a57, ratio",
        1.6,
        2.0,
        False,
        lambda m: m["wav2letter"].cycle_ratio("cortex-a57"),
    ),
    Target(
        "LeakyReLU variant, M instructions, default budget",
        400,
        345,
        True,
        lambda m: m["wav2letter_leaky"].millions(DEFAULT),
    ),
    Target(
        "Tiny Wav2letter, instructions, ratio",
        3.0,
        4.0,
        False,
        lambda m: m["tiny_wav2letter"].ratio(),
    ),
    Target("37 frames, instructions, ratio", 2.0, 2.5, False, lambda m: m["wav2letter_37"].ratio()),
    Target(
        "Wav2letter, M instructions of preparing",
        100,
        100,
        True,
        lambda m: sum(m["wav2letter"].preparing.values()) / 1e6,
    ),
)


def targets_table(models: Mapping[str, Measured]) -> str:
    """Each target with what was measured."""
    rows = []
    for target in TARGETS:
        value = target.measure(models)
        cells = (f"{number:.4g}" for number in (target.must, target.aim, value))
        rows.append([target.title, *cells, target.verdict(value)])
    return markdown.table(["", "must", "aim", "measured", "meets"], rows)


def sums_table(measured: Measured, sums: Callable[[count.Counts], Mapping[str, int]]) -> str:
    """Million instructions by class or by phase."""
    summed = [sums(counts) for counts in measured.runs.values()]
    rows = [
        [name, *(f"{column[name] / 1e6:.2f}" for column in summed)]
        for name in summed[0]
        if any(column[name] >= 5000 for column in summed)
    ]
    return markdown.table(["M instructions", *measured.runs], rows)


def layers_table(measured: Measured) -> str:
    """Million instructions of each convolution, from its begin to that of the next."""
    parts = {name: counts.parts for name, counts in measured.runs.items()}
    if len({len(layers) for layers in (*parts.values(), measured.layers)}) != 1:
        return "TFLite and the delegate do not run the same layers here, so there is no break-down."
    rows = []
    for (layer, plan), *each in zip(measured.layers, *parts.values(), strict=True):
        values = dict(zip(parts, (part.instructions for part in each), strict=True))
        cells = [f"{value / 1e6:.2f}" for value in values.values()]
        rows.append([layer, plan, *cells, f"{values[TFLITE] / values[DEFAULT]:.2f}"])
    return markdown.table(["layer", "kernel and tile (default)", *parts, "ratio"], rows)


def memory_table(models: Mapping[str, Measured]) -> str:
    """Peaks of resident memory."""
    rows = [
        [measured.title, *(f"{peak / 1024:.1f}" for peak in measured.peaks.values())]
        for measured in models.values()
    ]
    titles = [title if title == "TFLite" else f"wqlite, {title}" for title in memory.SETTINGS]
    return markdown.table(["peak, MiB", *titles], rows)


def preparing_table(models: Mapping[str, Measured]) -> str:
    """Million instructions of preparing by phase, and the time on this machine."""
    used = [
        phase
        for phase in next(iter(models.values())).preparing
        if any(measured.preparing[phase] >= 5000 for measured in models.values())
    ]
    rows = [
        ["all", *(f"{sum(m.preparing.values()) / 1e6:.2f}" for m in models.values())],
        *([name, *(f"{m.preparing[name] / 1e6:.2f}" for m in models.values())] for name in used),
        ["x86-64, ms", *(f"{m.preparing_here.wqlite:.1f}" for m in models.values())],
        ["the same, TFLite", *(f"{m.preparing_here.tflite:.1f}" for m in models.values())],
    ]
    return markdown.table(["M instructions", *(m.title for m in models.values())], rows)


def coverage_table(models: Mapping[str, Measured]) -> str:
    """The share of executed instructions that the cycle model knows."""
    first = next(iter(models.values()))
    rows = [
        [
            f"{measured.title}, {core}",
            *(f"{c.coverage:.1%}" for c in measured.cycles[core].values()),
        ]
        for measured in models.values()
        for core in CORES
    ]
    return markdown.table(["share modelled", *first.runs], rows)


def caches_table(traffic: Mapping[str, dcache.Traffic]) -> str:
    """What passes between the core, its data caches and memory, by run."""
    rows = [
        [
            run,
            f"{t.accesses / 1e6:.1f}",
            f"{t.l1_misses / 1e6:.2f}",
            f"{t.lines_fetched / 1e6:.3f}",
            f"{t.lines_written / 1e6:.3f}",
        ]
        for run, t in traffic.items()
    ]
    header = ["millions", "accesses", "L1 misses", "lines from memory", "lines to memory"]
    return markdown.table(header, rows)


def bar_chart(models: Mapping[str, Measured]) -> str:
    """An SVG of million instructions of each model and column."""
    bar, gap, left, width = 18, 14, 190, 560
    colours = {TFLITE: "#8a8f98", XNNPACK: "#c9a227", DEFAULT: "#1f6feb", UNLIMITED: "#7ab8ff"}
    largest = max(m.millions(run) for m in models.values() for run in m.runs)
    parts = []
    y = gap
    for measured in models.values():
        bars = [run for run in colours if run in measured.runs]
        middle = y + bar * len(bars) / 2 + 4
        parts.append(
            f'<text x="{left - 10}" y="{middle}" text-anchor="end">{measured.title}</text>'
        )
        for run in bars:
            length = measured.millions(run) / largest * width
            label = f"{measured.millions(run):.0f} M"
            parts.append(
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar - 2}" '
                f'fill="{colours[run]}"/>'
                f'<text x="{left + length + 6:.1f}" y="{y + bar - 5}">{label} ({run})</text>'
            )
            y += bar
        y += gap
    return page.svg(left + width + 230, y, "Million ARMv7 instructions an inference", parts)


def about_xnnpack(models: Mapping[str, Measured]) -> str:
    """What the column of XNNPACK holds, or that there is none."""
    if not all(XNNPACK in measured.runs for measured in models.values()):
        return "XNNPACK is not in these tables: the rig had no libXNNPACK when they were made."
    return page.last_paragraph(xnnpack.__doc__)


def report(
    models: Mapping[str, Measured],
    rsq: Sequence[compare.Compared],
    traffic: Mapping[str, dcache.Traffic],
    day: datetime.date,
) -> str:
    """The page; without traffic it says nothing of caches."""
    main_model = next(iter(models.values()))
    parts = [
        "# Performance on ARMv7",
        f"{page.made_by('performance', day)} Everything is one "
        "inference (a whole Invoke, one thread) under the ARMv7 rig: TFLite 2.14's built-in "
        "kernels, and the same runtime with the delegate at its default options and with "
        "`memory_budget_mb` unlimited, on each core, which the delegate plans for "
        "(`core=auto`). The models are untrained (weights from a "
        "seed). In Android's TFLite: [performance_android.md](performance_android.md).",
        about_xnnpack(models),
        "![Million instructions](performance.svg)",
        "## Targets",
        targets_table(models),
        "## Instructions and modelled cycles",
        compare.table(models.values()),
    ]
    if rsq:
        parts += [
            "## RSQ models",
            "The same file with each algorithm; `auto` is the default. Forced, `winograd_s8` runs "
            "layers whose inputs have a band (docs/rsq.md) and whose weights fit; the others run "
            "as `auto` would have them.",
            compare.table(rsq),
        ]
    for title, sums in (
        ("class", lambda counts: counts.classes),
        ("phase", lambda counts: counts.phases),
    ):
        parts += [f"## {main_model.title} by {title}", sums_table(main_model, sums)]
    for measured in models.values():
        parts += [f"## {measured.title} by layer, M instructions", layers_table(measured)]
    if traffic:
        parts += [
            f"## {main_model.title}, data caches",
            caches_table(traffic),
            page.last_paragraph(dcache.__doc__),
        ]
    parts += [
        "## Peak memory",
        memory_table(models),
        page.last_paragraph(memory.__doc__),
        "## Preparing",
        preparing_table(models),
        page.last_paragraph(prepare.__doc__),
        "## What the figures leave out",
        page.last_paragraph(cycles.__doc__),
        page.last_paragraph(cores.__doc__),
        coverage_table(models),
        "A phase is told by the name of the function (`tools/rig/phases.py`); where the compiler "
        "inlined one into another, both count for the one whose name is left. A layer counts from "
        "where its operator is entered to where the next one is: operators between two "
        "convolutions (LEAKY_RELU, RESHAPE) count for the one before.",
    ]
    return "\n\n".join(parts) + "\n"
