"""The operator and the planner on numpy arrays."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.support import runtimes
from tests.support.random_layers import Case, random_case
from wqlite import delegate

CASES = 60
FILTER = np.ones((8, 7, 4), np.int8)
INPUT = np.ones((1, 20, 4), np.int8)


def arguments(case: Case) -> dict[str, Any]:
    layer = case.layer
    return {
        "filter": layer.filter,
        "bias": layer.bias,
        "stride": layer.stride,
        "dilation": layer.dilation,
        "padding": layer.padding.lower(),
        "input_scale": float(np.float32(case.source.scale)),
        "input_zero_point": case.source.zero_point,
        "filter_scale": [float(scale) for scale in layer.filter_scale],
        "output_scale": float(np.float32(layer.output.scale)),
        "output_zero_point": layer.output.zero_point,
        "activation": layer.activation.lower(),
    }


@pytest.mark.parametrize("algorithm", ["auto", "direct", "winograd_s16"])
def test_conv1d_equals_tflite(algorithm: str) -> None:
    for seed in range(CASES):
        case = random_case(seed)
        # The kernels that round alike on every machine.
        tflite = runtimes.make_interpreter(
            "tflite_runtime", case.model, resolver=runtimes.REFERENCE
        )
        want = runtimes.infer(tflite, case.input)
        batch, channels = case.input.shape[0], case.layer.in_channels
        signal = case.input.reshape(batch, -1, channels)
        got = delegate.conv1d(
            signal, algorithm=algorithm, rounding="double_away", **arguments(case)
        )
        np.testing.assert_array_equal(got.ravel(), want.ravel(), err_msg=str(case))


def test_threads_do_not_change_the_output() -> None:
    case = random_case(3)
    signal = case.input.reshape(case.input.shape[0], -1, case.layer.in_channels)
    one = delegate.conv1d(signal, **arguments(case))
    np.testing.assert_array_equal(delegate.conv1d(signal, num_threads=4, **arguments(case)), one)


def plan(**options: Any) -> Any:
    rng = np.random.default_rng(0)
    weights = rng.integers(-127, 128, (250, 7, 250)).astype(np.int8)
    return delegate.plan_conv1d(weights, time_steps=148, **options)


def test_plan_names_kernel_tile_proof_cost_and_memory() -> None:
    chosen = plan(algorithm="winograd_s16", memory_budget_mb=100)
    assert chosen.kernel == "winograd_s16"
    assert chosen.tile in {tile["name"] for tile in delegate.tiles()}
    assert chosen.proof["exact"]
    assert 0 < chosen.proof["max_input"] <= 32767
    assert 0 < chosen.proof["max_weight"] <= 32767
    assert 0 < chosen.proof["max_sum"] < 2**31
    assert chosen.cost > 0
    assert chosen.weights_ahead
    assert chosen.weight_bytes > 7 * 250 * 250
    assert chosen.scratch_bytes > 0
    assert chosen.reason
    assert chosen.kernel in repr(chosen)


def test_the_budget_decides_where_weights_are_transformed() -> None:
    lean = plan(algorithm="winograd_s16", memory_budget_mb=0)
    rich = plan(algorithm="winograd_s16", memory_budget_mb=100)
    half = plan(algorithm="winograd_s16", memory_budget_mb=rich.weight_bytes / 2**21)
    assert 0 < half.ahead_groups < half.channel_groups
    assert rich.cost < half.cost < lean.cost
    assert not lean.weights_ahead
    assert lean.weight_bytes == 0
    assert rich.weights_ahead


def test_the_default_budget_is_one_point_four_times_the_weights() -> None:
    assert plan().weight_bytes <= 1.4 * 250 * 7 * 250
    assert plan(memory_budget_mb=1.4 * 250 * 7 * 250 / 2**20).cost == plan().cost


def test_auto_is_never_dearer_than_a_forced_kernel() -> None:
    auto = plan()
    assert auto.cost <= plan(algorithm="direct").cost
    for tile in delegate.tiles():
        assert auto.cost <= plan(tile=tile["name"]).cost


def test_direct_is_used_where_no_proof_holds() -> None:
    """So many weights of 127 that no tile's sums fit: direct, and the reason says so."""
    heavy = np.full((1, 64, 2100), 127, np.int8)
    tile = "F(2,2)xF(2,2)xF(4,4)"
    chosen = delegate.plan_conv1d(heavy, time_steps=100, tile=tile)
    assert chosen.kernel == "direct"
    assert not chosen.proof["exact"]
    assert chosen.proof["max_sum"] >= 2**31
    assert tile in chosen.refusal
    assert "sums could overflow int32" in chosen.refusal
    signal = np.full((1, 100, 2100), 127, np.int8)
    scales: dict[str, Any] = {"input_zero_point": -128, "output_scale": 1e7}
    forced = delegate.conv1d(signal, heavy, tile=tile, **scales)
    np.testing.assert_array_equal(
        forced, delegate.conv1d(signal, heavy, algorithm="direct", **scales)
    )


