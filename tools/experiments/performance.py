"""Measures all that docs/performance.md says, under the ARMv7 rig, and writes it.

    python -m tools.experiments.performance [--no-caches] [--models build/performance]
                                       [--docs docs]

Makes the models (untrained, weights from a seed) unless they lie in the folder from before;
counts instructions, models cycles and measures memory for each, with TFLite's built-in kernels and
with the delegate, and instructions with XNNPACK. Models the data caches for the first model, which
takes a sixth of the time; --no-caches leaves that out. Counts are kept, and counted again only when
a model or a library has changed. Takes about a quarter of an hour on two cores. Needs
tools/setup.sh and tools/rig/setup.sh.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.experiments import page
from tools.experiments.steps import StepError, convert, execute
from tools.rig import columns, compare, count, cycles, dcache, log, markdown, memory, xnnpack
from tools.rig.columns import TFLITE, XNNPACK
from tools.rig.results import Results
from wqlite.converter import ConversionError
from wqlite.converter.files import write_whole
from wqlite.models import checkpoints

DEFAULT, UNLIMITED = "wqlite", "wqlite, unlimited memory"
# As the delegate plans on a core with two NEON pipes; the rig's counts as one with one pipe.
TWO_PIPE = "wqlite, two pipes"
DELEGATES: Mapping[str, columns.Options] = {
    DEFAULT: {},
    UNLIMITED: count.UNLIMITED,
    TWO_PIPE: {"core": "two_pipe"},
}
# The file's name: title, and how to build the Keras model.
MODELS: Mapping[str, tuple[str, str]] = {
    "wav2letter": ("Wav2letter", "wav2letter(activation='relu')"),
    "wav2letter_leaky": ("Wav2letter, LeakyReLU", "wav2letter(activation='leaky_relu')"),
    "tiny_wav2letter": ("Tiny Wav2letter", "tiny_wav2letter(activation='relu')"),
    "wav2letter_37": ("Wav2letter, 37 frames", "wav2letter(activation='relu', time_steps=37)"),
}
# The same with weights and activations in the ranges that winograd_s8 wants (docs/rsq.md).
RSQ_MODELS: Mapping[str, tuple[str, str]] = {
    "wav2letter_rsq": ("Wav2letter, RSQ", "wav2letter(activation='relu')"),
    "tiny_wav2letter_rsq": ("Tiny Wav2letter, RSQ", "tiny_wav2letter(activation='relu')"),
}
RSQ_DELEGATES: Mapping[str, columns.Options] = {
    "winograd_s16": {"algorithm": "winograd_s16"},
    "winograd_s8": {"algorithm": "winograd_s8"},
    "auto": {},
    "auto, two pipes": {"core": "two_pipe"},
}
# Random features calibrate as well as speech here: no count depends on the values.
BUILD = """
import sys
import numpy as np
from wqlite.models import wav2letter
model = wav2letter.{build}
shape = (8, *model.input_shape[1:])
features = np.random.default_rng(0).normal(size=shape).astype(np.float32)
if {with_rsq}:
    from wqlite.converter import rsq
    model = rsq.quantize_model(model, rsq.RsqConfig())
    rsq.calibrate(model, [features])
model.save(sys.argv[1])
np.savez(sys.argv[2], features=features)
"""


@dataclass(frozen=True)
class Measured(compare.Compared):
    """Everything that was measured of one model, by column: TFLITE, XNNPACK, those of DELEGATES.

    Attributes:
        peaks: peak of resident memory in KiB by the keys of memory.SETTINGS.
        layers: (layer, kernel and tile) as the delegate logged them with its default options.
    """

    peaks: Mapping[str, int]
    layers: Sequence[tuple[str, str]]

    def millions(self, run: str) -> float:
        """Executed instructions of an inference, in millions."""
        return self.counts[run].instructions / 1e6

    def ratio(self, run: str = DEFAULT) -> float:
        """How many times as many instructions TFLite executes."""
        return self.millions(TFLITE) / self.millions(run)

    def cycle_ratio(self, core: str, run: str = DEFAULT) -> float:
        """How many times as many modelled cycles TFLite takes."""
        return self.cycles[TFLITE][core].total / self.cycles[run][core].total


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
        lambda m: m["wav2letter"].cycle_ratio("cortex-a57", TWO_PIPE),
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
)


def make_model(name: str, folder: Path) -> Path:
    """Builds and converts a model of MODELS or RSQ_MODELS, unless it is there.

    Raises:
        StepError: building or converting fails.
    """
    model = folder / f"{name}.tflite"
    if model.exists():
        return model
    with tempfile.TemporaryDirectory() as temporary:
        keras_file, data = Path(temporary) / "model.keras", Path(temporary) / "data.npz"
        build = {**MODELS, **RSQ_MODELS}[name][1]
        script = BUILD.format(build=build, with_rsq=name in RSQ_MODELS)
        execute([sys.executable, "-c", script, keras_file, data], f"building {name}")
        convert(keras_file, data, model)
    return model


def measure(name: str, model: Path) -> Measured:
    """Measures a model; what was counted before and has not changed is taken from beside it.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    title, kept = MODELS[name][0], model.parent / "counts"
    compared = compare.measure(model, title, DELEGATES, with_xnnpack=True, kept=kept)
    return Measured(
        compared.title,
        compared.counts,
        compared.cycles,
        peaks=measure_peaks(model, kept),
        layers=planned_layers(model),
    )


