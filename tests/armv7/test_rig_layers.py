"""Random layers on ARMv7: every path of the delegate equals TFLite's own kernels there."""

from __future__ import annotations

from functools import cache
from itertools import count, islice
from pathlib import Path as FilePath

import numpy as np
import numpy.typing as npt
import pytest

from tests.support import corpus, rig
from tests.support.paths import Path, all_paths
from tests.support.runtimes import infer, make_interpreter
from wqlite import delegate

LAYERS = 120


@cache
def built_in(index: int) -> npt.NDArray[np.int8]:
    """What TFLite's own ARMv7 kernels give."""
    entry = rig.entries()[index]
    return infer(make_interpreter(rig.RUNTIME, entry.model), entry.input)


@rig.in_rig
@pytest.mark.parametrize("path", all_paths() if rig.IN_RIG else [], ids=lambda path: path.name)
def test_equals_tflite(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    loaded = delegate.load(runtime=rig.RUNTIME, log_level="info", **path.options)
    ran = 0
    for index, entry in enumerate(rig.entries()):
        capfd.readouterr()
        got = infer(make_interpreter(rig.RUNTIME, entry.model, [loaded]), entry.input)
        ran += path.ran(capfd.readouterr().err)
        np.testing.assert_array_equal(got, built_in(index), entry.description)
    assert ran >= 36, f"only {ran} layers ran on {path.name}"


@rig.on_host
def test_in_the_rig(tmp_path: FilePath) -> None:
    from tests.support.random_layers import Case, random_case

    def has_legal_weights(case: Case) -> bool:
        """The delegate leaves a filter with -128 to TFLite's ARM kernels, which overflow on it."""
        return bool(case.layer.filter.min() > -128)

    cases = islice(filter(has_legal_weights, map(random_case, count())), LAYERS)
    models = (corpus.Entry(str(case), case.model, case.input) for case in cases)
    rig.run(__file__, models, tmp_path, len(all_paths()))
