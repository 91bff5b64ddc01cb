"""What `convert` makes of good models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from wqlite.converter import ConversionResult, ConversionWarning, convert

Windows = npt.NDArray[np.float32]


def interpreter(path: Path) -> Any:
    import tensorflow as tf

    made = tf.lite.Interpreter(
        str(path),
        experimental_op_resolver_type=(
            tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        ),
    )
    made.allocate_tensors()
    return made


def run_int8(path: Path, sample: Windows) -> npt.NDArray[np.float64]:
    """One sample through the file: quantised by its own scale, real values out."""
    made = interpreter(path)
    source, target = made.get_input_details()[0], made.get_output_details()[0]
    scale, zero_point = source["quantization"]
    steps = np.clip(np.round(sample / scale) + zero_point, -128, 127).astype(np.int8)
    made.set_tensor(source["index"], steps)
    made.invoke()
    scale, zero_point = target["quantization"]
    values: npt.NDArray[np.float64] = scale * (made.get_tensor(target["index"]) - float(zero_point))
    return values


def weight_scales(path: Path) -> list[int]:
    """The number of scales of each kernel."""
    details = interpreter(path).get_tensor_details()
    kernels = [d for d in details if d["dtype"] == np.int8 and len(d["shape"]) == 4]
    return sorted(
        d["quantization_parameters"]["scales"].size
        for d in kernels
        if d["quantization_parameters"]["quantized_dimension"] == 0 and d["shape"][0] > 1
    )


def test_int8_model_follows_the_keras_model(
    small_model: Any, windows: Windows, output: Path
) -> None:
    result = convert(small_model, output=output, calibration_data=windows)

    expected = small_model.predict(windows[:4], verbose=0)
    actual = np.concatenate([run_int8(output, window[None]) for window in windows[:4]])
    error = actual - expected
    snr_db = 10 * np.log10(np.sum(expected.astype(np.float64) ** 2) / np.sum(error**2))
    assert result.snr_db == pytest.approx(snr_db, abs=0.01)
    assert result.snr_db > 25
    assert result.max_abs_error == pytest.approx(np.abs(error).max(), rel=1e-3)
    assert result.compared_samples == 4


def test_result_describes_the_file(small_model: Any, windows: Windows, output: Path) -> None:
    result = convert(small_model, output=output, calibration_data=windows)

    assert result.output == output
    assert result.size == output.stat().st_size
    assert result.operator_sequence == ("RESHAPE", "CONV_2D", "LEAKY_RELU", "CONV_2D", "RESHAPE")
    assert result.operators == {"RESHAPE": 2, "CONV_2D": 2, "LEAKY_RELU": 1}
    assert result.calibration_samples == 8
    assert result.conv1d_count == 2
    first = result.conv1d_layers[0]
    assert (first.width, first.stride, first.dilation) == (7, 2, 1)
    assert (first.input_channels, first.output_channels) == (5, 8)
    assert (first.input_frames, first.output_frames) == (24, 12)
    assert first.multiplications == 12 * 7 * 5 * 8
    made = interpreter(output)
    (source,), (target,) = made.get_input_details(), made.get_output_details()
    for end, detail in ((result.inputs[0], source), (result.outputs[0], target)):
        assert detail["dtype"] == np.int8
        assert detail["shape_signature"].tolist() == list(end.shape) == detail["shape"].tolist()
        assert detail["quantization"] == (end.scale, end.zero_point)
    assert result.inputs[0].name == "features"
    assert result.inputs[0].shape == (1, 24, 5)
    assert made.get_signature_list() == {
        "serving_default": {"inputs": ["features"], "outputs": ["output_0"]}
    }


@pytest.mark.parametrize("form", ["model.keras", "model.h5", "saved_model"])
def test_every_stored_form_makes_the_same_numbers(
    form: str, small_model: Any, windows: Windows, output: Path, tmp_path: Path
) -> None:
    path = tmp_path / form
    if form == "saved_model":
        small_model.export(path, verbose=False)
    else:
        small_model.save(path)
    samples = tmp_path / "samples.npz"
    np.savez(samples, features=windows)

    from_disk = convert(path, output=output, calibration_data=samples)

    in_memory = convert(
        small_model, output=output.with_name("memory.tflite"), calibration_data=windows
    )
    assert from_disk.operator_sequence == in_memory.operator_sequence
    np.testing.assert_array_equal(
        run_int8(from_disk.output, windows[:1]), run_int8(in_memory.output, windows[:1])
    )


def test_same_arguments_make_the_same_bytes(
    small_model: Any, windows: Windows, output: Path
) -> None:
    first = convert(small_model, output=output, calibration_data=windows).output.read_bytes()
    again = convert(small_model, output=output, calibration_data=windows).output.read_bytes()
    assert first == again


@pytest.mark.parametrize(("granularity", "scales"), [("channel", [3, 8]), ("tensor", [1, 1])])
def test_granularity_sets_the_number_of_weight_scales(
    granularity: str, scales: list[int], small_model: Any, windows: Windows, output: Path
) -> None:
    result = convert(small_model, output=output, calibration_data=windows, granularity=granularity)
    assert result.granularity == granularity
    assert weight_scales(output) == scales


@pytest.mark.parametrize("form", ["memory", "model.keras", "saved_model"])
def test_open_time_axis_is_fixed(
    form: str, sequential: Any, windows: Windows, output: Path, tmp_path: Path
) -> None:
    from keras import layers

    model = sequential(
        layers.Conv1D(8, 3, padding="same", dilation_rate=2), layers.LeakyReLU(), frames=None
    )
    source: Any = model if form == "memory" else tmp_path / form
    if form == "saved_model":
        model.export(source, verbose=False)
    elif form != "memory":
        model.save(source)

    result = convert(source, output=output, calibration_data=windows, time_steps=24)

    assert result.inputs[0].shape == (1, 24, 5)
    assert result.outputs[0].shape == (1, 24, 8)
    assert result.operator_sequence == ("RESHAPE", "CONV_2D", "LEAKY_RELU", "RESHAPE")
    assert result.conv1d_layers[0].dilation == 2


def test_time_steps_may_repeat_the_fixed_length(
    small_model: Any, windows: Windows, output: Path
) -> None:
    result = convert(small_model, output=output, calibration_data=windows, time_steps=24)
    assert result.inputs[0].shape == (1, 24, 5)


def test_calibration_samples_limits_what_is_read(
    small_model: Any, windows: Windows, output: Path
) -> None:
    loud = windows.copy()
    loud[3:] *= 100

    limited = convert(small_model, output=output, calibration_data=loud, calibration_samples=3)

    assert limited.calibration_samples == 3
    quiet = convert(small_model, output=output, calibration_data=windows[:3])
    assert limited.inputs == quiet.inputs
    assert convert(small_model, output=output, calibration_data=loud).inputs != quiet.inputs


def test_one_array_of_any_name_serves_one_input(
    small_model: Any, windows: Windows, output: Path, tmp_path: Path
) -> None:
    np.savez(tmp_path / "samples.npz", whatever=windows.astype(np.float64))
    result = convert(small_model, output=output, calibration_data=tmp_path / "samples.npz")
    assert result.calibration_samples == 8


def test_several_inputs_and_outputs_keep_their_names(windows: Windows, output: Path) -> None:
    import keras

    left, right = keras.Input((24, 5), name="left"), keras.Input((24, 2), name="right")
    outputs = [keras.layers.Conv1D(3, 3)(left), keras.layers.Conv1D(2, 1)(right)]
    model = keras.Model([left, right], outputs)
    narrow = 10 * windows[:, :, :2]

    result = convert(model, output=output, calibration_data={"right": narrow, "left": windows})

    ends = {end.name: end for end in result.inputs}
    assert {name: end.shape for name, end in ends.items()} == {
        "left": (1, 24, 5),
        "right": (1, 24, 2),
    }
    assert ends["right"].scale > 3 * ends["left"].scale
    assert {end.shape for end in result.outputs} == {(1, 22, 3), (1, 24, 2)}
    assert result.snr_db > 25


def test_random_calibration_warns_and_follows_the_seed(small_model: Any, output: Path) -> None:
    def scale(seed: int) -> float:
        with pytest.warns(ConversionWarning, match="random numbers"):
            result = convert(small_model, output=output, random_calibration=True, seed=seed)
        assert result.calibration_samples == 16
        return result.inputs[0].scale

    assert scale(1) == scale(1) != scale(2)


def test_outputs_far_from_keras_are_announced(sequential: Any, output: Path) -> None:
    from keras import layers

    # The first samples, which are compared, are far below one step of the common scale.
    samples = np.full((8, 24, 5), 1e-3, np.float32)
    samples[4:] = 10.0
    model = sequential(layers.Conv1D(3, 3, use_bias=False))
    with pytest.warns(ConversionWarning, match="only .* dB"):
        result = convert(model, output=output, calibration_data=samples)
    assert result.snr_db < 10


def test_progress_names_the_steps(small_model: Any, windows: Windows, output: Path) -> None:
    steps: list[str] = []
    convert(small_model, output=output, calibration_data=windows, progress=steps.append)
    assert steps[1] == "loading the model"
    assert "calibrating, sample 8 of 8" in steps
    assert steps[-1] == "verifying the INT8 model"


def test_existing_output_is_replaced_and_nothing_else_is_left(
    small_model: Any, windows: Windows, output: Path
) -> None:
    output.write_text("old")
    convert(small_model, output=output, calibration_data=windows)
    assert output.read_bytes()[4:8] == b"TFL3"
    assert [path.name for path in output.parent.iterdir()] == ["model.tflite"]


def test_tflite_runtime_runs_the_file_and_agrees(
    small_model: Any, windows: Windows, output: Path
) -> None:
    convert(small_model, output=output, calibration_data=windows)
    # In a process of its own: tflite_runtime crashes where TensorFlow was imported before it.
    program = f"""
