"""The page docs/performance.md: targets, tables and a chart, from what performance.py measured."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tools.experiments import page
from tools.rig import (
    compare,
    cores,
    count,
    cycles,
    dcache,
    in_order,
    litert,
    markdown,
    memory,
    prepare,
    xnnpack,
)
from tools.rig.android import count as android
from tools.rig.columns import TFLITE, XNNPACK
from tools.rig.runtimes import RUNTIMES, WHEEL

DEFAULT, UNLIMITED = "wqlite", "wqlite, unlimited memory"
ANDROID, LITERT = "android", "litert"
# Whose instructions are broken down, and of which model.
CORE, MODEL = "cortex-a9", "wav2letter"


@dataclass(frozen=True)
class Detailed:
    """What a model takes besides instructions and cycles, with the wheel.

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


@dataclass(frozen=True)
class KernelCost:
    """What a kernel costs by its own file, in one unit: "instructions", or a family of cores."""

    kernel: str
    unit: str
    costs: Mapping[str, float]


@dataclass(frozen=True)
class Figures:
    """Everything that was measured.

    Attributes:
        tables: by runtime and model.
        details: of models of the wheel.
        rsq: RSQ models with each algorithm, in the wheel.
        traffic: of data caches by column; empty where it was not measured.
        costs: of the ARMv7 kernels.
    """

    tables: Mapping[str, Mapping[str, compare.Compared]]
    details: Mapping[str, Detailed]
    rsq: Sequence[compare.Compared]
    traffic: Mapping[str, dcache.Traffic] = field(default_factory=dict)
    costs: Sequence[KernelCost] = ()

    def millions(self, runtime: str, model: str, core: str, column: str) -> float:
        """Executed instructions of an inference, in millions."""
        return self.tables[runtime][model].counts[core][column].instructions / 1e6

    def cycles(self, runtime: str, model: str, core: str, column: str) -> float:
        """Modelled cycles of an inference, in millions; `core` is a name of cores.CORES."""
        return self.tables[runtime][model].cycles[core][column].total / 1e6

    def gain(
        self, core: str, peer: str, run: str = DEFAULT, model: str = MODEL, runtime: str = ANDROID
    ) -> float:
        """How many times as many modelled cycles a peer takes."""
        return self.cycles(runtime, model, core, peer) / self.cycles(runtime, model, core, run)

    def saving(self, core: str, peer: str, model: str, runtime: str) -> float:
        """How many times as many instructions a peer executes."""
        ours, theirs = (self.millions(runtime, model, core, run) for run in (DEFAULT, peer))
        return theirs / ours

    def detailed(self) -> Mapping[str, compare.Compared]:
        """The models of `details`, as measured in the wheel."""
        return {name: self.tables[WHEEL][name] for name in self.details}


@dataclass(frozen=True)
class Target:
    """A line of the table of targets; `measure` reads the value from the figures."""

    title: str
    must: float
    aim: float
    measure: Callable[[Figures], float]
    smaller: bool = False

    def verdict(self, value: float) -> str:
        """Which of the two limits the value meets."""
        sign = -1 if self.smaller else 1
        if sign * value >= sign * self.aim:
            return "aim"
        return "must" if sign * value >= sign * self.must else "**missed**"


def _gains(
    core: str, peer: str, runs: Mapping[tuple[str, str], tuple[float, float]]
) -> list[Target]:
    """Cycles on a core, in Android's runtime: (model, column): (must, aim)."""
    titles = {TFLITE: "built-in kernels", XNNPACK: "XNNPACK"}
    return [
        Target(
            f"{core}, cycles: Android's {titles[peer]} over {run}"
            f"{', RSQ model' if model.endswith('_rsq') else ''}",
            *limits,
            lambda f, model=model, run=run: f.gain(core, peer, run, model),  # type: ignore[misc]
        )
        for (model, run), limits in runs.items()
    ]


