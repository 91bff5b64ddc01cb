"""RSQ models as `.tflite` files: what they compute, and that they keep what training promised."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tests.support.rsq_bands import assert_bands_are_proved
from tests.support.rsq_models import LAYERS, conv, decibels, quantized, run_tflite, signals
from wqlite.converter import ConversionError, convert, rsq
from wqlite.converter.flatbuffer import TFLiteFile
from wqlite.converter.rsq.activation_range import leaky_relu_band, linear_band, relu_band
from wqlite.converter.rsq.check import check_file
from wqlite.converter.rsq.export import TFLiteFunction
from wqlite.converter.rsq.int8_ranges import Int8Ranges
from wqlite.models.wav2letter import ConvLayer, build

WITHIN_ONE = 0.99
EQUAL = 0.93
"""Of the outputs of small models: shares that are at most one unit away, and the same."""

EQUAL_MEANS = 0.75
"""The same where TFLite's MEAN is involved, which rounds in a way of its own."""


def integers_of(outputs: Any, scale: float, zero_point: int) -> Any:
    return np.round(np.asarray(outputs) / scale) + zero_point


@pytest.mark.parametrize("name", LAYERS)
def test_the_file_computes_what_training_did(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    student = quantized(LAYERS[name], name=name)
    result = convert(student, output=tmp_path / "model.tflite")
    assert result.calibration_samples == 0
    inputs = signals(16, seed=2)
    ((found, scale, zero_point),) = run_tflite(tmp_path / "model.tflite", inputs)
    difference = np.abs(found - integers_of(student(inputs), scale, zero_point))
    assert (difference <= 1).mean() >= WITHIN_ONE
    assert (difference == 0).mean() >= (EQUAL_MEANS if name == "global_average" else EQUAL)
    assert_bands_are_proved(student, (tmp_path / "model.tflite").read_bytes(), capfd)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_a_trained_deep_model_agrees(activation: str, tmp_path: Path) -> None:
    """Single units that differ spread from layer to layer, and stay far below the signal."""
    teacher = build(layers=[ConvLayer(24, 7, 2), *[ConvLayer(24, 5)] * 5], activation=activation)
    student = rsq.quantize_model(teacher)
    windows = np.random.default_rng(0).standard_normal((8, 296, 39)).astype(np.float32)
    rsq.calibrate(student, [windows])
    student.compile(keras.optimizers.Adam(3e-4), "mse")
    student.fit(windows, teacher(windows), epochs=5, batch_size=4, verbose=0)
    student.save(tmp_path / "student.keras")
    result = convert(tmp_path / "student.keras", output=tmp_path / "model.tflite")
    assert len(result.conv1d_layers) == 7
    ((found, scale, zero_point),) = run_tflite(tmp_path / "model.tflite", windows)
    trained = student(windows)
    difference = np.abs(found - integers_of(trained, scale, zero_point))
    assert (difference <= 1).mean() > 0.9
    assert decibels(trained, scale * (found - zero_point)) > decibels(teacher(windows), trained)


def constrained_chain(x: Any) -> Any:
    x = conv(activation="relu", name="rectified")(x)
    x = conv(name="banded", width=5, strides=2)(x)
    x = layers.LeakyReLU(0.2, name="leaky")(x)
    x = conv(name="linear")(x)
    return conv(name="last")(x)


def converted(tmp_path: Path) -> tuple[Any, bytes]:
    student = quantized(constrained_chain)
    convert(student, output=tmp_path / "model.tflite")
    return student, (tmp_path / "model.tflite").read_bytes()


def test_bands_are_in_the_file(tmp_path: Path) -> None:
    _, content = converted(tmp_path)
    file = TFLiteFile(content)
    ranges = Int8Ranges(file)
    found = [
        ranges.of(operator.inputs[0])
        for operator in file.operators_in_order
        if file.name(operator) == "CONV_2D"
    ]
    leaky, linear, relu = leaky_relu_band(0.2, 128), linear_band(128), relu_band(128)
    assert found == [
        (-128, 127),
        (relu.lowest, relu.highest),
        (round(0.2 * leaky.lowest), leaky.highest),
        (linear.lowest, linear.highest),
    ]
    assert [layer.activation for layer in file.conv1d_layers] == [
        "RELU6",
        "RELU_N1_TO_1",
        "RELU_N1_TO_1",
        "NONE",
    ]


def test_the_files_layers_have_the_names_of_the_model(tmp_path: Path) -> None:
    _, content = converted(tmp_path)
    file = TFLiteFile(content)
    outputs = [
        file.tensor(operator.outputs[0]).name.decode()
        for operator in file.operators_in_order
        if file.name(operator) == "CONV_2D"
    ]
    for name, output in zip(("rectified", "banded", "linear", "last"), outputs, strict=True):
        assert name in output


def test_bands_hold_when_inputs_are_extreme(tmp_path: Path) -> None:
    """TFLite itself, with all tensors kept, never leaves the range that we read from the file."""
    import tensorflow as tf

    _, content = converted(tmp_path)
    interpreter = tf.lite.Interpreter(model_content=content, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    ranges = Int8Ranges(TFLiteFile(content))
    generator = np.random.default_rng(0)
    for _ in range(10):
        entry = interpreter.get_input_details()[0]
        extreme = generator.choice(np.array([-128, 127], np.int8), entry["shape"])
        interpreter.set_tensor(entry["index"], extreme)
        interpreter.invoke()
        for detail in interpreter.get_tensor_details():
            if detail["dtype"] is np.int8 and tuple(detail["shape"][:1]) == (1,):
                values = interpreter.get_tensor(detail["index"])
                lowest, highest = ranges.of(detail["index"])
                assert lowest <= values.min()
                assert values.max() <= highest


def test_integers_are_the_trained_ones(tmp_path: Path) -> None:
    student, content = converted(tmp_path)
    file = TFLiteFile(content)
    constants = [
        file.int8_constant(operator.inputs[1])
        for operator in file.operators_in_order
        if file.name(operator) == "CONV_2D"
    ]
    filters = {constant.tobytes() for constant in constants if constant is not None}
    for name in ("rectified", "banded", "linear", "last"):
        integers, _ = student.get_layer(name).integer_kernel()
        assert np.ascontiguousarray(np.moveaxis(integers, -1, 0)).tobytes() in filters


def test_a_changed_integer_fails_the_check(tmp_path: Path) -> None:
    student, content = converted(tmp_path)
    exported = TFLiteFunction(student)
    check_file(TFLiteFile(content), exported.constrained_convolutions(), "'small'")
    integers, _ = student.get_layer("linear").integer_kernel()
    stored = np.ascontiguousarray(np.moveaxis(integers, -1, 0)).tobytes()
    position = content.index(stored)
    tampered = bytearray(content)
    tampered[position] ^= 1
    with pytest.raises(ConversionError, match=r"not hold the trained integers of .*'linear'"):
        check_file(TFLiteFile(bytes(tampered)), exported.constrained_convolutions(), "'small'")


def test_weights_out_of_range_fail_the_conversion(tmp_path: Path) -> None:
    """As a model would that was trained without the constraint and claims to have it."""
    student = quantized(constrained_chain)
    layer = student.get_layer("linear")
    _, scale = layer.integer_kernel()
    wrong = np.broadcast_to(127 * scale, layer.kernel.shape)
    layer.quantized_kernel = lambda: wrong
    output = tmp_path / "model.tflite"
    with pytest.raises(ConversionError, match=r"layer 'linear' .* 381 of 127 when transformed"):
        convert(student, output=output)
    assert not output.exists()


def test_a_missing_clamp_fails_the_check(tmp_path: Path) -> None:
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    student, content = converted(tmp_path)
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    for operator in model.subgraphs[0].operators:
        options = operator.builtinOptions
        if getattr(options, "fusedActivationFunction", 0) == schema.ActivationFunctionType.RELU6:
            options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    with pytest.raises(ConversionError, match=r"'banded' .* takes? the values -128 to 127"):
        check_file(
            TFLiteFile(bytes(builder.Output())),
            TFLiteFunction(student).constrained_convolutions(),
            "'small'",
        )


def test_nearly_dead_channels_convert(tmp_path: Path) -> None:
    student = quantized(constrained_chain)
    layer = student.get_layer("banded")
    kernel = np.array(layer.kernel)
    kernel[..., 0] *= 1e-12
    kernel[..., 1] = 0.0
    layer.set_weights_of(kernel, np.array(layer.bias))
    convert(student, output=tmp_path / "model.tflite")
    ((found, scale, zero_point),) = run_tflite(tmp_path / "model.tflite", signals())
    assert decibels(student(signals()), scale * (found - zero_point)) > 30


@pytest.mark.parametrize("name", ["softmax", "average_pooling", "concatenate", "reshape"])
def test_models_of_mixed_precision_convert(name: str, tmp_path: Path) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        low = quantized(LAYERS[name], name=name)
    finally:
        keras.config.set_dtype_policy("float32")
    full = quantized(LAYERS[name], name=name)
    full.set_weights(low.get_weights())
    outputs = []
    for student, path in ((low, tmp_path / "low.tflite"), (full, tmp_path / "full.tflite")):
        convert(student, output=path)
        outputs += run_tflite(path, signals())
    np.testing.assert_array_equal(outputs[0][0], outputs[1][0])


def test_samples_verify_and_are_checked(tmp_path: Path) -> None:
    student = quantized(constrained_chain)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter")
        result = convert(student, output=tmp_path / "a.tflite", calibration_data=signals())
        convert(student, output=tmp_path / "b.tflite")
    assert result.compared_samples == 4
    assert result.snr_db > 30
    # Samples change nothing.
    assert (tmp_path / "a.tflite").read_bytes() == (tmp_path / "b.tflite").read_bytes()
    with pytest.raises(ConversionError, match="shape"):
        convert(student, output=tmp_path / "c.tflite", calibration_data=np.zeros((2, 3)))


def test_granularity_cannot_be_changed(tmp_path: Path) -> None:
    student = quantized(constrained_chain)
    with pytest.raises(ConversionError, match="was trained with one weight scale per channel"):
        convert(student, output=tmp_path / "model.tflite", granularity="tensor")


def test_float_layers_are_refused_by_the_conversion(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="they stay float"):
        student = quantized(lambda x: conv()(layers.LayerNormalization(name="odd")(conv()(x))))
    with pytest.raises(ConversionError, match="cannot become INT8 throughout"):
        convert(student, output=tmp_path / "model.tflite")


def test_clones_without_shared_scales_are_refused(tmp_path: Path) -> None:
    def residual(x: Any) -> Any:
        x = layers.ReLU()(conv()(x))
        return conv()(layers.ReLU()(layers.Add()([x, conv()(x)])))

    clone = keras.models.clone_model(quantized(residual))
    rsq.calibrate(clone, [signals()])
    with pytest.raises(ConversionError, match="instead of cloning it"):
        convert(clone, output=tmp_path / "model.tflite")


def test_the_command_takes_rsq_models(tmp_path: Path) -> None:
    quantized(constrained_chain).save(tmp_path / "student.keras")
    command = [
        sys.executable,
        "-m",
        "wqlite.tools.commands.convert",
        f"--input={tmp_path}/student.keras",
    ]
    run = subprocess.run(
        [*command, f"--output={tmp_path}/model.tflite"], capture_output=True, text=True, check=True
    )
    assert "none: trained ranges" in run.stdout
    assert run.stderr == ""
    assert (tmp_path / "model.tflite").stat().st_size > 1000
