"""XNNPACK's column: which layers it runs, and that it runs each of them once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.environment import ROOT, require
from tools.experiments import grid
from tools.experiments.grid_page import Point
from tools.rig import columns, count, runtimes, xnnpack

SMALL, LARGE = Point(1, 64, 16), Point(3, 64, 64)


def write(point: Point, folder: Path) -> Path:
    model = folder / f"{point.name}.tflite"
    model.write_bytes(grid.make_model(point))
    return model


def test_layers_of_a_model(tmp_path: Path) -> None:
    assert xnnpack.layers_of(write(LARGE, tmp_path)) == ["3,1,1,64,64,64,64"]


def test_one_run_of_each_layer_is_counted() -> None:
    checkout = count.find_checkout()
    require(checkout / xnnpack.DRIVER, "XNNPACK in the rig; run tools/rig/setup.sh")
    layers = ["1,1,1,64,64,16,16", "3,2,1,64,64,64,32", "1,1,1,64,64,16,16"]
    counts = xnnpack.count_driver(layers)
    first, second, third = (part.instructions for part in counts.parts)
    assert first == pytest.approx(third, abs=100)
    # vmull, vmlal and vpadal of 8 products each: 0.2 instructions a product at the least.
    for instructions, products in ((first, 64 * 64 * 16), (second, 3 * 64 * 64 * 32)):
        assert 0.2 < instructions / products < 0.6
    assert counts.instructions == first + second + third


def test_refused_layer_is_named() -> None:
    require(ROOT / xnnpack.DRIVER, "XNNPACK in the rig; run tools/rig/setup.sh")
    with pytest.raises(count.RigError, match="1,1,1,64 is not seven numbers"):
        xnnpack.count_driver(["1,1,1,64"])


def test_counts_are_kept_and_xnnpack_is_left_out_where_the_rig_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require(ROOT / "build/armv7/libicount.so", "the ARMv7 rig; run tools/rig/setup.sh")
    monkeypatch.setattr(xnnpack, "DRIVER", "no/such/program")
    model, kept = write(SMALL, tmp_path), tmp_path / "kept"
    counted = runtimes.count_columns(model, {}, with_xnnpack=True, kept=kept)
    assert list(counted) == [columns.TFLITE]
    assert capsys.readouterr().err.splitlines() == [
        "no column of XNNPACK: the rig has no libXNNPACK; tools/rig/setup.sh installs Debian's "
        "libxnnpack-dev there"
    ]

    def fail(*_: object, **__: object) -> count.Counts:
        raise AssertionError("counted again")

    monkeypatch.setattr(count, "count_inference", fail)
    assert runtimes.count_columns(model, {}, kept=kept) == counted
    with pytest.raises(AssertionError, match="counted again"):
        runtimes.count_columns(write(LARGE, tmp_path), {}, kept=kept)