RSQ = "wav2letter_rsq"
TARGETS = (
    Target(
        "dot products, AArch32: M instructions, any model",
        290,
        260,
        lambda f: f.millions(ANDROID, MODEL, "cortex-a76", DEFAULT),
        smaller=True,
    ),
    Target(
        "dot products, AArch32: M instructions, RSQ model",
        220,
        175,
        lambda f: f.millions(ANDROID, RSQ, "cortex-a76", DEFAULT),
        smaller=True,
    ),
    *_gains("cortex-a76", XNNPACK, {(MODEL, DEFAULT): (1.3, 1.5), (RSQ, DEFAULT): (1.7, 2.1)}),
    *_gains("cortex-a55", XNNPACK, {(MODEL, DEFAULT): (1.0, 1.1), (RSQ, DEFAULT): (1.3, 1.6)}),
    *_gains("cortex-a53", TFLITE, {(MODEL, DEFAULT): (2.6, 3.0), (MODEL, UNLIMITED): (3.5, 4.0)}),
    *_gains("cortex-a9", TFLITE, {(MODEL, DEFAULT): (2.6, 3.0), (MODEL, UNLIMITED): (3.0, 3.5)}),
    *_gains("cortex-a57", TFLITE, {(MODEL, DEFAULT): (1.6, 2.0), (MODEL, UNLIMITED): (1.8, 2.2)}),
    Target(
        "cortex-a9, cycles: the wheel's TFLite over wqlite",
        4.4,
        4.7,
        lambda f: f.gain("cortex-a9", TFLITE, runtime=WHEEL),
    ),
    Target(
        "cortex-a9, cycles: the wheel's TFLite over wqlite, unlimited memory",
        5.1,
        5.5,
        lambda f: f.gain("cortex-a9", TFLITE, UNLIMITED, runtime=WHEEL),
    ),
    Target(
        "cortex-a57: M instructions with uniform weights",
        380,
        365,
        lambda f: f.millions(WHEEL, "wav2letter_uniform", "cortex-a57", DEFAULT),
        smaller=True,
    ),
    Target(
        "37 frames, cortex-a9, cycles: the wheel's TFLite over wqlite",
        2.6,
        3.0,
        lambda f: f.gain("cortex-a9", TFLITE, model="wav2letter_37", runtime=WHEEL),
    ),
    Target(
        "37 frames, cortex-a57, cycles: the wheel's TFLite over wqlite",
        1.4,
        1.6,
        lambda f: f.gain("cortex-a57", TFLITE, model="wav2letter_37", runtime=WHEEL),
    ),
    Target(
        "AArch64, cortex-a76, instructions: LiteRT's XNNPACK over wqlite, any model",
        0.95,
        1.1,
        lambda f: f.saving("cortex-a76", XNNPACK, MODEL, LITERT),
    ),
    Target(
        "AArch64, cortex-a76, instructions: LiteRT's XNNPACK over wqlite, RSQ model",
        1.3,
        1.6,
        lambda f: f.saving("cortex-a76", XNNPACK, RSQ, LITERT),
    ),
    Target(
        "AArch64, cortex-a76, cycles: LiteRT's built-in kernels over wqlite",
        1.1,
        1.3,
        lambda f: f.gain("cortex-a76", TFLITE, runtime=LITERT),
    ),
    Target(
        "peak memory at the default budget, of TFLite's",
        1.25,
        1.25,
        lambda f: f.details[MODEL].peaks["default"] / f.details[MODEL].peaks["TFLite"],
        smaller=True,
    ),
    Target(
        "M instructions of preparing",
        100,
        100,
        lambda f: sum(f.details[MODEL].preparing.values()) / 1e6,
        smaller=True,
    ),
)


def targets_table(figures: Figures) -> str:
    """Each target with what was measured."""
    rows = []
    for target in TARGETS:
        value = target.measure(figures)
        cells = (f"{number:.4g}" for number in (target.must, target.aim, value))
        rows.append([target.title, *cells, target.verdict(value)])
    return markdown.table(["Wav2letter", "must", "aim", "measured", "meets"], rows)


