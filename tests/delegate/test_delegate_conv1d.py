"""Whole models through the delegate: chains, mixed graphs, new sizes, threads, and bad input."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.conv_model import (
    ConvLayer,
    ModelBuilder,
    Quantisation,
    conv_chain,
    expand,
    schema,
)
from tests.support.environment import ROOT
from tests.support.paths import all_paths
from tests.support.runtimes import RUNTIMES, infer, make_interpreter, module_of, plans, resize
from wqlite import delegate

SOURCE = Quantisation(0.1, -5)
each_runtime = pytest.mark.parametrize("runtime", RUNTIMES)


def layer(in_channels: int, out_channels: int, width: int, **fields: Any) -> ConvLayer:
    rng = np.random.default_rng(in_channels + 100 * out_channels + 10_000 * width)
    made = ConvLayer(
        filter=rng.integers(-127, 128, (out_channels, width, in_channels)).astype(np.int8),
        bias=rng.integers(-9999, 9999, out_channels).astype(np.int32),
        filter_scale=rng.uniform(0.001, 0.003, out_channels).astype(np.float32),
        output=Quantisation(0.1 * np.sqrt(width * in_channels), 3),
    )
    return replace(made, **fields)


def signal(*shape: int, seed: int = 0) -> npt.NDArray[np.int8]:
    return np.random.default_rng(seed).integers(-128, 128, shape).astype(np.int8)


def assert_same(runtime: str, model: bytes, values: npt.NDArray[np.int8], **options: Any) -> None:
    loaded = delegate.load(runtime=runtime, **options)
    wanted = infer(make_interpreter(runtime, model), values)
    got = infer(make_interpreter(runtime, model, [loaded]), values)
    np.testing.assert_array_equal(got, wanted)


# Corners of one layer, on every path.

CORNERS: dict[str, tuple[ConvLayer, int]] = {  # layer, time steps
    "one time step": (layer(5, 6, 7), 1),
    "one channel": (layer(1, 1, 5), 20),
    "odd channels": (layer(13, 29, 4), 23),
    "filter longer than input": (layer(3, 4, 48), 5),
    "exactly one VALID output": (layer(3, 4, 8, padding="VALID"), 8),
    "stride beyond the filter": (layer(4, 4, 2, stride=5), 33),
    "dilation beyond the input": (layer(4, 4, 3, dilation=40), 16),
    "width 1 with a stride": (layer(8, 8, 1, stride=2), 17),
    "one scale": (layer(6, 7, 3, filter_scale=np.array([0.002], np.float32)), 16),
    "height as time": (layer(6, 7, 3, axis="height", stride=2), 16),
    "clamped to one value": (
        layer(4, 4, 3, activation="RELU6", output=Quantisation(0.1, 127)),
        12,
    ),
}


@pytest.mark.parametrize("path", all_paths(), ids=lambda path: path.name)
@pytest.mark.parametrize("corner", CORNERS)
def test_corner(corner: str, path: Any, capfd: pytest.CaptureFixture[str]) -> None:
    one, time = CORNERS[corner]
    model = conv_chain([one], SOURCE, 2, time)
    values = signal(*expand(one.axis, 2, time, one.in_channels))
    assert_same(RUNTIMES[0], model, values, log_level="info", **path.options)
    assert path.ran(capfd.readouterr().err)


@pytest.mark.parametrize("path", all_paths(), ids=lambda path: path.name)
@pytest.mark.parametrize("zero_point", [-128, 127])
@pytest.mark.parametrize("value", [-128, 127])
@pytest.mark.parametrize("weight", [-127, 127])
def test_largest_sums(path: Any, zero_point: int, value: int, weight: int) -> None:
    filled = np.full((8, 32, 64), weight, np.int8)
    one = layer(64, 8, 32, filter=filled, output=Quantisation(40.0, -zero_point - 1))
    values = np.full((1, 1, 40, 64), value, np.int8)
    model = conv_chain([one], Quantisation(0.1, zero_point), 1, 40)
    assert_same(RUNTIMES[0], model, values, **path.options)


# Graphs.


@each_runtime
@pytest.mark.parametrize("threads", [1, 4])
def test_chain_is_one_partition(
    runtime: str, threads: int, capfd: pytest.CaptureFixture[str]
) -> None:
    chain = [layer(5, 8, 3), layer(8, 16, 7, stride=2, activation="RELU"), layer(16, 4, 1)]
    model = conv_chain(chain, SOURCE, 1, 60)
    assert_same(runtime, model, signal(1, 1, 60, 5), num_threads=threads, log_level="info")
    log = capfd.readouterr().err
    assert [node for node, _, _ in plans(log)] == [0, 1, 2]
    assert "took 3 of 3 Conv1D layers" in log


def mixed_model(time: int = 40, shape_tensor: bool = False) -> bytes:
    """conv, ABS, two convs with an inner tensor that is also an output, RESHAPE, conv."""
    builder = ModelBuilder()
    first = builder.conv(builder.input([1, 1, time, 5], SOURCE), layer(5, 8, 3), "first")
    second = builder.conv(builder.unary(first, "ABS"), layer(8, 8, 7), "second")
    third = builder.conv(second, layer(8, 8, 3, dilation=2), "third")
    shape = builder.shape_input(4) if shape_tensor else [1, 1, -1, 8]
    reshaped = builder.reshape(third, shape)
    return builder.build(builder.conv(reshaped, layer(8, 4, 5), "fourth"), second)


@each_runtime
def test_mixed_graph(runtime: str) -> None:
    model = mixed_model()
    plain = make_interpreter(runtime, model)
    ours = make_interpreter(runtime, model, [delegate.load(runtime=runtime)])
    values = signal(1, 1, 40, 5)
    np.testing.assert_array_equal(infer(ours, values), infer(plain, values))
    tapped = plain.get_output_details()[1]["index"]
    np.testing.assert_array_equal(ours.get_tensor(tapped), plain.get_tensor(tapped))


@each_runtime
def test_resize_between_invokes(runtime: str) -> None:
    model = mixed_model()
    plain = make_interpreter(runtime, model)
    ours = make_interpreter(runtime, model, [delegate.load(runtime=runtime)])
    for time in (40, 7, 133, 133, 1, 40):
        values = signal(1, 1, time, 5, seed=time)
        for interpreter in (plain, ours):
            resize(interpreter, [1, 1, time, 5])
        np.testing.assert_array_equal(infer(ours, values), infer(plain, values))


@each_runtime
def test_resize_to_rows(runtime: str) -> None:
    """A filter of height 1 stays a 1-D convolution where the input becomes an image."""
    model = conv_chain([layer(5, 8, 3)], SOURCE, 1, 16)
    plain = make_interpreter(runtime, model)
    ours = make_interpreter(runtime, model, [delegate.load(runtime=runtime)])
    for interpreter in (plain, ours):
        resize(interpreter, [2, 3, 16, 5])
    values = signal(2, 3, 16, 5)
    np.testing.assert_array_equal(infer(ours, values), infer(plain, values))


ODD_SHAPES: dict[str, list[int]] = {
    "rows that the filter spans": [1, 16, 3, 5],
    "a batch of images": [2, 6, 4, 5],
    "no time": [1, 0, 1, 5],
    "no batch": [0, 16, 1, 5],
    "no width": [1, 16, 0, 5],
    "other channels": [1, 16, 1, 6],
    "groups": [1, 16, 1, 40],
    "three dimensions": [1, 16, 5],
    "longer than the filter again": [1, 9, 1, 5],
    "shorter than the filter": [1, 3, 1, 5],
}


def outcome(interpreter: Any, shape: list[int]) -> npt.NDArray[np.int8] | str:
    """What TFLite makes of the shape, or its error."""
    try:
        resize(interpreter, shape)
        return infer(interpreter, signal(*shape))
    except (RuntimeError, ValueError) as error:
        return str(error).split("Node number")[0]


@each_runtime
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_resize_to_any_shape_gives_what_tflite_gives(
    runtime: str, padding: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same bytes or the same error, one shape after another in one interpreter."""
    one = layer(5, 8, 4, padding=padding, axis="height")
    builder = ModelBuilder()
    conv = builder.conv(builder.input([1, 16, 1, 5], SOURCE), one)
    model = builder.build(builder.conv(builder.leaky_relu(conv), layer(8, 4, 1)))
    plain = make_interpreter(runtime, model)
    ours = make_interpreter(runtime, model, [delegate.load(runtime=runtime)])
    for name, shape in ODD_SHAPES.items():
        wanted, got = outcome(plain, shape), outcome(ours, shape)
        np.testing.assert_array_equal(got, wanted, err_msg=name)
    log = capfd.readouterr().err
    assert "it is not 1-D with an input of height 16 and width 3; left to TFLite's own" in log
    strict = make_interpreter(runtime, model, [delegate.load(runtime=runtime, strict=True)])
    with pytest.raises(RuntimeError, match="strict: node 0 'conv': its input is empty"):
        resize(strict, [1, 0, 1, 5])


