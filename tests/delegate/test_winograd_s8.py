"""winograd_s8: exact where it is proved to be, or refused with a reason."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.conv_model import ConvLayer, ModelBuilder, Quantisation, schema
from tests.support.random_rsq import (
    BAND,
    BANDS,
    NODE,
    largest_transformed,
    random_rsq_case,
    range_scaled,
)
from tests.support.runtimes import RUNTIMES, import_in_order, infer, make_interpreter, plans
from wqlite import delegate

LAYERS = 150
BAND_HIGHEST = {"F(2,3)": -1, "F(2,3)xF(2,2)": -65}
each_runtime = pytest.mark.parametrize("runtime", RUNTIMES)
each_tile = pytest.mark.parametrize("tile", BANDS)


def rsq_layer(channels: int, out: int, width: int, **fields: Any) -> ConvLayer:
    rng = np.random.default_rng(width)
    return range_scaled(
        ConvLayer(
            filter=np.clip(rng.normal(0, 36, (out, width, channels)), -127, 127).astype(np.int8),
            bias=rng.integers(-999, 999, out).astype(np.int32),
            filter_scale=rng.uniform(0.001, 0.003, out).astype(np.float32),
            output=BAND,
            **{"activation": "RELU6", **fields},
        )
    )


def signal(*shape: int) -> npt.NDArray[np.int8]:
    return np.random.default_rng(0).integers(-128, 128, shape).astype(np.int8)


# Exactness.


@each_tile
@each_runtime
def test_equals_tflite(
    runtime: str, tile: str, sweep: int, capfd: pytest.CaptureFixture[str]
) -> None:
    request = f"{NODE}=winograd_s8/{tile}"
    loaded = delegate.load(runtime=runtime, log_level="info", override=request)
    band = f"inputs in [-128, {BAND_HIGHEST[tile]}]"
    ran = 0
    for seed in range(LAYERS * sweep):
        case = random_rsq_case(seed, tile)
        wanted = infer(make_interpreter(runtime, case.model), case.input)
        capfd.readouterr()
        got = infer(make_interpreter(runtime, case.model, [loaded]), case.input)
        log = capfd.readouterr().err
        np.testing.assert_array_equal(got, wanted, err_msg=str(case))
        kernels = {node: kernel for node, kernel, _ in plans(log)}
        ran += kernels[NODE] == "winograd_s8" and band in log
    assert ran > LAYERS * sweep * 0.9, f"only {ran} layers ran on winograd_s8"


# The proof.


def plan(**options: Any) -> Any:
    return delegate.plan_conv1d(**{"algorithm": "winograd_s8", "time_steps": 148, **options})


def band_plan(filter: npt.NDArray[np.int8], **options: Any) -> Any:
    band = {"input_min": -128, "input_max": -1, "input_zero_point": -128}
    return plan(filter=filter, **{**band, **options})


def one_weight(*taps: int) -> npt.NDArray[np.int8]:
    weights = np.zeros((9, len(taps), 5), np.int8)
    weights[8, :, 4] = taps
    return weights


@pytest.mark.parametrize(
    ("taps", "largest"),
    [
        ((127, 0, 0), 127),
        ((0, 0, -127), 127),
        ((42, 43, 42), 127),
        ((42, 43, 43), 128),
        ((-42, 43, -43), 128),
        ((100, 0, 27, 0, 0, 100, 0), 127),
        ((100, 0, 28, 0, 0, 100, 0), 128),
        ((0, 0, 100, 100, 0, 0), 100),  # two groups
    ],
)
def test_weights_are_checked_one_by_one(taps: tuple[int, ...], largest: int) -> None:
    made = band_plan(one_weight(*taps), tile="F(2,3)", memory_budget_mb=100)
    assert (made.kernel == "winograd_s8") == (largest <= 127)
    if largest <= 127:
        assert made.proof["max_weight"] == largest
        assert made.weights_ahead
    else:
        assert made.refusal.startswith(
            "winograd_s8/F(2,3) is refused: transformed weights overflow int8; "
        )
        assert made.refusal.endswith(" is used instead")


@each_tile
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("width", [1, 2, 3, 5, 7, 12])
def test_the_proof_and_the_training_agree_on_which_taps_meet(
    width: int, stride: int, tile: str
) -> None:
    import_in_order()
    from wqlite.converter.rsq import tiles, transformed_range

    trained = tiles.TILES[tile]
    rng = np.random.default_rng(width)
    most = trained.worst_case
    weights = rng.integers(-most, most + 1, (4, width, 3)).astype(np.int8)
    wanted = largest_transformed(weights.astype(np.float64), stride, tile).max()
    made = band_plan(weights, stride=stride, tile=tile, input_max=BAND_HIGHEST[tile])
    assert made.proof["max_weight"] == wanted
    kernel = np.moveaxis(weights.astype(np.float32), 0, -1)  # Keras: [width, in, out]
    groups = transformed_range.tap_groups(kernel, stride, trained)
    assert np.max(transformed_range.largest_transformed(groups, trained)) == wanted


@each_tile
def test_the_proof_and_the_training_agree_on_the_band(tile: str) -> None:
    import_in_order()
    from wqlite.converter.rsq import tiles

    levels = tiles.TILES[tile].band_levels
    weights = one_weight(1, 2, 3, 4, 5, 6)
    for low in (-128, -100, 127 - levels):
        band = {"input_min": low, "input_zero_point": low, "tile": tile}
        assert plan(filter=weights, input_max=low + levels - 1, **band).refusal == ""
        assert plan(filter=weights, input_max=low + levels, **band).refusal.startswith(
            f"winograd_s8/{tile} is refused: transformed inputs could overflow int8, as they come "
            f"from [{low}, {low + levels}]; "
        )


@pytest.mark.parametrize(
    ("low", "high", "zero_point", "proved"),
    [
        (-128, -1, -128, True),
        (-128, 0, -128, False),
        (0, 127, 0, True),
        (0, 127, -1, False),  # the padding counts
        (-64, 63, 5, True),
        (-65, 63, 5, False),
        (-128, 127, 0, False),
        (7, 7, 7, True),
    ],
)
def test_the_band_decides(low: int, high: int, zero_point: int, proved: bool) -> None:
    made = band_plan(
        one_weight(1, 2, 3), input_min=low, input_max=high, input_zero_point=zero_point
    )
    assert (made.kernel == "winograd_s8") == proved
    if proved:
        assert f"inputs in [{low}, {high}]" in made.reason
        assert made.proof["exact"]
        assert made.proof["max_input"] <= 128
    else:
        assert made.refusal.startswith(
            "winograd_s8 is refused: transformed inputs could overflow int8, as they come from "
            f"[{low}, {high}]; "
        )


def test_narrower_bands_admit_larger_tiles() -> None:
    weights = one_weight(1, 1, 1, 1, 1, 1, 1, 1)
    assert not band_plan(weights, tile="F(4,4)", input_max=-120).refusal
    refused = band_plan(weights, tile="F(4,4)", input_max=-119)
    assert refused.refusal.startswith("winograd_s8/F(4,4) is refused: ")
    assert band_plan(weights, tile="F(2,2)").kernel == "winograd_s8"


def test_the_proof_is_tight() -> None:
    """Inputs at both ends of the band, in every order: as far as V can go."""
    rng = np.random.default_rng(0)
    weights = range_scaled(
        ConvLayer(
            rng.integers(-127, 128, (8, 3, 16)).astype(np.int8),
            None,
            np.ones(1, np.float32),
            Quantisation(1),
        )
    ).filter
    for low in (-128, -100, 0):
        values = rng.choice([low, low + 127], (2, 200, 16)).astype(np.int8)
        options: dict[str, Any] = {
            "filter": weights,
            "input_min": low,
            "input_max": low + 127,
            "input_zero_point": low,
            "output_scale": 2000.0,
        }
        np.testing.assert_array_equal(
            delegate.conv1d(values, algorithm="winograd_s8", **options),
            delegate.conv1d(values, algorithm="direct", **options),
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_min": -129}, "inputs from -129 to 127; the range must lie in [-128, 127]"),
        ({"input_min": 3, "input_max": 2}, "inputs from 3 to 2; the range must lie"),
        ({"input_max": -5}, "the input holds -4, which is not between input_min, -128, and"),
    ],
)
def test_operator_refusals(change: dict[str, Any], message: str) -> None:
    values = np.full((1, 9, 5), -4, np.int8)
    with pytest.raises(ValueError, match=re.escape(message)):
        delegate.conv1d(values, one_weight(1, 2, 3), **change)


# What the planner does with it.


def test_auto_takes_it_where_it_is_cheaper() -> None:
    rng = np.random.default_rng(0)
    weights = np.clip(rng.normal(0, 12, (250, 3, 250)), -42, 42).astype(np.int8)
    for core in ("one_pipe", "two_pipe"):
        options: dict[str, Any] = {"filter": weights, "core": core, "memory_budget_mb": 100}
        auto = band_plan(algorithm="auto", **options)
        int8 = band_plan(**options)
        int16 = band_plan(algorithm="winograd_s16", **options)
        direct = band_plan(algorithm="direct", **options)
        assert auto.cost == min(int8.cost, int16.cost, direct.cost)
        assert plan(algorithm="auto", **options).kernel != "winograd_s8"
    assert band_plan(weights, algorithm="auto", memory_budget_mb=0).kernel != "winograd_s8"


def test_a_budget_that_is_too_small_is_said() -> None:
    made = band_plan(one_weight(1, 2, 3), memory_budget_mb=0)
    assert made.refusal.startswith("its weights transformed ahead take ")
    assert made.kernel != "winograd_s8"


# Graphs: where the band comes from.


def log_of(model: bytes, values: npt.NDArray[np.int8], capfd: Any, **options: str) -> str:
    """The delegate's log, after a comparison with TFLite."""
    runtime = RUNTIMES[0]
    loaded = delegate.load(runtime=runtime, log_level="info", **options)
    wanted = infer(make_interpreter(runtime, model), values)
    capfd.readouterr()
    got = infer(make_interpreter(runtime, model, [loaded]), values)
    np.testing.assert_array_equal(got, wanted)
    return str(capfd.readouterr().err)