def headline(figures: Figures) -> str:
    """What comes first: on each core the best peer, and how far ahead of it we are."""
    table = figures.tables[ANDROID]
    sentences = []
    for model in (model for core in table[MODEL].counts for model in cores.models_of(core)):
        peers = {p: figures.cycles(ANDROID, MODEL, model, p) for p in (TFLITE, XNNPACK)}
        best = min(peers, key=lambda name: peers[name])
        ours = {"wqlite": table[MODEL].cycles[model]}
        if model in table[RSQ].cycles:
            ours["with an RSQ model"] = table[RSQ].cycles[model]
        texts = [
            f"{title} {c[DEFAULT].total / 1e6:.0f} ({peers[best] * 1e6 / c[DEFAULT].total:.2f})"
            for title, c in ours.items()
        ]
        name = "its built-in kernels" if best == TFLITE else "its XNNPACK"
        sentences.append(f"- {model}: {name} {peers[best]:.0f}, {', '.join(texts)}")
    return "\n".join(
        [
            f"Million modelled cycles of an inference of {table[MODEL].title} in "
            f"{RUNTIMES[ANDROID].title}, 32-bit, one thread, default memory budget: the best of "
            "its own kernels on each core, and wqlite's (in brackets: how many times as many the "
            "best takes).",
            "",
            *sentences,
        ]
    )


def costs_table(costs: Sequence[KernelCost]) -> str:
    """What each kernel's file says that it costs, by family of cores."""
    units = list(dict.fromkeys(cost.unit for cost in costs))
    values: dict[tuple[str, str], dict[str, float]] = {}
    for cost in costs:
        for name, value in cost.costs.items():
            values.setdefault((cost.kernel, name), {})[cost.unit] = value
    rows = [
        [kernel, name, *(f"{each[unit]:g}" for unit in units)]
        for (kernel, name), each in values.items()
    ]
    return markdown.table(["kernel", "of", *units], rows)


def sums_table(
    measured: compare.Compared, sums: Callable[[count.Counts], Mapping[str, int]]
) -> str:
    """Million instructions by class or by phase."""
    summed = [sums(counts) for counts in measured.counts[CORE].values()]
    rows = [
        [name, *(f"{column[name] / 1e6:.2f}" for column in summed)]
        for name in summed[0]
        if any(column[name] >= 5000 for column in summed)
    ]
    return markdown.table(["M instructions", *measured.counts[CORE]], rows)


def layers_table(measured: compare.Compared, layers: Sequence[tuple[str, str]]) -> str:
    """Million instructions of each convolution, from its begin to that of the next."""
    parts = {name: counts.parts for name, counts in measured.counts[CORE].items()}
    if len({len(each) for each in (*parts.values(), layers)}) != 1:
        return "TFLite and the delegate do not run the same layers here, so there is no break-down."
    rows = []
    for (layer, plan), *each in zip(layers, *parts.values(), strict=True):
        values = dict(zip(parts, (part.instructions for part in each), strict=True))
        cells = [f"{value / 1e6:.2f}" for value in values.values()]
        rows.append([layer, plan, *cells, f"{values[TFLITE] / values[DEFAULT]:.2f}"])
    return markdown.table(["layer", "kernel and tile (default)", *parts, "ratio"], rows)


def memory_table(figures: Figures) -> str:
    """Peaks of resident memory."""
    rows = [
        [figures.tables[WHEEL][name].title, *(f"{p / 1024:.1f}" for p in detailed.peaks.values())]
        for name, detailed in figures.details.items()
    ]
    titles = [title if title == "TFLite" else f"wqlite, {title}" for title in memory.SETTINGS]
    return markdown.table(["peak, MiB", *titles], rows)


def preparing_table(figures: Figures) -> str:
    """Million instructions of preparing by phase, and the time on this machine."""
    details = list(figures.details.values())
    used = [
        phase for phase in details[0].preparing if any(d.preparing[phase] >= 5000 for d in details)
    ]
    rows = [
        ["all", *(f"{sum(d.preparing.values()) / 1e6:.2f}" for d in details)],
        *([name, *(f"{d.preparing[name] / 1e6:.2f}" for d in details)] for name in used),
        ["x86-64, ms", *(f"{d.preparing_here.wqlite:.1f}" for d in details)],
        ["the same, TFLite", *(f"{d.preparing_here.tflite:.1f}" for d in details)],
    ]
    titles = (measured.title for measured in figures.detailed().values())
    return markdown.table(["M instructions", *titles], rows)


def coverage(figures: Figures) -> float:
    """The least share of executed instructions that a model of a core knows."""
    return min(
        cycles_of_column.coverage
        for table in figures.tables.values()
        for measured in table.values()
        for columns in measured.cycles.values()
        for cycles_of_column in columns.values()
    )


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


