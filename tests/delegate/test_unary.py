"""What stands between convolutions: operators that are a table of 256 values, and new shapes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.conv_model import ConvLayer, ModelBuilder, Quantisation, Tensor
from tests.support.random_unary import OPERATORS, identity, random_case
from tests.support.runtimes import RUNTIMES, infer, make_interpreter, resize
from wqlite import delegate

SOURCE = Quantisation(0.1, -5)
WIDER = Quantisation(0.17, 11)
each_runtime = pytest.mark.parametrize("runtime", RUNTIMES)


def layer(in_channels: int, out_channels: int, width: int = 3, **fields: Any) -> ConvLayer:
    rng = np.random.default_rng(in_channels + 100 * out_channels + 10_000 * width)
    return ConvLayer(
        filter=rng.integers(-127, 128, (out_channels, width, in_channels)).astype(np.int8),
        bias=rng.integers(-9999, 9999, out_channels).astype(np.int32),
        filter_scale=rng.uniform(0.001, 0.003, out_channels).astype(np.float32),
        output=Quantisation(0.1 * np.sqrt(width * in_channels), 3),
        **fields,
    )


def signal(shape: list[int], seed: int = 0) -> npt.NDArray[np.int8]:
    return np.random.default_rng(seed).integers(-128, 128, shape).astype(np.int8)


def run_all(interpreter: Any, values: npt.NDArray[np.int8]) -> list[npt.NDArray[Any]]:
    """All outputs."""
    infer(interpreter, values)
    return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]


def assert_same(runtime: str, model: bytes, seeds: int = 2, **options: Any) -> Any:
    """Compares all outputs; returns the interpreter with the delegate."""
    plain = make_interpreter(runtime, model)
    ours = make_interpreter(runtime, model, [delegate.load(runtime=runtime, **options)])
    shape = plain.get_input_details()[0]["shape"]
    for seed in range(seeds):
        values = signal(list(shape), seed)
        for got, wanted in zip(run_all(ours, values), run_all(plain, values), strict=True):
            np.testing.assert_array_equal(got, wanted)
    return ours


# The tables.


@each_runtime
@pytest.mark.parametrize("code", OPERATORS)
def test_every_value_equals_tflite(
    runtime: str, code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    loaded = delegate.load(runtime=runtime, log_level="info")
    taken = 0
    for seed in range(60):
        case = random_case(code, seed)
        capfd.readouterr()
        got = infer(make_interpreter(runtime, case.model, [loaded]), case.input)
        taken += f"{code} as a table" in capfd.readouterr().err
        wanted = infer(make_interpreter(runtime, case.model), case.input)
        np.testing.assert_array_equal(got, wanted, case.description)
    # QUANTIZE of TensorFlow 2.21 rounds the last values of a tensor otherwise than blocks of them.
    assert taken == 60 or (code == "QUANTIZE" and taken > 30)


# Graphs.


def keras_model(layers: int = 3, time: int = 40, signature: list[int] | None = None) -> bytes:
    """As Keras writes LeakyReLU: RESHAPE, CONV_2D, RESHAPE, LEAKY_RELU around every layer."""
    builder = ModelBuilder()
    tensor = builder.input([1, time, 8], SOURCE, signature=signature)
    for i in range(layers):
        tensor = builder.reshape(tensor, [1, 1, -1, 8], f"in{i}")
        tensor.shape = [1, 1, time, 8]
        builder.graph.tensors[tensor.index].shape = tensor.shape
        tensor = builder.conv(tensor, layer(8, 8, 3 + i), f"conv{i}")
        tensor = builder.reshape(tensor, [1, -1, 8], f"out{i}")
        tensor.shape = [1, time, 8]
        builder.graph.tensors[tensor.index].shape = tensor.shape
        tensor = builder.leaky_relu(tensor, name=f"leaky{i}", output=SOURCE)
    return builder.build(tensor)


def has_memory(interpreter: Any, name: str) -> bool:
    index = {d["name"]: d["index"] for d in interpreter.get_tensor_details()}[name]
    try:
        interpreter.get_tensor(index)
    except ValueError:
        return False
    return True


@each_runtime
@pytest.mark.parametrize("threads", [1, 4])
def test_plain_keras_file_is_one_partition(
    runtime: str, threads: int, capfd: pytest.CaptureFixture[str]
) -> None:
    ours = assert_same(runtime, keras_model(), num_threads=threads, log_level="info")
    log = capfd.readouterr().err
    assert "took 3 of 3 Conv1D layers and 8 operators that follow them" in log
    assert "node 3 'leaky0': LEAKY_RELU as a table" in log
    assert "node 2 'out0': RESHAPE as it is" in log
    assert len(re.findall(r"^wqlite: node ", log, re.M)) == 3 + 8  # one line each
    # The convolution writes straight to the tensor that the next one reads.
    assert not any(has_memory(ours, name) for name in ("conv0", "out0", "leaky0", "conv2", "out2"))
    assert has_memory(ours, "leaky2")


@each_runtime
def test_resize_between_invokes(runtime: str) -> None:
    model = keras_model(signature=[1, -1, 8])
    plain = make_interpreter(runtime, model)
    ours = make_interpreter(runtime, model, [delegate.load(runtime=runtime)])
    for time in (40, 7, 133, 1, 40):
        for interpreter in (plain, ours):
            resize(interpreter, [1, time, 8])
        values = signal([1, time, 8], time)
        np.testing.assert_array_equal(infer(ours, values), infer(plain, values))


@each_runtime
@pytest.mark.parametrize("kept", range(16))
def test_every_tensor_may_be_an_output(runtime: str, kept: int) -> None:
    """The bits of `kept` say which of conv, reshape, activation and reshape others see."""
    builder = ModelBuilder()
    chain = [builder.conv(builder.input([1, 1, 20, 8], SOURCE), layer(8, 8))]
    chain.append(builder.reshape(chain[-1], [4, 5, 8], "reshape"))
    chain.append(builder.leaky_relu(chain[-1], output=WIDER))
    chain.append(builder.reshape(chain[-1], [1, 1, 20, 8], "back"))
    last = builder.conv(chain[-1], layer(8, 4), "last")
    outputs = [tensor for i, tensor in enumerate(chain) if kept >> i & 1]
    assert_same(runtime, builder.build(last, *outputs))


@each_runtime
def test_tensors_with_several_readers(runtime: str) -> None:
    builder = ModelBuilder()
    conv = builder.conv(builder.input([1, 1, 20, 8], SOURCE), layer(8, 8))
    leaky = builder.leaky_relu(conv, output=WIDER)
    other = builder.unary(conv, "RELU", SOURCE)
    flat = builder.reshape(leaky, [20, 8], "flat")
    tanh = builder.unary(flat, "TANH", Quantisation(1 / 128))
    first = builder.conv(leaky, layer(8, 4), "first")
    second = builder.conv(builder.unary(leaky, "RELU6", WIDER), layer(8, 4, 5), "second")
    assert_same(runtime, builder.build(first, second, other, tanh))


@each_runtime
def test_other_ways_to_change_the_shape(runtime: str, capfd: pytest.CaptureFixture[str]) -> None:
    builder = ModelBuilder()
    tensor = builder.conv(builder.input([1, 1, 20, 8], SOURCE), layer(8, 8))
    tensor = builder.leaky_relu(builder.squeeze(tensor, [1]), output=SOURCE)
    tensor = builder.conv(builder.expand_dims(tensor, 1), layer(8, 8, 5), "second")
    tensor = builder.squeeze(tensor, [], "flat")
    tensor = builder.expand_dims(builder.expand_dims(tensor, -3, "a"), 0, "b")
    assert_same(
        runtime, builder.build(builder.conv(tensor, layer(8, 3), "third")), log_level="info"
    )
    assert "took 3 of 3 Conv1D layers and 6 operators" in capfd.readouterr().err


@each_runtime
def test_large_tensors_are_shared_out(runtime: str) -> None:
    builder = ModelBuilder()
    conv = builder.conv(builder.input([1, 1, 5001, 4], SOURCE), layer(4, 9, 1))
    assert_same(runtime, builder.build(builder.leaky_relu(conv, output=WIDER)), num_threads=3)


# What is left to TFLite.


def model_with(make: Any) -> bytes:
    builder = ModelBuilder()
    conv = builder.conv(builder.input([1, 1, 20, 8], SOURCE), layer(8, 8))
    made: Tensor = make(builder, conv)
    return builder.build(builder.conv(made, layer(8, 4), "last"))


@each_runtime
def test_shape_known_at_run_time_only_is_left(
    runtime: str, capfd: pytest.CaptureFixture[str]
) -> None:
    model = model_with(lambda b, conv: b.reshape(conv, b.shape_input(4)))
    results = []
    for delegates in ([], [delegate.load(runtime=runtime, log_level="info")]):
        interpreter = make_interpreter(runtime, model, delegates)
        shape = interpreter.get_input_details()[1]["index"]
        interpreter.set_tensor(shape, np.array([2, 1, 10, 8], np.int32))
        results.append(infer(interpreter, signal([1, 1, 20, 8])))
    np.testing.assert_array_equal(results[1], results[0])
    reason = "node 1 'reshape': its new shape is not constant; left to TFLite"
    assert reason in capfd.readouterr().err


@each_runtime
def test_nothing_is_taken_before_a_convolution(
    runtime: str, capfd: pytest.CaptureFixture[str]
) -> None:
    builder = ModelBuilder()
    tensor = builder.leaky_relu(builder.input([1, 20, 8], SOURCE), output=SOURCE)
    tensor = builder.reshape(tensor, [1, 1, 20, 8])
    model = builder.build(builder.conv(tensor, layer(8, 4)))
    assert_same(runtime, model, log_level="info")
    assert "took 1 of 1 Conv1D layers\n" in capfd.readouterr().err


@each_runtime
def test_a_shape_that_does_not_fit_is_refused(runtime: str) -> None:
    builder = ModelBuilder()
    source = builder.input([1, 1, 20, 8], SOURCE)
    model = builder.build(builder.reshape(identity(builder, source, 8), [4, 40]))
    ours = make_interpreter(runtime, model, [delegate.load(runtime=runtime)])
    with pytest.raises(RuntimeError, match="num_input_elements != num_output_elements"):
        resize(ours, [1, 1, 21, 8])
    resize(ours, [2, 1, 10, 8])
    infer(ours, signal([2, 1, 10, 8]))
