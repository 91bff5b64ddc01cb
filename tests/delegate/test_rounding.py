"""The delegate rounds as this interpreter's own kernels do, whichever they are."""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.environment import ROOT
from tests.support.random_layers import Case, random_case
from tests.support.runtimes import OPTIMISED, REFERENCE, RUNTIMES, infer, make_interpreter
from wqlite import delegate

LAYERS = 60
RULES = ("double_up", "double_away", "single")
# In it, x86-64 runtimes choose the kernels that they have for processors without AVX.
WITHOUT_AVX = {"RUY_PATHS": "1"}
IS_WITHOUT_AVX = os.environ.items() >= WITHOUT_AVX.items()
each_runtime = pytest.mark.parametrize("runtime", RUNTIMES)


def output(
    runtime: str, case: Case, resolver: str = OPTIMISED, **options: Any
) -> npt.NDArray[np.int8]:
    """The output of the case's layer; with options: that of the delegate."""
    delegates = [delegate.load(runtime=runtime, **options)] if options else []
    return infer(make_interpreter(runtime, case.model, delegates, resolver=resolver), case.input)


def assert_equal(got: npt.NDArray[np.int8], wanted: npt.NDArray[np.int8], case: Case) -> None:
    np.testing.assert_array_equal(got.ravel(), wanted.ravel(), err_msg=str(case))


def sweep_layers(runtime: str, resolver: str) -> None:
    for seed in range(LAYERS):
        case = random_case(seed)
        wanted = output(runtime, case, resolver)
        assert_equal(output(runtime, case, resolver, strict=True), wanted, case)


@each_runtime
def test_reference_kernels(runtime: str, capfd: pytest.CaptureFixture[str]) -> None:
    sweep_layers(runtime, REFERENCE)
    output(runtime, random_case(0), REFERENCE, log_level="info")
    line = "wqlite: rounding: double_away, with one output step double_away\n"
    assert line in capfd.readouterr().err


@each_runtime
@pytest.mark.skipif(IS_WITHOUT_AVX, reason="does not start itself")
def test_kernels_for_processors_without_avx(runtime: str) -> None:
    """A runtime reads the variable once: in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", __file__, "-k", f"single and {runtime}"],
        cwd=ROOT,
        env={**os.environ, **WITHOUT_AVX},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


@each_runtime
@pytest.mark.skipif(not IS_WITHOUT_AVX, reason="started by the test above")
def test_single_rounding(runtime: str, capfd: pytest.CaptureFixture[str]) -> None:
    sweep_layers(runtime, OPTIMISED)
    output(runtime, random_case(0), log_level="info")
    assert "wqlite: rounding: single, " in capfd.readouterr().err


@each_runtime
def test_the_options_fix_the_rules(runtime: str, capfd: pytest.CaptureFixture[str]) -> None:
    fixed = {"rounding": "double_away", "rounding_one_step": "double_away", "verify": "off"}
    differing = 0
    for seed in range(LAYERS):
        case = random_case(seed)
        wanted = output(runtime, case, REFERENCE)
        assert_equal(output(runtime, case, OPTIMISED, **fixed), wanted, case)
        differing += not np.array_equal(wanted, output(runtime, case))
    assert differing > 0  # or the options would not matter
    fixed = {"rounding": "single", "rounding_one_step": "double_up"}
    output(runtime, random_case(0), OPTIMISED, log_level="info", **fixed)
    assert "wqlite: rounding: single, with one output step double_up\n" in capfd.readouterr().err


def scaled_down(sums: npt.NDArray[np.int64], scale: float, rounding: str) -> npt.NDArray[np.int64]:
    """Sums * scale by one of RULES, in whole numbers."""
    mantissa, shift = math.frexp(scale)
    multiplier, right = round(mantissa * 2**31), max(-shift, 0)
    if rounding == "single":
        return (sums * multiplier + (1 << (30 - shift))) >> (31 - shift)
    high = ((sums << max(shift, 0)) * multiplier + (1 << 30)) >> 31
    half = (1 << right) >> 1
    if rounding == "double_up":
        return (high + half) >> right
    return np.sign(high) * ((np.abs(high) + half) >> right)


@pytest.mark.parametrize("rounding", RULES)
def test_conv1d_by_rule(rounding: str) -> None:
    rng = np.random.default_rng(0)
    signal = rng.integers(-128, 128, (1, 300, 16)).astype(np.int8)
    weights = rng.integers(-127, 128, (24, 1, 16)).astype(np.int8)
    # Powers of two make ties; a scale above 1 shifts left.
    scales = [2.0**power for power in range(-17, -5)] + list(rng.uniform(1e-4, 2, 12))
    sums = signal[0].astype(np.int64) @ weights[:, 0].T.astype(np.int64)
    columns = [scaled_down(sums[:, c], scale, rounding) for c, scale in enumerate(scales)]
    wanted = np.clip(np.stack(columns, axis=1) + 3, -128, 127)
    got = delegate.conv1d(
        signal, weights, filter_scale=scales, output_zero_point=3, rounding=rounding
    )
    np.testing.assert_array_equal(got[0], wanted)


def test_conv1d_rounds_as_tflite_runtime_2_14_by_default() -> None:
    usual = "double_up" if platform.machine() == "x86_64" else "double_away"
    signal = np.arange(-128, 128, dtype=np.int8).reshape(1, -1, 1)
    weights = np.full((1, 1, 1), 5, np.int8)
    results = {
        rule: delegate.conv1d(signal, weights, filter_scale=[2**-5], rounding=rule).tobytes()
        for rule in ("auto", *RULES)
    }
    assert [rule for rule in RULES if results[rule] == results["auto"]] == [usual]


def test_conv1d_refuses_other_rules() -> None:
    with pytest.raises(ValueError, match="rounding is 'up'; it must be one of 'auto', 'double_up'"):
        delegate.conv1d(np.ones((1, 9, 1), np.int8), np.ones((1, 1, 1), np.int8), rounding="up")
