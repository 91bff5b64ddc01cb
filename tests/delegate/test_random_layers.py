"""Random layers: every path of the delegate equals TFLite's built-in kernels, byte for byte."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.paths import Path, all_paths
from tests.support.random_layers import Case, random_case
from tests.support.runtimes import RUNTIMES, infer, make_interpreter, plans
from wqlite import delegate

LAYERS = 1000

case_of = cache(random_case)


@cache
def expected(runtime: str, seed: int) -> npt.NDArray[np.int8]:
    case = case_of(seed)
    return infer(make_interpreter(runtime, case.model), case.input)


def check(case: Case, runtime: str, loaded: Any, name: str) -> None:
    wanted = expected(runtime, case.seed)
    got = infer(make_interpreter(runtime, case.model, [loaded]), case.input)
    assert got.shape == wanted.shape, f"{name}: {case}"
    differing = int(np.count_nonzero(got != wanted))
    assert differing == 0, f"{name}: {differing} of {got.size} bytes differ; {case}"


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("path", all_paths(), ids=lambda path: path.name)
def test_equals_tflite(
    path: Path, runtime: str, sweep: int, capfd: pytest.CaptureFixture[str]
) -> None:
    loaded = delegate.load(runtime=runtime, log_level="info", **path.options)
    wanted = LAYERS * sweep
    ran = 0
    for seed in range(wanted + wanted // 10):  # a tenth may be refused by the exactness proof
        capfd.readouterr()
        check(case_of(seed), runtime, loaded, path.name)
        log = capfd.readouterr().err
        assert plans(log), f"the delegate did not take the layer: {case_of(seed)}\n{log}"
        ran += path.ran(log)
        if ran == wanted:
            break
    assert ran == wanted, f"only {ran} layers ran on {path.name}"


def test_cases_reach_what_they_promise() -> None:
    """A generator that stopped making a corner case would hide that it is no longer tested."""
    cases = [case_of(seed) for seed in range(LAYERS)]
    layers = [case.layer for case in cases]
    times = [max(case.input.shape[1:3]) for case in cases]
    reached = {
        "one time step": 1 in times,
        "filter longer than input": any(
            layer.filter.shape[1] > time for layer, time in zip(layers, times, strict=True)
        ),
        "one channel": any(layer.in_channels == 1 and layer.out_channels == 1 for layer in layers),
        "odd channels": any(layer.in_channels % 2 and layer.out_channels % 2 for layer in layers),
        "both axes": {layer.axis for layer in layers} == {"width", "height"},
        "both paddings": {layer.padding for layer in layers} == {"SAME", "VALID"},
        "all activations": len({layer.activation for layer in layers}) == 4,
        "strides": {layer.stride for layer in layers} == {1, 2, 3},
        "dilations": {layer.dilation for layer in layers} >= {1, 2, 3},
        "widths": {layer.filter.shape[1] for layer in layers} >= {1, 2, 3, 7, 32, 48, 64},
        "batch": any(case.input.shape[0] > 1 for case in cases),
        "per tensor": any(len(layer.filter_scale) == 1 for layer in layers),
        "input zero points": {case.source.zero_point for case in cases} >= {-128, 127},
        "output zero points": {layer.output.zero_point for layer in layers} >= {-128, 127},
        "weights of -128": any((layer.filter == -128).any() for layer in layers),
        "largest sums": any(
            (case.input == -128).all() and np.isin(case.layer.filter, (-128, 127)).all()
            for case in cases
        ),
    }
    assert all(reached.values()), [name for name, value in reached.items() if not value]
    # Outputs must not all sit at their clamps, where any sum looks right.
    spread = [len(np.unique(expected(RUNTIMES[0], case.seed))) for case in cases]
    assert np.mean(spread) > 30