@each_runtime
@pytest.mark.parametrize("shape", [[1, 1, 40, 8], [2, 1, 20, 8], [1, 4, 10, 8]])
def test_size_known_at_run_time_only(runtime: str, shape: list[int]) -> None:
    model = mixed_model(shape_tensor=True)
    results = []
    for delegates in ([], [delegate.load(runtime=runtime)]):
        interpreter = make_interpreter(runtime, model, delegates)
        interpreter.set_tensor(
            interpreter.get_input_details()[1]["index"], np.array(shape, np.int32)
        )
        results.append(infer(interpreter, signal(1, 1, 40, 5)))
    np.testing.assert_array_equal(results[1], results[0])


@each_runtime
def test_open_time_axis(runtime: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A place-holder of one step, shorter than the filter, is no reason to refuse."""
    builder = ModelBuilder()
    source = builder.input([1, 1, 1, 5], SOURCE, signature=[1, 1, -1, 5])
    model = builder.build(builder.conv(source, layer(5, 8, 7, padding="VALID")))
    loaded = delegate.load(runtime=runtime, log_level="info")
    ours = make_interpreter(runtime, model, [loaded], allocate=False)
    assert "planned when its length is known" in capfd.readouterr().err
    plain = make_interpreter(runtime, model, allocate=False)
    for interpreter in (plain, ours):
        resize(interpreter, [1, 1, 30, 5])
    assert len(plans(capfd.readouterr().err)) == 1
    values = signal(1, 1, 30, 5)
    np.testing.assert_array_equal(infer(ours, values), infer(plain, values))


@each_runtime
def test_together_with_the_default_delegates(runtime: str) -> None:
    """Ours is applied first; XNNPACK takes what is left."""
    module = module_of(runtime)
    interpreter = module.Interpreter(
        model_content=mixed_model(), experimental_delegates=[delegate.load(runtime=runtime)]
    )
    interpreter.allocate_tensors()
    values = signal(1, 1, 40, 5)
    plain = infer(make_interpreter(runtime, mixed_model()), values)
    # XNNPACK's ABS may differ from TFLite's by a unit, which the layers after it carry on.
    difference = np.abs(infer(interpreter, values).astype(int) - plain)
    assert difference.max() <= 3


@each_runtime
def test_no_memory_for_weights_ahead(runtime: str) -> None:
    model = conv_chain([layer(24, 32, 17), layer(32, 32, 7)], SOURCE, 1, 60)
    options = {"algorithm": "winograd_s16", "memory_budget_mb": 0}
    assert_same(runtime, model, signal(1, 1, 60, 24), **options)


# What is left to TFLite.


def float_model() -> bytes:
    builder = ModelBuilder()
    source = builder.tensor("input", [1, 1, 16, 3], Quantisation(0), "FLOAT32")
    builder.graph.inputs.append(source.index)
    rng = np.random.default_rng(0)
    weights = builder.constant("filter", rng.normal(size=(4, 1, 5, 3)).astype(np.float32))
    bias = builder.constant("bias", rng.normal(size=4).astype(np.float32))
    output = builder.tensor("conv", [1, 1, 16, 4], Quantisation(0), "FLOAT32")
    options = schema.Conv2DOptionsT()
    options.padding, options.strideW, options.strideH = schema.Padding.SAME, 1, 1
    inputs = [source.index, weights, bias]
    builder.operator("CONV_2D", inputs, [output], "Conv2DOptions", options)
    return builder.build(output)


@each_runtime
def test_float_model_is_untouched(runtime: str, capfd: pytest.CaptureFixture[str]) -> None:
    model = float_model()
    values = np.random.default_rng(1).normal(size=(1, 1, 16, 3)).astype(np.float32)
    plain = infer(make_interpreter(runtime, model), values)
    loaded = delegate.load(runtime=runtime)
    np.testing.assert_array_equal(infer(make_interpreter(runtime, model, [loaded]), values), plain)
    reason = "took 0 of 1 Conv1D layers; left out, first: node 0 'conv': its input is FLOAT32"
    assert reason in capfd.readouterr().err


@each_runtime
def test_a_real_image_convolution_is_no_conv1d(
    runtime: str, capfd: pytest.CaptureFixture[str]
) -> None:
    builder = ModelBuilder()
    source = builder.input([1, 6, 16, 5], SOURCE)
    model = builder.build(builder.conv(source, layer(5, 8, 3)))
    assert_same(runtime, model, signal(1, 6, 16, 5), strict=True, log_level="info")
    assert "took 0 of 0 Conv1D layers" in capfd.readouterr().err


@each_runtime
def test_strict_refuses_what_is_left_out(runtime: str) -> None:
    with pytest.raises(
        delegate.DelegateError,
        match=r"^the model: strict: took 0 of 1 Conv1D layers; node 0 'conv': its input is "
        r"FLOAT32, not INT8$",
    ):
        delegate.interpreter(float_model(), runtime=runtime, strict=True)


# Lifetime and threads.


@each_runtime
def test_interpreter_keeps_the_delegate_alive(runtime: str) -> None:
    model = mixed_model()
    ours = make_interpreter(runtime, model, [delegate.load(runtime=runtime)])
    gc.collect()
    values = signal(1, 1, 40, 5)
    wanted = infer(make_interpreter(runtime, model), values)
    np.testing.assert_array_equal(infer(ours, values), wanted)


@each_runtime
@pytest.mark.parametrize("shared", [False, True], ids=["own delegate", "shared delegate"])
def test_several_interpreters_in_several_threads(runtime: str, shared: bool) -> None:
    model = mixed_model()
    one = delegate.load(runtime=runtime, num_threads=2)
    errors: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            own = one if shared else delegate.load(runtime=runtime, num_threads=2)
            ours = make_interpreter(runtime, model, [own])
            plain = make_interpreter(runtime, model)
            for i in range(20):
                time = 20 + (seed * 7 + i * 13) % 50
                for interpreter in (plain, ours):
                    resize(interpreter, [1, 1, time, 5])
                values = signal(1, 1, time, 5, seed=seed * 100 + i)
                np.testing.assert_array_equal(infer(ours, values), infer(plain, values))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors[0]


@each_runtime
@pytest.mark.parametrize(
    ("interpreters", "option", "threads"),
    [(None, "auto", 1), (1, "auto", 1), (3, "auto", 3), (3, 1, 1), (1, 4, 4)],
)
def test_threads_are_the_interpreters_unless_the_option_says(
    runtime: str, interpreters: int | None, option: Any, threads: int
) -> None:
    loaded = delegate.load(runtime=runtime, num_threads=option)
    gc.collect()
    before = len(list(Path("/proc/self/task").iterdir()))
    interpreter = make_interpreter(
        runtime, mixed_model(), [loaded], allocate=False, num_threads=interpreters
    )
    assert len(list(Path("/proc/self/task").iterdir())) - before == threads - 1
    interpreter.allocate_tensors()


# Damaged models. In a process of their own: a crash must fail one test and not end the others.

TRUNCATE = """
import sys
from tests.support.runtimes import import_in_order
import_in_order()
from wqlite import delegate

content, runtime = open(sys.argv[1], "rb").read(), sys.argv[2]
outcomes = {"runs": 0, "refused": 0}
for size in range(0, len(content), 7):
    try:
        interpreter = delegate.interpreter(content[:size], runtime=runtime, log_level="silent")
        interpreter.invoke()
        outcomes["runs"] += 1
    except (ValueError, RuntimeError) as error:
        assert str(error) and "\\n" not in str(error).strip(), error
        outcomes["refused"] += 1
print(outcomes["runs"], outcomes["refused"])
"""


def run_python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True
    )


@each_runtime
def test_truncated_model_is_refused(runtime: str, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(mixed_model())
    result = run_python(TRUNCATE, str(path), runtime)
    assert result.returncode == 0, result.stderr[-2000:]
    runs, refused = map(int, result.stdout.split())
    assert refused > 100
    assert runs <= 2  # a few bytes of padding at the end belong to nothing


def odd_models() -> dict[str, Callable[[ModelBuilder], None]]:
    def options(builder: ModelBuilder) -> Any:
        return builder.graph.operators[0].builtinOptions

    def tensor(builder: ModelBuilder, name: str) -> Any:
        return next(t for t in builder.graph.tensors if t.name == name.encode())

    def set_scale(builder: ModelBuilder, name: str, scale: list[float]) -> None:
        quantisation = tensor(builder, name).quantization
        quantisation.scale = np.array(scale, np.float32)
        quantisation.zeroPoint = np.zeros(len(scale), np.int64)

    return {
        "no quantisation": lambda b: setattr(tensor(b, "input"), "quantization", None),
        "scale 0": lambda b: set_scale(b, "conv", [0.0]),
        "negative scale": lambda b: set_scale(b, "conv/filter", [-1.0] * 8),
        "too few scales": lambda b: set_scale(b, "conv/filter", [1.0] * 3),
        "too many scales": lambda b: set_scale(b, "conv/filter", [1.0] * 99),
        "scales along no axis": lambda b: setattr(
            tensor(b, "conv/filter").quantization, "quantizedDimension", 3
        ),
        "stride 0": lambda b: setattr(options(b), "strideW", 0),
        "negative stride": lambda b: setattr(options(b), "strideW", -1),
        "dilation 0": lambda b: setattr(options(b), "dilationWFactor", 0),
        "huge dilation": lambda b: setattr(options(b), "dilationWFactor", 2**31 - 1),
        "tanh": lambda b: setattr(options(b), "fusedActivationFunction", 4),
        "bias as int64": lambda b: setattr(tensor(b, "conv/bias"), "type", 4),
        "filter without data": lambda b: setattr(tensor(b, "conv/filter"), "buffer", 0),
        "bias without data": lambda b: setattr(tensor(b, "conv/bias"), "buffer", 0),
        "input of rank 3": lambda b: setattr(tensor(b, "input"), "shape", [1, 16, 5]),
        "empty input": lambda b: setattr(tensor(b, "input"), "shape", [1, 1, 0, 5]),
        "grouped": lambda b: setattr(tensor(b, "input"), "shape", [1, 1, 16, 10]),
        "zero point beyond int8": lambda b: setattr(
            tensor(b, "conv").quantization, "zeroPoint", np.array([999])
        ),
        "zero point of a filter": lambda b: setattr(
            tensor(b, "conv/filter").quantization, "zeroPoint", np.arange(8)
        ),
    }


ONLY_LOOK = """
import sys
from pathlib import Path
from tests.support.runtimes import make_interpreter
from wqlite import delegate

loaded = delegate.load(runtime=sys.argv[2], log_level="info")
for path in sorted(Path(sys.argv[1]).iterdir()):
    print("MODEL", path.stem, file=sys.stderr, flush=True)
    try:
        make_interpreter(sys.argv[2], path.read_bytes(), [loaded], allocate=False)
    except (ValueError, RuntimeError):
        print("refused by TFLite itself", file=sys.stderr, flush=True)
"""


@each_runtime
def test_odd_models_are_left_to_tflite(runtime: str, tmp_path: Path) -> None:
    """Nothing is allocated here, since some of these crash TFLite's own kernels."""
    for name, damage in odd_models().items():
        builder = ModelBuilder()
        output = builder.conv(builder.input([1, 1, 16, 5], SOURCE), layer(5, 8, 3))
        damage(builder)
        (tmp_path / f"{name}.tflite").write_bytes(builder.build(output))
    result = run_python(ONLY_LOOK, str(tmp_path), runtime)
    outcomes = dict(part.split("\n", 1) for part in result.stderr.split("MODEL ")[1:])
    assert result.returncode == 0, result.stderr[-2000:]
    assert outcomes.keys() == odd_models().keys()
    for name, outcome in outcomes.items():
        assert "took 0 of" in outcome or "refused by TFLite" in outcome, (name, outcome)
    assert sum("took 0 of 1" in outcome for outcome in outcomes.values()) >= 12
