"""winograd_s8 on ARMv7: equal to TFLite's own kernels there."""

from __future__ import annotations

from pathlib import Path as FilePath

import numpy as np
import pytest

from tests.support import corpus, rig
from tests.support.runtimes import infer, make_interpreter, plans
from wqlite import delegate

LAYERS = 150


@rig.in_rig
@pytest.mark.parametrize("threads", [1, 3])
def test_equals_tflite(threads: int, capfd: pytest.CaptureFixture[str]) -> None:
    loaded = delegate.load(
        runtime=rig.RUNTIME, log_level="info", algorithm="winograd_s8", num_threads=threads
    )
    proved = 0
    for entry in rig.entries():
        wanted = infer(make_interpreter(rig.RUNTIME, entry.model), entry.input)
        capfd.readouterr()
        got = infer(make_interpreter(rig.RUNTIME, entry.model, [loaded]), entry.input)
        log = capfd.readouterr().err
        np.testing.assert_array_equal(got, wanted, entry.description)
        lines = [line for line in log.splitlines() if "kernel=winograd_s8" in line]
        assert len(lines) <= len(plans(log))
        proved += sum("inputs in [-128, -1]" in line for line in lines)
    assert proved > LAYERS * 0.9


@rig.on_host
def test_in_the_rig(tmp_path: FilePath) -> None:
    from tests.support.random_rsq import random_rsq_case

    entries = []
    for seed in range(LAYERS):
        case = random_rsq_case(seed)
        entries.append(corpus.Entry(str(case), case.model, case.input))
    rig.run(__file__, entries, tmp_path, 2)
