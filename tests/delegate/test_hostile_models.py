"""Legal files that nobody would make: the bytes or the error of TFLite, and never a signal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.environment import ROOT
from tests.support.hostile_models import HOSTILE
from tests.support.runtimes import RUNTIMES

# In a process of its own: a crash must fail one test and not end the others.
COMPARE = """
import sys
import numpy as np
from tests.support.hostile_models import HOSTILE
from tests.support.outcomes import OPTIONS, outcome
from tests.support.runtimes import make_interpreter
from wqlite import delegate

runtime = sys.argv[1]
for name, build in HOSTILE.items():
    print(name, flush=True)
    model = build()
    wanted = outcome(make_interpreter(runtime, model, allocate=False))
    for options in OPTIONS:
        loaded = delegate.load(runtime=runtime, **options)
        got = outcome(make_interpreter(runtime, model, [loaded], allocate=False))
        np.testing.assert_array_equal(got, wanted, err_msg=str(options))
"""


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_outcome_is_tflites(runtime: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", COMPARE, runtime], cwd=ROOT, capture_output=True, text=True
    )
    names = result.stdout.splitlines()
    assert result.returncode == 0, f"{names[-1:]}: {result.stderr[-2000:]}"
    assert names == list(HOSTILE)