def line_of(node: int, log: str) -> str:
    found = re.search(rf"^wqlite: node {node} .*kernel=.*$", log, re.M)
    assert found, log
    return found[0]


def after_relu6(between: Any) -> bytes:
    """RELU6, what `between` adds, then a layer of width 3; that one is node 2."""
    builder = ModelBuilder()
    source = builder.input([1, 1, 40, 8], Quantisation(0.05, 3))
    banded = builder.conv(source, rsq_layer(8, 8, 1), "banded")
    return builder.build(builder.conv(between(builder, banded), rsq_layer(8, 8, 3), "last"))


@pytest.mark.parametrize("move", ["reshape", "RELU6", "RELU"])
def test_the_band_passes_what_stands_between(move: str, capfd: pytest.CaptureFixture[str]) -> None:
    def between(builder: ModelBuilder, tensor: Any) -> Any:
        if move == "reshape":
            return builder.reshape(tensor, [1, 1, -1, 8])
        return builder.unary(tensor, move, BAND)

    log = log_of(after_relu6(between), signal(1, 1, 40, 8), capfd, override="2=winograd_s8/F(2,3)")
    assert "kernel=winograd_s8 tile=F(2,3)" in line_of(2, log)
    assert "inputs in [-128, -1] less -64 give |V| <= 128" in line_of(2, log)


