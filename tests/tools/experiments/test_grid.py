"""The grid of layers: its points, what is kept of a run, and its page."""

from __future__ import annotations

import datetime
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.support.conv_model import expand
from tests.support.environment import ROOT, require
from tests.support.runtimes import infer, make_interpreter
from tools.experiments import grid, grid_page
from tools.experiments.grid_page import FAMILIES, TFLITE, Columns, Measured, Point
from tools.experiments.heat_map import colour_of
from tools.rig import count, sweep
from tools.rig.results import Results

POINT, OTHER = Point(7, 16, 64), Point(3, 16, 16)
TILED = ("winograd_s16", "F(2,2)xF(4,4)")


def measured(instructions: int, plan: tuple[str, str] = ("direct", "-")) -> Measured:
    return Measured(instructions, dict.fromkeys(FAMILIES.values(), instructions * 2.0), 0.99, plan)


def columns(ours: int = 100) -> Columns:
    faster = {POINT: measured(50, TILED), OTHER: measured(ours)}
    return {
        TFLITE: {POINT: measured(200), OTHER: measured(100)},
        **dict.fromkeys(FAMILIES, faster),
    }


def test_batches_are_all_points_in_order() -> None:
    points = grid.points(10_000_000)
    batches = list(grid.batches(points))
    assert [point for batch in batches for point in batch] == points
    assert all(len(batch) <= grid.BATCH_POINTS for batch in batches)
    assert max(point.multiplications for point in points) <= 10_000_000
    large = [Point(48, 2000, 16), Point(48, 2000, 16)]
    assert list(grid.batches(large)) == [large[:1], large[1:]]


def test_model_of_a_point() -> None:
    interpreter = make_interpreter("tflite_runtime", grid.make_model(OTHER))
    (details,) = interpreter.get_input_details()
    shape = expand("width", 1, OTHER.frames, OTHER.channels)
    assert list(details["shape"]) == shape
    assert infer(interpreter, interpreter.get_tensor(details["index"])).shape == tuple(shape)


@pytest.mark.parametrize(
    ("plan", "kernel"),
    [
        (("direct", "-"), "direct"),
        (TILED, "s16 F(8,8)"),
        (("winograd_s8", "F(2,3)"), "s8 F(2,3)"),
        (("TFLite", "-"), "TFLite"),
    ],
)
def test_kernel_in_short(plan: tuple[str, str], kernel: str) -> None:
    assert measured(1, plan).kernel == kernel


def test_page_names_every_point_and_no_loss() -> None:
    page = grid_page.report(columns(), datetime.date(2026, 1, 2))
    assert "At no point of the grid is TFLite faster" in page
    assert "| 7 | 16 | 64 | 0.000 | 0.000 | 4.00 | 4.00 | 4.00 | s16 F(8,8) | s16 F(8,8) |" in page
    assert "| 1.00 | 2.00 | 4.00 |" in page  # least, geometric mean, most
    assert all(measure.file in page for measure in grid_page.MEASURES)


def test_losses_are_named_worst_first() -> None:
    lost = grid_page.losses(columns(ours=125))
    assert [(point, ratio, kernel) for _, point, ratio, kernel in lost] == [
        (OTHER, 0.8, "direct")
    ] * len(grid_page.MEASURES)
    page = grid_page.report(columns(ours=125), datetime.date(2026, 1, 2))
    assert "| width 3, 16 channels, 16 frames | Executed instructions" in page


def test_drawing_has_a_cell_for_each_point() -> None:
    drawings = grid_page.charts(columns(), (3, 7), (16,), (16, 64))
    assert set(drawings) == {measure.file for measure in grid_page.MEASURES}
    texts = [
        text.text
        for text in ElementTree.fromstring(drawings["grid_one_pipe.svg"]).iter()
        if text.tag.endswith("text")
    ]
    assert texts.count("4.00") == texts.count("s16 F(8,8)") == 1
    assert texts.count("1.00") == texts.count("direct") == 1


def test_colours() -> None:
    assert colour_of(1.0) == "#ffffff"
    red, blue = colour_of(0.5), colour_of(2.0)
    assert int(red[1:3], 16) > int(red[5:7], 16)
    assert int(blue[1:3], 16) < int(blue[5:7], 16)
    assert colour_of(100) == colour_of(1000)


def test_results_are_kept_until_the_tools_change(tmp_path: Path) -> None:
    tool, file = tmp_path / "tool", tmp_path / "new" / "results.json"
    tool.write_text("1")
    Results(file, [tool]).update({"a": measured(5, TILED).as_json()})
    kept = Results(file, [tool])
    assert "a" in kept
    assert "b" not in kept
    assert Measured.from_json(kept["a"]) == measured(5, TILED)
    tool.write_text("2")
    assert "a" not in Results(file, [tool])
    file.write_text("[]")
    assert "a" not in Results(file, [tool])


def test_sweep_counts_what_a_run_of_its_own_counts(tmp_path: Path) -> None:
    require(ROOT / "build/armv7/libicount.so", "the ARMv7 rig; run tools/rig/setup.sh")
    for point in (POINT, OTHER):
        (tmp_path / f"{point.name}.tflite").write_bytes(grid.make_model(point))
    together = sweep.count_folder(tmp_path, {"algorithm": "direct"})
    assert set(together) == {f"{point.name}.tflite" for point in (POINT, OTHER)}
    assert all(inference.plans == [("direct", "-")] for inference in together.values())
    (alone,) = count.count_inference(
        tmp_path / f"{POINT.name}.tflite", delegate=True, options={"algorithm": "direct"}
    ).parts
    counted = together[f"{POINT.name}.tflite"].counts.instructions
    assert 0 < alone.instructions - counted < 5000  # what Python does to call Invoke
