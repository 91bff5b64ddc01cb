"""winograd_s8 on ARMv7: equal to TFLite's own kernels there."""

from __future__ import annotations

from pathlib import Path as FilePath

import numpy as np
import pytest

from tests.support import corpus, rig
from tests.support.runtimes import infer, make_interpreter
from wqlite import delegate

LAYERS = 150
TILES = ("F(2,3)", "F(2,3)xF(2,2)")


@rig.in_rig
@pytest.mark.parametrize("threads", [1, 3])
def test_equals_tflite(threads: int, capfd: pytest.CaptureFixture[str]) -> None:
    loaded = {
        tile: delegate.load(
            runtime=rig.RUNTIME,
            log_level="info",
            override=f"1=winograd_s8/{tile}",
            num_threads=threads,
        )
        for tile in TILES
    }
    proved = 0
    for entry in rig.entries():
        wanted = infer(make_interpreter(rig.RUNTIME, entry.model), entry.input)
        capfd.readouterr()
        (tile,) = (tile for tile in TILES if entry.description.startswith(f"{tile}: "))
        got = infer(make_interpreter(rig.RUNTIME, entry.model, [loaded[tile]]), entry.input)
        log = capfd.readouterr().err
        np.testing.assert_array_equal(got, wanted, entry.description)
        proved += sum(
            f"kernel=winograd_s8 tile={tile}: " in line and "inputs in [-128, -" in line
            for line in log.splitlines()
        )
    assert proved > LAYERS * 0.9


@rig.on_host
def test_in_the_rig(tmp_path: FilePath) -> None:
    from tests.support.random_rsq import random_rsq_case

    entries = []
    for seed in range(LAYERS):
        tile = TILES[seed % len(TILES)]
        case = random_rsq_case(seed, tile)
        entries.append(corpus.Entry(f"{tile}: {case}", case.model, case.input))
    rig.run(__file__, entries, tmp_path, 2)