def test_isa_is_one_that_has_kernels() -> None:
    assert delegate.isa() in {"portable", "avx2", "avx512vnni", "neon32"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"algorithm": "fast"}, "algorithm is 'fast'; it must be one of 'auto', 'direct'"),
        ({"tile": "F(9,9)"}, "tile is 'F(9,9)'; wqlite.delegate.tiles() lists"),
        ({"padding": "causal"}, "padding is 'causal'; it must be one of 'same', 'valid'"),
        ({"activation": "tanh"}, "activation is 'tanh'; it must be one of 'none'"),
        ({"stride": 0}, "stride is 0; it must be at least 1"),
        ({"dilation": -1}, "dilation is -1; it must be at least 1"),
        ({"input_zero_point": 128}, "input_zero_point is 128; an int8 zero point"),
        ({"output_zero_point": -129}, "output_zero_point is -129"),
        ({"filter_scale": [1.0, 2.0]}, "filter_scale has 2 values"),
        ({"output_scale": 0.0}, "output_scale must be positive and finite"),
        ({"output_scale": float("nan")}, "output_scale must be positive and finite"),
        ({"input_scale": -1.0, "output_scale": -1.0}, "input_scale must be positive and finite"),
        ({"filter_scale": [float("inf")]}, "filter_scale must be positive and finite"),
        ({"input_scale": 1e-200, "filter_scale": [1e-200]}, "input_scale * filter_scale / output"),
        ({"bias": np.zeros(3, np.int32)}, "bias has 3 values; the filter has 8"),
        ({"memory_budget_mb": -1.0}, "memory_budget_mb must be 0 or more"),
        ({"num_threads": 0}, "num_threads is 0; it must be at least 1 and at most 64"),
        ({"num_threads": 65}, "num_threads is 65; it must be at least 1 and at most 64"),
        ({"stride": 2**30 + 1}, "stride is 1073741825; it must be at least 1 and at most 2^30"),
        ({"dilation": 2**28}, "the filter reaches over more than 2^30 time steps"),
        ({"filter": np.ones((0, 7, 4), np.int8)}, "out_channels is 0; it must be at least 1"),
        ({"filter": np.ones((8, 7, 0), np.int8)}, "in_channels is 0; it must be at least 1"),
        ({"memory_budget_mb": float("nan")}, "memory_budget_mb must be 0 or more"),
        ({"padding": "valid", "dilation": 9}, "reaches over more than the input's 20"),
        ({"filter": np.ones((8, 7), np.int8)}, "filter has 2 axes"),
        ({"input": np.ones((1, 20, 5), np.int8)}, "input must be [batch, time, 4]"),
        ({"input": np.ones((1, 0, 4), np.int8)}, "the input is empty"),
    ],
)
def test_refusals(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        delegate.conv1d(**{"input": INPUT, "filter": FILTER, **change})


def test_a_stride_or_dilation_beyond_the_input() -> None:
    """Phases and residues that no output sees take no memory and change nothing."""
    changes: list[dict[str, Any]] = [
        *({"stride": stride} for stride in (2**30, 100)),
        *({"dilation": dilation} for dilation in (2**27, 100)),
    ]
    for beyond in changes:
        expected = delegate.conv1d(INPUT, FILTER, algorithm="direct", output_scale=9.0, **beyond)
        for tile in delegate.tiles():
            planned = delegate.plan_conv1d(FILTER, time_steps=20, tile=tile["name"], **beyond)
            assert planned.scratch_bytes < 1 << 20
            got = delegate.conv1d(INPUT, FILTER, tile=tile["name"], output_scale=9.0, **beyond)
            np.testing.assert_array_equal(got, expected)


def test_more_steps_than_can_be_counted_are_refused() -> None:
    """So many that their number, or the bytes that they take, exceed 32 or 64 bits."""
    for batch, steps in ((2**16, 2**16), (2**30, 2**30), (1, 2**30 + 1), (2**30 + 1, 1)):
        with pytest.raises(ValueError, match="is larger than this machine can address"):
            delegate.plan_conv1d(FILTER, time_steps=steps, batch=batch)
    # Pages of zeros that nothing reads: they take no memory.
    many = np.zeros((2**15 + 1, 2**15, 1), np.int8)
    with pytest.raises(ValueError, match="is larger than this machine can address"):
        delegate.conv1d(many, np.ones((1, 1, 1), np.int8))


def test_memory_that_is_not_there_is_a_memory_error() -> None:
    """2^25 steps of 2^24 taps: direct would take more than any machine has."""
    long = np.ones((1, 2**24, 1), np.int8)
    with pytest.raises(MemoryError, match="no memory for"):
        delegate.conv1d(np.zeros((1, 2**25, 1), np.int8), long, algorithm="direct")
