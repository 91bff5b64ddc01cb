"""What grid.py measured, as a page and its drawings: docs/grid.md."""

from __future__ import annotations

import datetime
import math
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tools.experiments import page
from tools.experiments.heat_map import Cell, heat_map
from tools.rig import cycles, markdown

TFLITE = "TFLite"
# Families of cores, as the delegate's option `core` has them, and the core that stands for each.
FAMILIES: Mapping[str, str] = {"one_pipe": "cortex-a9", "two_pipe": "cortex-a57"}
KERNELS = {"winograd_s16": "s16", "winograd_s8": "s8"}


@dataclass(frozen=True)
class Point:
    """A layer of stride 1 with SAME padding and as many output as input channels."""

    width: int
    channels: int
    frames: int

    @property
    def multiplications(self) -> int:
        """Of one inference."""
        return self.width * self.channels**2 * self.frames

    @property
    def name(self) -> str:
        """For files."""
        return f"w{self.width}_c{self.channels}_t{self.frames}"


@dataclass(frozen=True)
class Measured:
    """One inference of one point.

    Attributes:
        instructions: executed ones.
        cycles: modelled ones, by core.
        coverage: the share of the instructions that was modelled.
        plan: kernel and tile.
    """

    instructions: int
    cycles: Mapping[str, float]
    coverage: float
    plan: tuple[str, str]

    @property
    def kernel(self) -> str:
        """The kernel, with the size of its tile, as short as it can be said: "s16 F(8,8)"."""
        kernel, tile = self.plan
        short = KERNELS.get(kernel, kernel)
        factors = re.findall(r"F\((\d+),(\d+)\)", tile)
        if not factors:
            return short
        outputs, taps = (math.prod(int(n) for n in side) for side in zip(*factors, strict=True))
        return f"{short} F({outputs},{taps})"

    def as_json(self) -> dict[str, Any]:
        """For Results."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Measured:
        """What as_json gave."""
        return cls(**{**value, "plan": tuple(value["plan"])})


# What grid.py measured: TFLite and each family, at the same points.
Columns = Mapping[str, Mapping[Point, Measured]]


@dataclass(frozen=True)
class Measure:
    """A quantity to compare in.

    Attributes:
        title: what it is.
        file: of its drawing.
        family: whose plan it takes.
        of: reads it.
    """

    title: str
    file: str
    family: str
    of: Callable[[Measured], float]

    def ratios(self, columns: Columns) -> dict[Point, float]:
        """TFLite's over ours: above one where the delegate is faster."""
        ours = columns[self.family]
        return {p: self.of(columns[TFLITE][p]) / self.of(m) for p, m in ours.items()}


def _cycles_on(core: str) -> Callable[[Measured], float]:
    return lambda measured: measured.cycles[core]


MEASURES = (
    Measure(
        "Executed instructions, one_pipe",
        "grid_instructions.svg",
        "one_pipe",
        lambda measured: measured.instructions,
    ),
    *(
        Measure(
            f"Modelled cycles, {family} ({core})", f"grid_{family}.svg", family, _cycles_on(core)
        )
        for family, core in FAMILIES.items()
    ),
)


def charts(
    columns: Columns, widths: Sequence[int], channels: Sequence[int], frames: Sequence[int]
) -> dict[str, str]:
    """A heat map for each of MEASURES, by the name of its file."""
    drawings = {}
    for measure in MEASURES:
        ratios = measure.ratios(columns)
        panels = {
            f"{number} frames": {
                (p.width, p.channels): Cell(ratio, columns[measure.family][p].kernel)
                for p, ratio in ratios.items()
                if p.frames == number
            }
            for number in frames
        }
        title = f"{measure.title}: TFLite / wqlite"
        drawings[measure.file] = heat_map(title, panels, ("width", widths), ("channels", channels))
    return drawings


def losses(columns: Columns) -> list[tuple[str, Point, float, str]]:
    """(measure, point, ratio, kernel) wherever TFLite is faster, the worst first."""
    lost = [
        (measure.title, point, ratio, columns[measure.family][point].kernel)
        for measure in MEASURES
        for point, ratio in measure.ratios(columns).items()
        if ratio < 1
    ]
    return sorted(lost, key=lambda entry: entry[2])


def losses_text(columns: Columns) -> str:
    """The points where TFLite is faster."""
    lost = losses(columns)
    if not lost:
        return "At no point of the grid is TFLite faster, in none of these measures."
    rows = [
        [f"width {p.width}, {p.channels} channels, {p.frames} frames", title, f"{r:.3f}", kernel]
        for title, p, r, kernel in lost
    ]
    return markdown.table(["TFLite is faster at", "measure", "ratio", "kernel"], rows)


def summary_table(columns: Columns) -> str:
    """Each measure over all points."""
    rows = []
    for measure in MEASURES:
        ratios = list(measure.ratios(columns).values())
        numbers = (min(ratios), statistics.geometric_mean(ratios), max(ratios))
        rows.append([measure.title, *(f"{number:.2f}" for number in numbers)])
    return markdown.table(["TFLite / wqlite", "least", "geometric mean", "most"], rows)


def points_table(columns: Columns) -> str:
    """Every point with its figures."""
    rows = []
    each = [measure.ratios(columns) for measure in MEASURES]
    for point, tflite in columns[TFLITE].items():
        ours = [columns[family][point] for family in FAMILIES]
        rows.append(
            [
                f"{point.width}",
                f"{point.channels}",
                f"{point.frames}",
                f"{tflite.instructions / 1e6:.3f}",
                f"{ours[0].instructions / 1e6:.3f}",
                *(f"{ratios[point]:.2f}" for ratios in each),
                *(measured.kernel for measured in ours),
            ]
        )
    cores = FAMILIES.values()
    header = ["width", "channels", "frames", "TFLite, M instr.", "wqlite, M instr.", "instr."]
    return markdown.table([*header, *cores, *(f"kernel, {f}" for f in FAMILIES)], rows)


def report(columns: Columns, day: datetime.date) -> str:
    """The page."""
    coverage = min(m.coverage for measured in columns.values() for m in measured.values())
    parts = [
        "# Where each kernel wins",
        f"{page.made_by('grid', day)} Each point is a model of "
        "one 1-D convolution (stride 1, SAME padding, as many output as input channels, ReLU, "
        "weights normally distributed), invoked once under the ARMv7 rig: TFLite 2.14's built-in "
        "kernels against the delegate at its defaults, memory budget included. The ratio is "
        "TFLite's figure over ours; below it stands the kernel that the planner took: `direct`, "
        "or Winograd in int16 (`s16`) or int8 (`s8`) with the outputs and taps of its tile, "
        "F(8,8) being F(2,2)xF(4,4). Grey: too large to be emulated.",
        summary_table(columns),
        "`one_pipe` and `two_pipe` are the delegate's plans for cores with so many NEON pipes "
        "(its option `core`; where the core is not known, as in the rig, it is one). Instructions "
        "are executed ones, a whole Invoke and about a thousand of Python's. Cycles "
        f"are modelled (at least {coverage:.1%} of the instructions): "
        + page.last_paragraph(cycles.__doc__),
        "## Points where TFLite is faster",
        losses_text(columns),
    ]
    for measure in MEASURES:
        parts += [f"## {measure.title}", f"![{measure.title}]({measure.file})"]
    parts += ["## All points", points_table(columns)]
    return "\n\n".join(parts) + "\n"