def test_other_operators_hide_the_band(capfd: pytest.CaptureFixture[str]) -> None:
    def between(builder: ModelBuilder, tensor: Any) -> Any:
        return builder.unary(tensor, "ABS", BAND)

    log = log_of(after_relu6(between), signal(1, 1, 40, 8), capfd, override="2=winograd_s8")
    assert "kernel=winograd_s8" not in line_of(2, log)
    assert "node 2 'last': winograd_s8 is refused: transformed inputs could overflow int8" in log


def clamped(builder: ModelBuilder, code: str, kind: str, **fields: Any) -> bytes:
    """An operator with a fused RELU6 into the band, then a layer of width 3, which is node 1."""
    pools = kind == "Pool2DOptions"
    source = builder.input([1, 1, 40, 8], BAND if pools else Quantisation(0.05, 3))
    inputs = [source.index]
    rng = np.random.default_rng(0)
    scale = np.full(1, 0.02, np.float32)
    if kind in ("AddOptions", "SubOptions", "MulOptions"):
        inputs.append(builder.input([1, 1, 40, 8], Quantisation(0.03, -7), "other").index)
    elif not pools:
        shape = [8, 8] if kind == "FullyConnectedOptions" else [1, 1, 3, 8]
        weights = rng.integers(-127, 128, shape).astype(np.int8)
        inputs.append(builder.constant("weights", weights, scale))
        if kind == "DepthwiseConv2DOptions":
            builder.graph.tensors[inputs[-1]].quantization.quantizedDimension = 3
        bias = np.zeros(8, np.int32)
        inputs.append(builder.constant("bias", bias, scale * np.float32(0.05)))
    output = builder.tensor("clamped", [1, 1, 40, 8], BAND)
    options = getattr(schema, f"{kind}T")()
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU6
    for name, value in fields.items():
        setattr(options, name, value)
    builder.operator(code, inputs, [output], kind, options)
    return builder.build(builder.conv(output, rsq_layer(8, 8, 3), "last"))


