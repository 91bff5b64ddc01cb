"""Measures all that docs/performance.md says, under the ARMv7 rig, and writes it.

    python -m wqlite.tools.performance [--caches] [--models build/performance]
                                       [--docs docs]

Makes the four models (untrained, weights from a seed) unless they lie in the folder from before;
counts instructions, models cycles and measures memory for each, with TFLite's built-in kernels and
with the delegate. Takes about six minutes on two cores, and with --caches, which models the data
caches of one model too, twice as long. Needs tools/setup.sh and tools/armv7/setup.sh.
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wqlite.tools import demo
from wqlite.tools.armv7 import count, cycles, dcache, memory

TFLITE, DEFAULT, UNLIMITED = "TFLite", "wqlite", "unlimited"
RUNS: Mapping[str, Mapping[str, str] | None] = {
    TFLITE: None,
    DEFAULT: {},
    UNLIMITED: count.UNLIMITED,
}
# The file's name: title, and how to build the Keras model.
MODELS: Mapping[str, tuple[str, str]] = {
    "wav2letter": ("Wav2letter", "wav2letter(activation='relu')"),
    "wav2letter_leaky": ("Wav2letter, LeakyReLU", "wav2letter(activation='leaky_relu')"),
    "tiny_wav2letter": ("Tiny Wav2letter", "tiny_wav2letter(activation='relu')"),
    "wav2letter_37": ("Wav2letter, 37 frames", "wav2letter(activation='relu', time_steps=37)"),
}
# Random features calibrate as well as speech here: no count depends on the values.
BUILD = """
import sys
import numpy as np
from wqlite.models import wav2letter
model = wav2letter.{build}
model.save(sys.argv[1])
np.savez(sys.argv[2], features=np.random.default_rng(0).normal(size=(8, *model.input_shape[1:])))
"""


@dataclass(frozen=True)
class Measured:
    """Everything that was measured of one model, by the keys of RUNS.

    Attributes:
        title: of the model.
        counts: executed instructions of an inference.
        cycles: modelled cycles by core.
        peaks: peak of resident memory in KiB by the keys of memory.SETTINGS.
        layers: (layer, kernel and tile) as the delegate logged them with its default options.
    """

    title: str
    counts: Mapping[str, count.Counts]
    cycles: Mapping[str, Mapping[str, cycles.Cycles]]
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
)


def make_model(name: str, folder: Path) -> Path:
    """Builds and converts a model of MODELS, unless it is there.

    Raises:
        demo.DemoError: building or converting fails.
    """
    model = folder / f"{name}.tflite"
    if model.exists():
        return model
    with tempfile.TemporaryDirectory() as temporary:
        keras_file, data = Path(temporary) / "model.keras", Path(temporary) / "data.npz"
        script = BUILD.format(build=MODELS[name][1])
        demo.execute([sys.executable, "-c", script, keras_file, data], f"building {name}")
        demo.execute(
            [
                Path(sys.executable).with_name("wq_convert"),
                f"--input={keras_file}",
                f"--output={model}",
                f"--calibration_data={data}",
            ],
            f"converting {name}",
        )
    return model


def measure(name: str, model: Path) -> Measured:
    """Measures a model.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    counts = {
        run: count.count_inference(model, delegate=options is not None, options=options)
        for run, options in RUNS.items()
    }
    return Measured(
        title=MODELS[name][0],
        counts=counts,
        cycles={run: cycles.model_cycles(counted) for run, counted in counts.items()},
        peaks=memory.peaks_kib(model),
        layers=planned_layers(model),
    )


def measure_traffic(folder: Path) -> dict[str, dcache.Traffic]:
    """Models the data caches for the first of MODELS.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    model = make_model(next(iter(MODELS)), folder)
    return {
        run: dcache.inference_traffic(model, delegate=options is not None, options=options)
        for run, options in RUNS.items()
        if run != UNLIMITED
    }


def planned_layers(model: Path) -> list[tuple[str, str]]:
    """(layer, kernel and tile) of each convolution, from the delegate's log."""
    command = count.invocation(model, 1, True, {"log_level": "info"})
    log = count.run_command(command, {}).stderr
    return [(layer, f"{kernel} {tile}") for layer, kernel, tile, _ in demo.PLAN_LINE.findall(log)]


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; all columns but the first are aligned right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def targets_table(models: Mapping[str, Measured]) -> str:
    """Each target with what was measured."""
    rows = []
    for target in TARGETS:
        value = target.measure(models)
        cells = (f"{number:.4g}" for number in (target.must, target.aim, value))
        rows.append([target.title, *cells, target.verdict(value)])
    return markdown(["", "must", "aim", "measured", "meets"], rows)


def totals_table(models: Mapping[str, Measured]) -> str:
    """Instructions and cycles of the models, with ratios."""
    rows = []
    for measured in models.values():
        lines = {"M instructions": {run: measured.millions(run) for run in RUNS}}
        for core in cycles.CORES:
            modelled = {run: measured.cycles[run][core].total / 1e6 for run in RUNS}
            lines[f"M cycles, {core}"] = modelled
        for title, values in lines.items():
            base = values[TFLITE]
            rest = (f"{values[run]:.1f} ({base / values[run]:.2f})" for run in (DEFAULT, UNLIMITED))
            rows.append([f"{measured.title}: {title}", f"{base:.1f}", *rest])
    return markdown(["(ratio to TFLite)", TFLITE, DEFAULT, "wqlite, unlimited memory"], rows)


