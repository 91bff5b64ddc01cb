"""Option verify: each layer is compared with TFLite's own kernel before it runs."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.support.conv_model import ConvLayer, Quantisation, conv_chain
from tests.support.random_layers import random_case
from tests.support.runtimes import OPTIMISED, REFERENCE, RUNTIMES, infer, make_interpreter, resize
from wqlite import delegate

LAYERS = 40
each_runtime = pytest.mark.parametrize("runtime", RUNTIMES)


@each_runtime
@pytest.mark.parametrize("resolver", [OPTIMISED, REFERENCE])
@pytest.mark.parametrize("verify", ["quick", "full"])
def test_random_layers_pass(
    runtime: str, resolver: str, verify: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Other kernels than direct, too: small layers would not choose them."""
    options: list[dict[str, Any]] = [{}, {"algorithm": "winograd_s16", "memory_budget_mb": 0}]
    loaded = [
        delegate.load(runtime=runtime, log_level="info", verify=verify, strict=True, **more)
        for more in options
    ]
    for seed in range(LAYERS):
        case = random_case(seed)
        capfd.readouterr()
        interpreter = make_interpreter(
            runtime, case.model, [loaded[seed % 2]], allocate=False, resolver=resolver
        )
        try:
            interpreter.allocate_tensors()
        except RuntimeError as error:  # strict: a tile that is not exact for this layer
            assert "is refused" in str(error), case
            continue
        log = capfd.readouterr().err
        compared = re.findall(r"verify: node 0 'conv0': (\d+) bytes equal those of TFLite's", log)
        assert len(compared) == 1, f"{case}\n{log}"
        if verify == "full":
            made = np.prod(interpreter.get_output_details()[0]["shape"])
            assert int(compared[0]) == 4 * made


def tie_layer() -> ConvLayer:
    """A layer whose sums often lie at ties."""
    rng = np.random.default_rng(0)
    return ConvLayer(
        filter=rng.integers(-9, 10, (40, 5, 8)).astype(np.int8),
        bias=rng.integers(-99, 99, 40).astype(np.int32),
        filter_scale=np.full(40, 2**-6, np.float32),
        output=Quantisation(1, 3),
    )


@each_runtime
@pytest.mark.parametrize("verify", ["quick", "full"])
def test_a_layer_that_differs_is_left_to_tflite(
    runtime: str, verify: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The delegate is told a rule that is not the runtime's: only verify can notice."""
    model = conv_chain([tie_layer()], Quantisation(1), 1, 50)
    values = np.random.default_rng(1).integers(-128, 128, (1, 1, 50, 8)).astype(np.int8)
    wrong: dict[str, Any] = {"rounding": "double_up", "rounding_one_step": "double_up"}
    plain = make_interpreter(runtime, model, resolver=REFERENCE)  # double_away

    loaded = delegate.load(runtime=runtime, verify="off", **wrong)
    ours = make_interpreter(runtime, model, [loaded], resolver=REFERENCE)
    assert not np.array_equal(infer(ours, values), infer(plain, values))

    loaded = delegate.load(runtime=runtime, verify=verify, **wrong)
    ours = make_interpreter(runtime, model, [loaded], resolver=REFERENCE)
    line = r"node 0 'conv0': \d+ of \d+ bytes differ from those of TFLite's own kernel; left to"
    assert re.search(line, capfd.readouterr().err)
    np.testing.assert_array_equal(infer(ours, values), infer(plain, values))

    loaded = delegate.load(runtime=runtime, verify=verify, strict=True, **wrong)
    with pytest.raises(RuntimeError, match=line):
        make_interpreter(runtime, model, [loaded], resolver=REFERENCE)


@each_runtime
def test_a_new_length_is_verified_anew(runtime: str, capfd: pytest.CaptureFixture[str]) -> None:
    model = conv_chain([tie_layer()], Quantisation(1), 1, 50)
    loaded = delegate.load(runtime=runtime, verify="full", log_level="info")
    interpreter = make_interpreter(runtime, model, [loaded])
    for time in (50, 1, 33, 33):
        resize(interpreter, [1, 1, time, 8])
    lengths = re.findall(r"verify: node 0 'conv0': (\d+) bytes", capfd.readouterr().err)
    assert lengths == [str(4 * 40 * time) for time in (50, 1, 33)]