import numpy, tflite_runtime.interpreter as tflite
resolver = tflite.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
made = tflite.Interpreter({str(output)!r}, experimental_op_resolver_type=resolver)
made.allocate_tensors()
made.set_tensor(
    made.get_input_details()[0]["index"],
    (numpy.arange(120, dtype=numpy.int64) * 37 % 256 - 128).astype(numpy.int8).reshape(1, 24, 5),
)
made.invoke()
print(made.get_tensor(made.get_output_details()[0]["index"]).tobytes().hex())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours = interpreter(output)
    signal = (np.arange(120, dtype=np.int64) * 37 % 256 - 128).astype(np.int8).reshape(1, 24, 5)
    ours.set_tensor(ours.get_input_details()[0]["index"], signal)
    ours.invoke()
    expected = ours.get_tensor(ours.get_output_details()[0]["index"])
    assert len(np.unique(expected)) > 10
    assert bytes.fromhex(done.stdout.strip()) == expected.tobytes()


@pytest.fixture(scope="module")
def tiny_result(tmp_path_factory: pytest.TempPathFactory) -> ConversionResult:
    from wqlite.models.wav2letter import tiny_wav2letter

    samples = np.random.default_rng(0).standard_normal((4, 296, 39)).astype(np.float32)
    output = tmp_path_factory.mktemp("tiny") / "tiny.tflite"
    return convert(tiny_wav2letter(), output=output, calibration_data=samples)


def test_tiny_wav2letter_is_nine_convolutions(tiny_result: ConversionResult) -> None:
    chain = ["CONV_2D", "LEAKY_RELU"] * 8
    assert list(tiny_result.operator_sequence) == ["RESHAPE", *chain, "CONV_2D", "RESHAPE"]
    layers = [
        (layer.width, layer.stride, layer.output_channels) for layer in tiny_result.conv1d_layers
    ]
    narrow = [(7, 1, 100)] * 5
    assert layers == [(48, 2, 250), *narrow, (32, 1, 750), (1, 1, 750), (1, 1, 29)]


def test_tiny_wav2letter_keeps_its_meaning_in_int8(tiny_result: ConversionResult) -> None:
    assert tiny_result.inputs[0].shape == (1, 296, 39)
    assert tiny_result.outputs[0].shape == (1, 148, 29)
    assert tiny_result.snr_db > 20


def test_importing_the_converter_does_not_import_tensorflow() -> None:
    program = "import sys, wqlite.converter; print({'tensorflow', 'keras'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "set()\n", done.stderr
