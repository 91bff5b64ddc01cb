"""Operators that are a table of 256 values, on ARMv7: all of TFLite's values there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.support import corpus, rig
from tests.support.runtimes import infer, make_interpreter
from wqlite import delegate

CASES = 40  # of each operator


@rig.in_rig
def test_equals_tflite(capfd: pytest.CaptureFixture[str]) -> None:
    loaded = delegate.load(runtime=rig.RUNTIME, log_level="info")
    taken: Counter[str] = Counter()
    for entry in rig.entries():
        capfd.readouterr()
        got = infer(make_interpreter(rig.RUNTIME, entry.model, [loaded]), entry.input)
        operator = entry.description.split()[0]
        taken[operator] += f"{operator} as a table" in capfd.readouterr().err
        wanted = infer(make_interpreter(rig.RUNTIME, entry.model), entry.input)
        np.testing.assert_array_equal(got, wanted, entry.description)
    # A scale may be too small for TFLite's own arithmetic.
    assert len(taken) >= 7
    assert min(taken.values()) >= 0.8 * CASES, taken


@rig.on_host
def test_in_the_rig(tmp_path: Path) -> None:
    from tests.support.random_unary import OPERATORS, random_case

    cases = (random_case(code, seed) for code in OPERATORS for seed in range(CASES))
    models = (corpus.Entry(case.description, case.model, case.input) for case in cases)
    rig.run(__file__, models, tmp_path, 1)
