"""Measures a grid of 1-D convolutions under the ARMv7 rig, TFLite against wqlite: docs/grid.md.

    python -m tools.experiments.grid [--results build/grid] [--docs docs] [--limit 4000]

Each point is a model of one layer with as many output channels as input channels. It runs with
TFLite's built-in kernels, and with the delegate at its defaults as planned for cores with one NEON
pipe and with two. An interrupted run goes on where it stopped. Takes about twenty minutes on one
core. Needs tools/setup.sh and tools/rig/setup.sh.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.support.conv_model import ConvLayer, Quantisation, conv_chain
from tools.experiments.grid_page import FAMILIES, TFLITE, Measured, Point, charts, report
from tools.rig import columns, count, cycles, sweep
from tools.rig.results import Results
from wqlite.converter import ConversionError
from wqlite.converter.files import write_whole

WIDTHS = (1, 3, 7, 16, 32, 48)
CHANNELS = (16, 64, 250, 750, 2000)
FRAMES = (16, 64, 300, 1500)
# Enough for one run of the emulator, in multiplications and in points.
BATCH_MULTIPLICATIONS, BATCH_POINTS = 4_000_000_000, 40
DELEGATES: Mapping[str, columns.Options | None] = {
    TFLITE: None,
    **{family: {"core": family} for family in FAMILIES},
}


def points(limit: int) -> list[Point]:
    """The points of the grid with at most `limit` multiplications."""
    grid = (Point(*place) for place in itertools.product(WIDTHS, CHANNELS, FRAMES))
    return [point for point in grid if point.multiplications <= limit]


def batches(grid: Iterable[Point]) -> Iterator[list[Point]]:
    """Points that are to share a run of the emulator."""
    batch: list[Point] = []
    for point in grid:
        work = sum(p.multiplications for p in (*batch, point))
        if batch and (work > BATCH_MULTIPLICATIONS or len(batch) == BATCH_POINTS):
            yield batch
            batch = []
        batch.append(point)
    if batch:
        yield batch


def make_model(point: Point) -> bytes:
    """A `.tflite` of one layer with normally distributed weights, as trained ones are about."""
    rng = np.random.default_rng(0)
    layer = ConvLayer(
        filter=np.stack([_channel(rng, point) for _ in range(point.channels)]),
        bias=np.zeros(point.channels, np.int32),
        filter_scale=np.full(point.channels, 0.01, np.float32),
        output=Quantisation(1.0, -128),
        activation="RELU",
    )
    return conv_chain([layer], Quantisation(0.05, -128), time=point.frames)


def _channel(rng: np.random.Generator, point: Point) -> npt.NDArray[np.int8]:
    values = rng.standard_normal((point.width, point.channels), dtype=np.float32)
    values *= 127 / np.abs(values).max()
    return values.round().astype(np.int8)


def measure(folder: Path, name: str) -> dict[str, Measured]:
    """Measures the models of a folder in one column, by the names of their points."""
    measured = {}
    for file, inference in sweep.count_folder(folder, DELEGATES[name]).items():
        cores = FAMILIES.values() if name == TFLITE else (FAMILIES[name],)
        modelled = cycles.model_cycles(inference.counts, cores)
        measured[Path(file).stem] = Measured(
            inference.counts.instructions,
            {core: c.total for core, c in modelled.items()},
            min(c.coverage for c in modelled.values()),
            inference.plans[0] if inference.plans else ("TFLite", "-"),
        )
    return measured


def measure_all(grid: Sequence[Point], folder: Path) -> dict[str, dict[Point, Measured]]:
    """Measures all columns at all points, batch by batch; what is in the folder is not repeated.

    Raises:
        count.RigError: the rig is not set up, or a model does not run.
    """
    checkout = count.find_checkout()
    modelled_by = (
        f"tools/rig/{name}.py" for name in ("cycles", "cores", "disassembly", "llvm_mca")
    )
    tools = [checkout / path for path in (count.TFLITE, count.PLUGIN, *modelled_by)]
    library = checkout / count.DELEGATE
    results = {
        name: Results(folder / f"{name}.json", tools if name == TFLITE else [*tools, library])
        for name in DELEGATES
    }
    done = 0
    for batch in batches(grid):
        missing = [name for name, kept in results.items() if any(p.name not in kept for p in batch)]
        if missing:
            with tempfile.TemporaryDirectory(dir=folder) as models:
                for point in batch:
                    (Path(models) / f"{point.name}.tflite").write_bytes(make_model(point))
                for name in missing:
                    measured = measure(Path(models), name)
                    results[name].update({k: m.as_json() for k, m in measured.items()})
        done += len(batch)
        if sys.stderr.isatty():
            print(f"{done} of {len(grid)} points", file=sys.stderr)
    return {
        name: {point: Measured.from_json(kept[point.name]) for point in grid}
        for name, kept in results.items()
    }


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=Path("build/grid"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where to write the page")
    parser.add_argument(
        "--limit", type=int, default=4000, help="million multiplications a point (default: 4000)"
    )
    flags = parser.parse_args()
    grid = points(flags.limit * 1_000_000)
    if not grid:
        parser.error(f"--limit {flags.limit} leaves no point of the grid")
    try:
        measured = measure_all(grid, flags.results)
        flags.docs.mkdir(parents=True, exist_ok=True)
        for name, drawing in charts(measured, WIDTHS, CHANNELS, FRAMES).items():
            write_whole(flags.docs / name, drawing.encode())
        text = report(measured, datetime.date.today())
        write_whole(flags.docs / "grid.md", text.encode())
    except (ConversionError, count.RigError, OSError) as error:
        print(f"grid: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
