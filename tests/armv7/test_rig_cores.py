"""Each emulated core runs kernels that it has: no illegal instruction, TFLite's own results."""

from __future__ import annotations

import os
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest

from tests.support import corpus, rig
from tests.support.runtimes import infer, make_interpreter
from wqlite import delegate

# Their numbers in the register that names a processor of ARM's, which /proc/cpuinfo prints.
PARTS = {
    "cortex-a8": 0xC08,
    "cortex-a9": 0xC09,
    "cortex-a53": 0xD03,
    "cortex-a55": 0xD05,
    "cortex-a76": 0xD0B,
}
LAYERS = 12


@rig.in_rig
def test_the_system_names_the_core() -> None:
    expected = f"CPU part\t: {PARTS[os.environ['WQ_RIG_CORE']]:#x}"
    assert Path("/proc/cpuinfo").read_text().splitlines().count(expected) == 4


@rig.in_rig
def test_equals_tflite() -> None:
    loaded = delegate.load(runtime=rig.RUNTIME)
    for entry in rig.entries():
        expected = infer(make_interpreter(rig.RUNTIME, entry.model), entry.input)
        got = infer(make_interpreter(rig.RUNTIME, entry.model, [loaded]), entry.input)
        np.testing.assert_array_equal(got, expected, entry.description)


@rig.on_host
@pytest.mark.parametrize("core", PARTS)
def test_in_the_rig(core: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.random_layers import random_case

    monkeypatch.setenv("WQ_RIG_CORE", core)
    if core == "cortex-a53":  # whose model in the rig would run dot products, too
        monkeypatch.setenv("QEMU_CPU", "cortex-a15")
    cases = (case for case in map(random_case, count()) if case.layer.filter.min() > -128)
    models = (corpus.Entry(str(c), c.model, c.input) for c in islice(cases, LAYERS))
    rig.run(__file__, models, tmp_path, passing=2)