def measure_peaks(model: Path, folder: Path) -> dict[str, int]:
    """memory.peaks_kib, unless the folder has them from before."""
    checkout = count.find_checkout()
    used = [model, *(checkout / library for library in (count.TFLITE, count.DELEGATE))]
    kept = Results(folder / f"{model.stem}, peaks.json", used)
    for name, options in memory.SETTINGS.items():
        if name not in kept:
            kept.update({name: memory.peak_kib(model, options)})
    return {name: kept[name] for name in memory.SETTINGS}


def measure_rsq(folder: Path) -> list[compare.Compared]:
    """Measures RSQ_MODELS and the trained models that ship with wqlite, with each algorithm.

    Raises:
        count.RigError: the rig is not set up, or a model does not run.
        StepError: building or converting fails.
    """
    models = {title: make_model(name, folder) for name, (title, _) in RSQ_MODELS.items()}
    shipped = (name for name in checkpoints.names() if name.endswith("_rsq.tflite"))
    models |= {f"{Path(name).stem}, trained": checkpoints.path(name) for name in shipped}
    kept = folder / "counts"
    return [
        compare.measure(model, title, RSQ_DELEGATES, kept=kept) for title, model in models.items()
    ]


def measure_traffic(folder: Path) -> dict[str, dcache.Traffic]:
    """Models the data caches for the first of MODELS, unless the folder has it from before.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    model = make_model(next(iter(MODELS)), folder)
    checkout = count.find_checkout()
    used = [model, *(checkout / library for library in (dcache.PLUGIN, count.TFLITE))]
    tools = {TFLITE: used, DEFAULT: [*used, checkout / count.DELEGATE]}
    traffic = {}
    for name in tools:
        kept = Results(folder / "counts" / f"caches, {name}.json", tools[name])
        if name not in kept:
            measured = dcache.inference_traffic(model, delegate=name != TFLITE)
            kept.update({name: dataclasses.asdict(measured)})
        traffic[name] = dcache.Traffic(**kept[name])
    return traffic


def planned_layers(model: Path) -> list[tuple[str, str]]:
    """(layer, kernel and tile) of each convolution, from the delegate's log."""
    command = count.invocation(model, 1, True, {"log_level": "info"})
    text = count.run_command(command, {}).stderr
    return [(found.layer, f"{found.kernel} {found.tile}") for found in log.layers(text)]


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
    summed = [sums(counts) for counts in measured.counts.values()]
    rows = [
        [name, *(f"{column[name] / 1e6:.2f}" for column in summed)]
        for name in summed[0]
        if any(column[name] >= 5000 for column in summed)
    ]
    return markdown.table(["M instructions", *measured.counts], rows)


def layers_table(measured: Measured) -> str:
    """Million instructions of each convolution, from its begin to that of the next."""
    parts = {name: counts.parts for name, counts in measured.counts.items()}
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


def coverage_table(models: Mapping[str, Measured]) -> str:
    """The share of executed instructions that the cycle model knows."""
    first = next(iter(models.values()))
    rows = [
        [
            f"{measured.title}, {core}",
            *(f"{c[core].coverage:.1%}" for c in measured.cycles.values()),
        ]
        for measured in models.values()
        for core in cycles.CORES
    ]
    return markdown.table(["share modelled", *first.cycles], rows)


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
    largest = max(m.millions(run) for m in models.values() for run in m.counts)
    parts = []
    y = gap
    for measured in models.values():
        bars = [run for run in colours if run in measured.counts]
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
    if not all(XNNPACK in measured.counts for measured in models.values()):
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
        "kernels, and the same runtime with the delegate at its default options, with "
        "`memory_budget_mb` unlimited, and as planned for cores with two NEON pipes "
        "(`core=two_pipe`; the rig's plans for one). The models are untrained (weights from a "
        "seed).",
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
            "The same file with each algorithm; `auto` is the default. Forced, `winograd_s8` also "
            "runs layers whose inputs have no band of 7 bits (docs/rsq.md), checking them in each "
            "run; layers whose weights do not fit run as `auto` would have them.",
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
        "## What the figures leave out",
        page.last_paragraph(cycles.__doc__),
        coverage_table(models),
        "A phase is told by the name of the function (`tools/rig/phases.py`); where the compiler "
        "inlined one into another, both count for the one whose name is left. A layer counts from "
        "where its operator is entered to where the next one is: operators between two "
        "convolutions (LEAKY_RELU, RESHAPE) count for the one before.",
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--no-caches", action="store_true", help="leave the data caches out")
    parser.add_argument("--models", type=Path, default=Path("build/performance"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where to write the page")
    flags = parser.parse_args()
    models = {}
    try:
        count.find_checkout()
        flags.models.mkdir(parents=True, exist_ok=True)
        flags.docs.mkdir(parents=True, exist_ok=True)
        for name, (title, _) in MODELS.items():
            if sys.stderr.isatty():
                print(f"measuring {title} ...", file=sys.stderr)
            models[name] = measure(name, make_model(name, flags.models))
        rsq = measure_rsq(flags.models)
        traffic = {} if flags.no_caches else measure_traffic(flags.models)
        write_whole(flags.docs / "performance.svg", bar_chart(models).encode())
        text = report(models, rsq, traffic, datetime.date.today())
        write_whole(flags.docs / "performance.md", text.encode())
    except (ConversionError, StepError, count.RigError, OSError) as error:
        print(f"performance: {error}", file=sys.stderr)
        return 1
    print(targets_table(models))
    return 0


if __name__ == "__main__":
    sys.exit(main())