WINDOW = {"strideW": 1, "strideH": 1, "filterWidth": 3, "filterHeight": 1}
FUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "ADD": ("AddOptions", {}),
    "SUB": ("SubOptions", {}),
    "MUL": ("MulOptions", {}),
    "FULLY_CONNECTED": ("FullyConnectedOptions", {"keepNumDims": True}),
    "DEPTHWISE_CONV_2D": (
        "DepthwiseConv2DOptions",
        {"strideW": 1, "strideH": 1, "depthMultiplier": 1},
    ),
    "AVERAGE_POOL_2D": ("Pool2DOptions", WINDOW),
    "MAX_POOL_2D": ("Pool2DOptions", WINDOW),
}


@each_runtime
@pytest.mark.parametrize("code", FUSED)
def test_the_clamp_of_other_operators_counts(
    runtime: str, code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    kind, fields = FUSED[code]
    model = clamped(ModelBuilder(), code, kind, **fields)
    loaded = delegate.load(runtime=runtime, log_level="info", override="1=winograd_s8", strict=True)
    ours = make_interpreter(runtime, model, [loaded])
    assert "inputs in [-128, -1]" in line_of(1, capfd.readouterr().err)
    plain = make_interpreter(runtime, model)
    for interpreter in (plain, ours):
        for detail in interpreter.get_input_details():
            interpreter.set_tensor(detail["index"], signal(*detail["shape"]))
        interpreter.invoke()
    output = plain.get_output_details()[0]["index"]
    np.testing.assert_array_equal(ours.get_tensor(output), plain.get_tensor(output))


def test_the_clamp_of_a_layer_that_is_not_1d_counts(capfd: pytest.CaptureFixture[str]) -> None:
    builder = ModelBuilder()
    source = builder.input([1, 2, 20, 8], Quantisation(0.05, 3))
    flat = builder.reshape(builder.conv(source, rsq_layer(8, 8, 1), "plane"), [1, 1, 40, 8])
    model = builder.build(builder.conv(flat, rsq_layer(8, 8, 3), "last"))
    log = log_of(model, signal(1, 2, 20, 8), capfd, override="2=winograd_s8")
    assert [node for node, _, _ in plans(log)] == [2]
    assert "inputs in [-128, -1]" in line_of(2, log)


def test_a_chain_is_proved_but_for_its_first_layer(capfd: pytest.CaptureFixture[str]) -> None:
    builder = ModelBuilder()
    tensor = builder.input([1, 1, 60, 8], Quantisation(0.05, 3))
    for name, one in {
        "first": rsq_layer(8, 16, 3),
        "second": rsq_layer(16, 16, 5, stride=2),
        "third": rsq_layer(16, 8, 7, dilation=2),
    }.items():
        tensor = builder.conv(tensor, one, name)
    for threads in ("1", "3"):
        log = log_of(
            builder.build(tensor),
            signal(1, 1, 60, 8),
            capfd,
            algorithm="winograd_s8",
            num_threads=threads,
        )
        assert [kernel for _, kernel, _ in plans(log)][1:] == ["winograd_s8"] * 2
        assert log.count("node 0 'first': winograd_s8 is refused: transformed inputs could") == 1
        assert log.count("refused") == 1
        assert "inputs in [-128, -1]" in line_of(1, log)
        assert "inputs in [-128, -1]" in line_of(2, log)
        assert re.search(r"override=0=\S+\+1=winograd_s8/F\(2,\d\)\+2=", log)


def test_strict_refuses_inputs_without_a_band() -> None:
    builder = ModelBuilder()
    source = builder.input([1, 1, 40, 8], Quantisation(0.05, 3))
    model = builder.build(builder.conv(source, rsq_layer(8, 8, 3), "only"))
    with pytest.raises(
        delegate.DelegateError,
        match=r"strict: node 0 'only': winograd_s8 is refused: transformed inputs could overflow "
        r"int8, as they come from \[-128, 127\]; \S+ is used instead",
    ):
        delegate.interpreter(model, algorithm="winograd_s8", strict=True)
