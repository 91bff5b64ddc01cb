"""Every refusal of `convert`: one sentence, and nothing written."""

from __future__ import annotations

import errno
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from wqlite.converter import ConversionError, convert

Windows = npt.NDArray[np.float32]


def refusal(model: Any, output: Path, **arguments: Any) -> str:
    """The sentence with which `convert` refuses; checks that the output's folder is untouched."""
    before = {path: path.read_bytes() for path in output.parent.iterdir() if path.is_file()}
    with pytest.raises(ConversionError) as raised:
        convert(model, output=output, **arguments)
    assert before == {path: path.read_bytes() for path in output.parent.iterdir() if path.is_file()}
    message = str(raised.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert not re.search(r"\.\s+[A-Z]", message), "more than one sentence"
    return message


@pytest.fixture
def stored(small_model: Any, tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    small_model.save(path)
    return path


# The input


def test_missing_input(output: Path, windows: Windows) -> None:
    assert "does not exist" in refusal("no/model.keras", output, calibration_data=windows)


def test_input_name_too_long(output: Path, windows: Windows) -> None:
    assert "cannot be read" in refusal("x" * 300, output, calibration_data=windows)


def test_foreign_file(output: Path, windows: Windows, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_text("not a model")
    assert "is not a whole Keras model" in refusal(path, output, calibration_data=windows)


def test_zip_that_is_no_model(output: Path, windows: Windows, tmp_path: Path) -> None:
    path = tmp_path / "samples.npz"
    np.savez(path, features=windows)
    assert "is not a whole Keras model" in refusal(path, output, calibration_data=windows)


def test_truncated_keras_file(stored: Path, output: Path, windows: Windows) -> None:
    stored.write_bytes(stored.read_bytes()[:-200])
    assert "is not a whole Keras model" in refusal(stored, output, calibration_data=windows)


def test_damaged_weights_in_keras_file(stored: Path, output: Path, windows: Windows) -> None:
    content = bytearray(stored.read_bytes())
    start = content.index(b"\x89HDF")
    content[start : start + 600] = bytes(600)
    stored.write_bytes(content)
    assert "cannot be loaded by Keras" in refusal(stored, output, calibration_data=windows)


def test_keras_file_under_another_name(stored: Path, output: Path, windows: Windows) -> None:
    renamed = stored.rename(stored.with_name("model.zip"))
    message = refusal(renamed, output, calibration_data=windows)
    assert "rename it" in message


def test_truncated_h5_file(
    small_model: Any, output: Path, windows: Windows, tmp_path: Path
) -> None:
    path = tmp_path / "model.h5"
    small_model.save(path)
    path.write_bytes(path.read_bytes()[:4000])
    assert "cannot be loaded by Keras" in refusal(path, output, calibration_data=windows)


def test_h5_file_of_weights_only(
    small_model: Any, output: Path, windows: Windows, tmp_path: Path
) -> None:
    path = tmp_path / "model.weights.h5"
    small_model.save_weights(path)
    assert "cannot be loaded by Keras" in refusal(path, output, calibration_data=windows)


def test_custom_layer_that_is_not_registered(
    output: Path, windows: Windows, tmp_path: Path, sequential: Any
) -> None:
    import keras

    class Doubling(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return 2 * inputs

    path = tmp_path / "model.keras"
    sequential(Doubling()).save(path)
    message = refusal(path, output, calibration_data=windows)
    assert "cannot be loaded by Keras" in message
    assert "Doubling" in message


def test_tflite_file_as_input(
    small_model: Any, output: Path, windows: Windows, tmp_path: Path
) -> None:
    made = tmp_path / "made.tflite"
    convert(small_model, output=made, calibration_data=windows)
    assert "is a TFLite model already" in refusal(made, output, calibration_data=windows)


def test_folder_that_is_no_saved_model(output: Path, windows: Windows, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert "holds no saved_model.pb" in refusal(folder, output, calibration_data=windows)


def test_damaged_saved_model(
    small_model: Any, output: Path, windows: Windows, tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    small_model.export(folder, verbose=False)
    (folder / "saved_model.pb").write_bytes(b"damaged")
    assert "cannot be loaded" in refusal(folder, output, calibration_data=windows)


def test_saved_model_without_serving_signature(
    output: Path, windows: Windows, tmp_path: Path
) -> None:
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), str(tmp_path / "saved"))
    message = refusal(tmp_path / "saved", output, calibration_data=windows)
    assert "no signature 'serving_default'" in message


def test_model_of_another_kind(output: Path, windows: Windows) -> None:
    assert "not int" in refusal(3, output, calibration_data=windows)


def test_model_that_does_not_declare_its_inputs(output: Path, windows: Windows) -> None:
    import keras

    class Bare(keras.Model):
        def call(self, inputs: Any) -> Any:
            return inputs

    message = refusal(Bare(), output, calibration_data=windows)
    assert "does not declare its inputs" in message


def test_other_keras_backend(
    small_model: Any, output: Path, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    message = refusal(small_model, output, calibration_data=windows)
    assert "KERAS_BACKEND=tensorflow" in message


def test_missing_tensorflow(
    stored: Path, output: Path, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    message = refusal(stored, output, calibration_data=windows)
    assert "pip install 'wqlite[convert]'" in message


# Shapes


def test_no_float_input(output: Path) -> None:
    import keras

    tokens = keras.Input((24,), dtype="int32", name="tokens")
    model = keras.Model(tokens, keras.layers.Embedding(10, 4)(tokens))
    message = refusal(model, output, random_calibration=True)
    assert "no float32 input" in message
    assert "'tokens' is int32" in message


def test_fixed_batch(sequential: Any, output: Path, windows: Windows) -> None:
    from keras import layers

    model = sequential(layers.Conv1D(3, 3), batch=4)
    assert "[4, 24, 5]" in refusal(model, output, calibration_data=windows)


def test_open_time_axis_without_length(sequential: Any, output: Path, windows: Windows) -> None:
    from keras import layers

    model = sequential(layers.Conv1D(3, 3), frames=None)
    message = refusal(model, output, calibration_data=windows)
    assert "[?, ?, 5]" in message
    assert "--time_steps=N" in message


def test_time_steps_against_the_model(small_model: Any, output: Path, windows: Windows) -> None:
    message = refusal(small_model, output, calibration_data=windows, time_steps=30)
    assert "fixed to 24 steps, which 30 time steps contradict" in message


def test_time_steps_below_one(small_model: Any, output: Path, windows: Windows) -> None:
    message = refusal(small_model, output, calibration_data=windows, time_steps=0)
    assert "at least 1, not 0" in message


def test_time_steps_without_time_axis(output: Path) -> None:
    import keras

    inputs = keras.Input((7,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    message = refusal(model, output, random_calibration=True, time_steps=3)
    assert "no time axis" in message


def test_open_channels(output: Path) -> None:
    import keras

    inputs = keras.Input((24, None), name="features")
    model = keras.Model(inputs, keras.layers.ReLU()(inputs))
    message = refusal(model, output, random_calibration=True)
    assert "Axis 2 of input 'features'" in message


def test_time_steps_too_few_for_the_kernels(sequential: Any, output: Path) -> None:
    from keras import layers

    model = sequential(layers.Conv1D(3, 9), frames=None)
    message = refusal(model, output, random_calibration=True, time_steps=4)
    assert "does not run at input shapes [(1, 4, 5)]: Negative dimension size" in message


def test_saved_model_that_does_not_run_at_these_shapes(
    sequential: Any, output: Path, tmp_path: Path
) -> None:
    from keras import layers

    model = sequential(layers.Flatten(), layers.Dense(3))
    model.export(tmp_path / "saved", verbose=False)
    message = refusal(tmp_path / "saved", output, random_calibration=True, time_steps=30)
    assert "fixed to 24 steps" in message


# Calibration data


def test_no_calibration_data(small_model: Any, output: Path) -> None:
    message = refusal(small_model, output)
    assert "numpy.savez('samples.npz', features=features)" in message
    assert "[samples, 24, 5]" in message
    assert "--random_calibration" in message


def test_two_sources_of_calibration(small_model: Any, output: Path, windows: Windows) -> None:
    message = refusal(small_model, output, calibration_data=windows, random_calibration=True)
    assert "not both" in message


def test_missing_calibration_file(small_model: Any, output: Path) -> None:
    message = refusal(small_model, output, calibration_data="no/samples.npz")
    assert "no/samples.npz does not exist" in message


@pytest.mark.parametrize("name", ["samples.npy", "samples.txt"])
def test_calibration_file_that_is_no_npz(
    name: str, small_model: Any, output: Path, windows: Windows, tmp_path: Path
) -> None:
    path = tmp_path / name
    if name.endswith(".npy"):
        np.save(path, windows)
    else:
        path.write_text("1 2 3")
    assert "is not an .npz file" in refusal(small_model, output, calibration_data=path)


def test_damaged_calibration_file(
    small_model: Any, output: Path, windows: Windows, tmp_path: Path
) -> None:
    path = tmp_path / "samples.npz"
    np.savez(path, features=windows)
    content = bytearray(path.read_bytes())
    content[200:300] = bytes(100)
    path.write_bytes(content)
    assert "cannot be read" in refusal(small_model, output, calibration_data=path)


def test_calibration_file_of_python_objects(small_model: Any, output: Path, tmp_path: Path) -> None:
    path = tmp_path / "samples.npz"
    np.savez(path, features=np.array([{}, None], dtype=object))
    assert "cannot be read" in refusal(small_model, output, calibration_data=path)


def test_wrong_calibration_names(small_model: Any, output: Path, windows: Windows) -> None:
    message = refusal(small_model, output, calibration_data={"a": windows, "b": windows})
    assert "lacks an array for input 'features'" in message
    assert "it has 'a', 'b'" in message


def test_empty_calibration_data(small_model: Any, output: Path) -> None:
    assert "it has no array" in refusal(small_model, output, calibration_data={})


def test_wrong_calibration_shape(small_model: Any, output: Path, windows: Windows) -> None:
    message = refusal(small_model, output, calibration_data=windows[:, :20])
    assert "has shape [8, 20, 5], expected [samples, 24, 5]" in message


def test_calibration_sample_without_sample_axis(
    small_model: Any, output: Path, windows: Windows
) -> None:
    message = refusal(small_model, output, calibration_data=windows[0])
    assert "has shape [24, 5], expected [samples, 24, 5]" in message


def test_zero_calibration_samples(small_model: Any, output: Path, windows: Windows) -> None:
    assert "zero samples" in refusal(small_model, output, calibration_data=windows[:0])


def test_calibration_limit_below_one(small_model: Any, output: Path, windows: Windows) -> None:
    message = refusal(small_model, output, calibration_data=windows, calibration_samples=0)
    assert "At least 1 calibration sample" in message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_calibration_values_that_are_not_finite(
    value: float, small_model: Any, output: Path, windows: Windows
) -> None:
    windows[5, 3, 2] = value
    message = refusal(small_model, output, calibration_data=windows)
    assert "NaN, infinity or values beyond 1e+09, first in sample 5 at [3, 2]" in message


@pytest.mark.parametrize("value", [2e9, -1e300])
def test_calibration_values_beyond_all_bounds(value: float, small_model: Any, output: Path) -> None:
    samples = np.full((2, 24, 5), value)
    message = refusal(small_model, output, calibration_data=samples)
    assert "values beyond 1e+09" in message


def test_large_calibration_values_are_fine(
    small_model: Any, output: Path, windows: Windows
) -> None:
    assert convert(small_model, output=output, calibration_data=9e8 * np.sign(windows)).size > 0


def test_calibration_text(small_model: Any, output: Path) -> None:
    samples = np.full((2, 24, 5), "a")
    assert "not real numbers" in refusal(small_model, output, calibration_data=samples)


def test_calibration_arrays_of_different_length(output: Path, windows: Windows) -> None:
    import keras

    inputs = [keras.Input((24, 5), name=name) for name in ("left", "right")]
    model = keras.Model(inputs, keras.layers.Add()(inputs))
    message = refusal(model, output, calibration_data={"left": windows, "right": windows[:3]})
    assert "8 for 'left', 3 for 'right'" in message


# Quantisation


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite(
    value: float, small_model: Any, output: Path, windows: Windows
) -> None:
    bias = small_model.layers[0].bias
    bias.assign([value] * 8)
    message = refusal(small_model, output, calibration_data=windows)
    assert "NaN or infinity among its weights" in message
    assert "conv1d" in message


def test_unknown_granularity(small_model: Any, output: Path, windows: Windows) -> None:
    message = refusal(small_model, output, calibration_data=windows, granularity="row")
    assert "'channel' or 'tensor', not 'row'" in message


@pytest.mark.parametrize("activation", ["elu", "sin"])
def test_operators_left_in_float_are_named(
    activation: str, sequential: Any, output: Path, windows: Windows
) -> None:
    import keras

    function = keras.ops.sin if activation == "sin" else activation
    model = sequential(conv(), keras.layers.Activation(function))
    message = refusal(model, output, calibration_data=windows)
    assert f"keeps {activation.upper()} in floating point" in message


def test_operators_unknown_to_tflite_are_named(
    sequential: Any, output: Path, windows: Windows
) -> None:
    import keras

    model = sequential(conv(), keras.layers.Activation(keras.ops.erf))
    message = refusal(model, output, calibration_data=windows)
    assert "TFLite has no operator for Erf" in message


def test_recurrent_layers_are_refused(sequential: Any, output: Path, windows: Windows) -> None:
    from keras import layers

    model = sequential(conv(), layers.GRU(4))
    assert "holds a loop" in refusal(model, output, calibration_data=windows)


def test_output_that_is_no_real_number(sequential: Any, output: Path, windows: Windows) -> None:
    import keras
    import tensorflow as tf

    model = sequential(conv(), keras.layers.Lambda(lambda x: tf.math.argmax(x, axis=-1)))
    message = refusal(model, output, calibration_data=windows)
    assert re.search(r"end 'output_0' stays int(32|64)", message)


def conv() -> Any:
    from keras import layers

    return layers.Conv1D(3, 3)


# The output


def test_output_in_a_missing_folder(stored: Path, tmp_path: Path, windows: Windows) -> None:
    with pytest.raises(ConversionError, match="is not a folder"):
        convert(stored, output=tmp_path / "no" / "model.tflite", calibration_data=windows)
    assert not (tmp_path / "no").exists()


def test_output_that_is_a_folder(stored: Path, output: Path, windows: Windows) -> None:
    output.mkdir()
    assert "it is a folder" in refusal(stored, output, calibration_data=windows)


def test_output_name_too_long(stored: Path, output: Path, windows: Windows) -> None:
    output = output.with_name("x" * 300)
    assert "File name too long" in refusal(stored, output, calibration_data=windows)


def test_output_over_the_input(stored: Path, windows: Windows) -> None:
    assert "it is the input itself" in refusal(stored, stored, calibration_data=windows)


def test_output_folder_not_writable(
    stored: Path, output: Path, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "is not writable" in refusal(stored, output, calibration_data=windows)


def test_disk_full_leaves_the_old_output(
    small_model: Any, output: Path, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.write_text("old")

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    message = refusal(small_model, output, calibration_data=windows)
    assert "No space left on device" in message
    assert output.read_text() == "old"


def test_failed_conversion_leaves_the_old_output(
    sequential: Any, output: Path, windows: Windows
) -> None:
    from keras import layers

    output.write_text("old")
    model = sequential(conv(), layers.ELU())
    refusal(model, output, calibration_data=windows)
    assert output.read_text() == "old"
