"""On 32 bits: files whose sizes overflow there, and those that are hostile everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support import corpus, rig
from tests.support.outcomes import OPTIONS, outcome
from tests.support.runtimes import make_interpreter
from wqlite import delegate


@rig.in_rig
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_outcome_is_tflites(options: dict[str, str]) -> None:
    loaded = delegate.load(runtime=rig.RUNTIME, **options)
    for entry in rig.entries():
        wanted = outcome(make_interpreter(rig.RUNTIME, entry.model, allocate=False))
        got = outcome(make_interpreter(rig.RUNTIME, entry.model, [loaded], allocate=False))
        np.testing.assert_array_equal(got, wanted, err_msg=f"{entry.description}, {options}")


@rig.on_host
def test_in_the_rig(tmp_path: Path) -> None:
    from tests.support.hostile_models import HOSTILE, TOO_LARGE

    no_input = np.zeros(0, np.int8)  # made there: some would be large
    models = {**HOSTILE, **TOO_LARGE}
    entries = (corpus.Entry(name, build(), no_input) for name, build in models.items())
    rig.run(__file__, entries, tmp_path, len(OPTIONS))