def sums_table(measured: Measured, sums: Callable[[count.Counts], Mapping[str, int]]) -> str:
    """Million instructions by class or by phase."""
    columns = [sums(measured.counts[run]) for run in RUNS]
    rows = [
        [name, *(f"{column[name] / 1e6:.2f}" for column in columns)]
        for name in columns[0]
        if any(column[name] >= 5000 for column in columns)
    ]
    return markdown(["M instructions", TFLITE, DEFAULT, "wqlite, unlimited memory"], rows)


def layers_table(measured: Measured) -> str:
    """Million instructions of each convolution, from its begin to that of the next."""
    counted = [measured.counts[run].layers for run in RUNS]
    if len({len(layers) for layers in (*counted, measured.layers)}) != 1:
        return "TFLite and the delegate do not run the same layers here, so there is no break-down."
    rows = [
        [
            layer,
            f"{plan}",
            *(f"{value / 1e6:.2f}" for value in values),
            f"{values[0] / values[1]:.2f}",
        ]
        for (layer, plan), *values in zip(measured.layers, *counted, strict=True)
    ]
    header = ["layer", "kernel and tile (default)", TFLITE, DEFAULT, "unlimited", "ratio"]
    return markdown(header, rows)


def memory_table(models: Mapping[str, Measured]) -> str:
    """Peaks of resident memory."""
    rows = [
        [measured.title, *(f"{peak / 1024:.1f}" for peak in measured.peaks.values())]
        for measured in models.values()
    ]
    titles = [title if title == "TFLite" else f"wqlite, {title}" for title in memory.SETTINGS]
    return markdown(["peak, MiB", *titles], rows)


def coverage_table(models: Mapping[str, Measured]) -> str:
    """The share of executed instructions that the cycle model knows."""
    rows = [
        [
            f"{measured.title}, {core}",
            *(f"{measured.cycles[run][core].coverage:.1%}" for run in RUNS),
        ]
        for measured in models.values()
        for core in cycles.CORES
    ]
    return markdown(["share modelled", TFLITE, DEFAULT, "wqlite, unlimited memory"], rows)


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
    return markdown(header, rows)


def bar_chart(models: Mapping[str, Measured]) -> str:
    """An SVG of million instructions of each model and run."""
    bar, gap, left, width = 18, 14, 190, 560
    colours = {TFLITE: "#8a8f98", DEFAULT: "#1f6feb", UNLIMITED: "#7ab8ff"}
    largest = max(measured.millions(run) for measured in models.values() for run in RUNS)
    parts = []
    y = gap
    for measured in models.values():
        middle = y + bar * len(RUNS) / 2 + 4
        parts.append(
            f'<text x="{left - 10}" y="{middle}" text-anchor="end">{measured.title}</text>'
        )
        for run in RUNS:
            length = measured.millions(run) / largest * width
            label = f"{measured.millions(run):.0f} M"
            parts.append(
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar - 2}" '
                f'fill="{colours[run]}"/>'
                f'<text x="{left + length + 6:.1f}" y="{y + bar - 5}">{label} ({run})</text>'
            )
            y += bar
        y += gap
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 170}" height="{y}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"<title>Million ARMv7 instructions an inference</title>{''.join(parts)}</svg>\n"
    )


def report(
    models: Mapping[str, Measured], traffic: Mapping[str, dcache.Traffic], day: datetime.date
) -> str:
    """The page; without traffic it says nothing of caches."""
    main_model = next(iter(models.values()))
    parts = [
        "# Performance on ARMv7",
        f"Made on {day} by `python -m wqlite.tools.performance`; do not edit. Everything is one "
        "inference (a whole Invoke, one thread) under the ARMv7 rig: TFLite 2.14's built-in "
        "kernels, and the same runtime with the delegate at its default options and with "
        "`memory_budget_mb` unlimited. The models are untrained (weights from a seed).",
        "![Million instructions](performance.svg)",
        "## Targets",
        targets_table(models),
        "## Instructions and modelled cycles",
        totals_table(models),
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
            _reflow(dcache.__doc__),
        ]
    parts += [
        "## Peak memory",
        memory_table(models),
        _reflow(memory.__doc__),
        "## What the figures leave out",
        _reflow(cycles.__doc__),
        coverage_table(models),
        "A phase is told by the name of the function (`tools/armv7/phases.py`); where the compiler "
        "inlined one into another, both count for the one whose name is left. A layer counts from "
        "where its operator is entered to where the next one is: operators between two "
        "convolutions (LEAKY_RELU, RESHAPE) count for the one before.",
    ]
    return "\n\n".join(parts) + "\n"


def _reflow(docstring: str | None) -> str:
    """What a command's docstring says behind its first line and usage, as one paragraph."""
    paragraphs = (docstring or "").strip().split("\n\n")
    return re.sub(r"\s+", " ", paragraphs[-1])


def write(path: Path, text: str) -> None:
    """Replaces a file in one go."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--caches", action="store_true", help="model the data caches too")
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
        traffic = measure_traffic(flags.models) if flags.caches else {}
        write(flags.docs / "performance.svg", bar_chart(models))
        write(flags.docs / "performance.md", report(models, traffic, datetime.date.today()))
    except (demo.DemoError, count.RigError, OSError) as error:
        print(f"performance: {error}", file=sys.stderr)
        return 1
    print(targets_table(models))
    return 0


if __name__ == "__main__":
    sys.exit(main())
