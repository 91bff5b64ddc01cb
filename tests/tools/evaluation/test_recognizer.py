"""Models as functions of speech: windows, both kinds of files, and what is refused."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support import runtimes
from wqlite import converter
from wqlite.tools.evaluation.recognizer import (
    ModelError,
    Recognizer,
    open_recognizer,
    window_starts,
)

WINDOW = 64


def signal(frames: int, seed: int = 0) -> npt.NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((frames, 39)).astype(np.float32)


def make_model(time_steps: int | None = WINDOW, **options: Any) -> Any:
    from wqlite.models.wav2letter import ConvLayer, build

    layers = [ConvLayer(8, 5, stride=2), ConvLayer(8, 3)]
    return build(layers=layers, activation="relu", time_steps=time_steps, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds model.tflite, fixed.keras and open.keras, all with the same weights."""
    runtimes.import_in_order()
    folder = tmp_path_factory.mktemp("models")
    make_model().save(folder / "fixed.keras")
    make_model(None).save(folder / "open.keras")
    samples = np.stack([signal(WINDOW, seed) for seed in range(8)])
    converter.convert(make_model(), output=folder / "model.tflite", calibration_data=samples)
    return folder


@pytest.mark.parametrize(
    ("frames", "starts"),
    [(1, [0]), (64, [0]), (65, [0, 2]), (66, [0, 2]), (112, [0, 48]), (113, [0, 48, 50])],
)
def test_windows_cover_all_frames(frames: int, starts: list[int]) -> None:
    assert window_starts(frames, 64, 2) == starts


@pytest.mark.parametrize("frames", range(1, 200, 7))
def test_windows_overlap_and_end_at_the_end(frames: int) -> None:
    starts = window_starts(frames, 64, 2)
    assert all(0 < right - left <= 48 for left, right in pairwise(starts))
    assert starts[-1] + 64 >= frames
    assert len(starts) == 1 or starts[-1] + 64 - frames < 2


@pytest.mark.parametrize("frames", [1, 63, 64, 65, 100, 111, 300])
def test_windows_are_joined_in_place(frames: int) -> None:
    """A model that repeats its input: what comes out must be what went in, once, in order."""
    recognizer = Recognizer(lambda features: features[::2], 64, 2, "copy")
    np.testing.assert_array_equal(recognizer(signal(frames)), signal(frames)[::2])


@pytest.mark.parametrize("frames", [64, 150])
def test_windows_say_what_the_open_model_says(folder: Path, frames: int) -> None:
    fixed, whole = (open_recognizer(folder / f"{kind}.keras") for kind in ("fixed", "open"))
    expected = whole(signal(frames))
    assert expected.shape == (frames // 2, 29)
    # The model sees 4 frames to each side; the overlap is 16.
    np.testing.assert_allclose(fixed(signal(frames)), expected, atol=1e-5)


def test_open_model_takes_windows_when_asked_to(folder: Path) -> None:
    fixed = open_recognizer(folder / "fixed.keras")
    windowed = open_recognizer(folder / "open.keras", window=WINDOW)
    for frames in (10, 64, 150):
        np.testing.assert_allclose(windowed(signal(frames)), fixed(signal(frames)), atol=1e-5)


def test_tflite_says_nearly_what_keras_says(folder: Path) -> None:
    features = signal(150, seed=9)
    expected = open_recognizer(folder / "fixed.keras")(features)
    logits = open_recognizer(folder / "model.tflite")(features)
    assert logits.shape == expected.shape == (75, 29)
    assert np.std(logits - expected) < 0.05 * np.std(expected)


def test_delegate_changes_nothing(folder: Path) -> None:
    model, features = folder / "model.tflite", signal(150)
    without = open_recognizer(model)
    with_delegate = open_recognizer(model, use_delegate=True, num_threads=2)
    np.testing.assert_array_equal(with_delegate(features), without(features))
    assert with_delegate.description == "INT8, the delegate, 2 thread(s)"


def test_float_tflite_is_run_too(folder: Path, tmp_path: Path) -> None:
    import tensorflow as tf

    path = tmp_path / "float.tflite"
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(make_model(batch=1)).convert())
    recognizer = open_recognizer(path)
    assert recognizer.description.startswith("float")
    expected = open_recognizer(folder / "fixed.keras")(signal(64))
    np.testing.assert_allclose(recognizer(signal(64)), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.onnx", b"", "must be a .tflite or a .keras file"),
        ("none.tflite", None, "there is no model"),
        ("none.keras", None, "does not exist"),
        ("bad.tflite", b"nonsense", "not a TFLite model"),
        ("bad.keras", b"nonsense", "is not a whole Keras model"),
    ],
)
def test_what_is_no_model_is_refused(
    name: str, content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=message) as raised:
        open_recognizer(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def test_model_of_something_else_is_refused(tmp_path: Path) -> None:
    model = make_model(features=13)
    model.save(tmp_path / "model.keras")
    with pytest.raises(ModelError, match=r"from \[None, 64, 13\] to \[None, 32, 29\], not from"):
        open_recognizer(tmp_path / "model.keras")


def test_delegate_with_keras_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"runs \.tflite models only"):
        open_recognizer(folder / "open.keras", use_delegate=True)
