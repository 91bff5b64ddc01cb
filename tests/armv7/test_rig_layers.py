"""Random layers on ARMv7: every path of the cross-built delegate equals TFLite's own kernels there.

On the host this makes the models and starts itself in the rig; in the rig, where there is no
TensorFlow to make them, it runs them.
"""

from __future__ import annotations

import os
import platform
import subprocess
from functools import cache
from itertools import count, islice
from pathlib import Path as FilePath

import numpy as np
import numpy.typing as npt
import pytest

from tests.support import corpus
from tests.support.environment import ROOT, require
from tests.support.paths import Path, all_paths
from tests.support.runtimes import infer, make_interpreter
from wqlite import delegate

LAYERS = 200
RUNTIME = "tflite_runtime"
VARIABLE = "WQ_RIG_CORPUS"
IN_RIG = platform.machine().startswith("armv7")


@cache
def entries() -> list[corpus.Entry]:
    return corpus.read(FilePath(os.environ[VARIABLE]))


@cache
def built_in(index: int) -> npt.NDArray[np.int8]:
    """What TFLite's own ARMv7 kernels give."""
    entry = entries()[index]
    return infer(make_interpreter(RUNTIME, entry.model), entry.input)


@pytest.mark.skipif(not IN_RIG, reason="runs in the ARMv7 rig, which test_in_the_rig starts")
@pytest.mark.parametrize("path", all_paths() if IN_RIG else [], ids=lambda path: path.name)
def test_equals_tflite(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    loaded = delegate.load(runtime=RUNTIME, log_level="info", **path.options)
    ran = 0
    for index, entry in enumerate(entries()):
        capfd.readouterr()
        got = infer(make_interpreter(RUNTIME, entry.model, [loaded]), entry.input)
        ran += path.ran(capfd.readouterr().err)
        np.testing.assert_array_equal(got, built_in(index), entry.description)
    assert ran >= 60, f"only {ran} layers ran on {path.name}"


@pytest.mark.skipif(IN_RIG, reason="starts the rig from the host")
def test_in_the_rig(tmp_path: FilePath) -> None:
    from tests.support.random_layers import Case, random_case

    def has_legal_weights(case: Case) -> bool:
        """The delegate leaves a filter with -128 to TFLite's ARM kernels, which overflow on it."""
        return bool(case.layer.filter.min() > -128)

    python = ROOT / "tools" / "armv7" / "python"
    library = ROOT / "build" / "armv7" / "libwq_delegate.so"
    for path in (ROOT / "build" / "armv7" / "site", library):
        require(path, f"{path}; run tools/armv7/setup.sh")

    cases = filter(has_legal_weights, map(random_case, count()))
    corpus.write(
        tmp_path / "layers.npz",
        (corpus.Entry(str(case), case.model, case.input) for case in islice(cases, LAYERS)),
    )
    environment = {
        **os.environ,
        VARIABLE: str(tmp_path / "layers.npz"),
        delegate.LIBRARY_VARIABLE: str(library),
    }
    result = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", __file__],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(all_paths())} passed" in result.stdout