def bar_chart(figures: Figures) -> str:
    """An SVG of million modelled cycles in Android's runtime on each core."""
    table = figures.tables[ANDROID][MODEL].cycles
    bar, gap, left, width = 18, 14, 190, 560
    colours = {TFLITE: "#8a8f98", XNNPACK: "#c9a227", DEFAULT: "#1f6feb", UNLIMITED: "#7ab8ff"}
    largest = max(c.total for columns in table.values() for c in columns.values())
    parts = []
    y = gap
    for core, columns in table.items():
        middle = y + bar * len(columns) / 2 + 4
        parts.append(f'<text x="{left - 10}" y="{middle}" text-anchor="end">{core}</text>')
        for run, modelled in columns.items():
            length = modelled.total / largest * width
            label = f"{modelled.total / 1e6:.0f} M"
            parts.append(
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar - 2}" '
                f'fill="{colours[run]}"/>'
                f'<text x="{left + length + 6:.1f}" y="{y + bar - 5}">{label} ({run})</text>'
            )
            y += bar
        y += gap
    title = "Million modelled cycles of an inference in Android's TensorFlow Lite"
    return page.svg(left + width + 230, y, title, parts)


def report(figures: Figures, day: datetime.date) -> str:
    """The page; without traffic it says nothing of caches."""
    wheel = figures.tables[WHEEL]
    abouts = {
        ANDROID: page.last_paragraph(android.__doc__),
        LITERT: page.last_paragraph(litert.__doc__),
        WHEEL: page.last_paragraph(xnnpack.__doc__),
    }
    parts = [
        "# Performance",
        headline(figures),
        f"{page.made_by('performance', day)} Everything is one inference (a whole Invoke, one "
        "thread) under the rig. Each core is emulated, and the delegate plans for it "
        "(`core=auto`); instructions are executed ones, cycles are modelled, as the last section "
        "says. Nothing here was measured on a phone. The models are untrained (weights from a "
        "seed).",
        "![Million cycles](performance.svg)",
        "## Targets",
        targets_table(figures),
    ]
    for runtime, table in figures.tables.items():
        parts += [
            f"## {RUNTIMES[runtime].title}",
            abouts[runtime],
            compare.table(table.values()),
        ]
    if figures.rsq:
        parts += [
            "## RSQ models",
            "In the wheel, the same file with each algorithm; `auto` is the default. Layers whose "
            "weights or inputs do not fit run as `auto` would have them.",
            compare.table(figures.rsq),
        ]
    for title, sums in (
        ("class", lambda counts: counts.classes),
        ("phase", lambda counts: counts.phases),
    ):
        parts += [
            f"## {wheel[MODEL].title} by {title}, wheel, {CORE}",
            sums_table(wheel[MODEL], sums),
        ]
    for name, measured in figures.detailed().items():
        parts += [
            f"## {measured.title} by layer, wheel, {CORE}, M instructions",
            layers_table(measured, figures.details[name].layers),
        ]
    if figures.traffic:
        parts += [
            f"## {wheel[MODEL].title}, data caches",
            caches_table(figures.traffic),
            page.last_paragraph(dcache.__doc__),
        ]
    parts += [
        "## Peak memory, wheel",
        memory_table(figures),
        page.last_paragraph(memory.__doc__),
        "## Preparing, wheel",
        preparing_table(figures),
        page.last_paragraph(prepare.__doc__),
        "## What kernels cost by their own files",
        "The planner compares these: instructions, or cycles of a family of cores "
        "([delegate.md](delegate.md)).",
        costs_table(figures.costs),
        "## How cycles are modelled, and how far to trust them",
        page.last_paragraph(cores.__doc__),
        page.without_title(in_order.__doc__),
        page.last_paragraph(cycles.__doc__),
        f"At least {coverage(figures):.1%} of the executed instructions were modelled in each of "
        "the figures above.",
        "A phase is told by the name of the function (`tools/rig/phases.py`); where the compiler "
        "inlined one into another, both count for the one whose name is left. A layer counts from "
        "where its operator is entered to where the next one is: operators between two "
        "convolutions (LEAKY_RELU, RESHAPE) count for the one before.",
    ]
    return "\n\n".join(parts) + "\n"
