"""Saved RSQ models: the same after loading, in training, and on another backend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tests.support.rsq_models import quantized, signals


def everything(x: Any) -> Any:
    """All kinds of layers of the package, and quantisers that several of them share."""
    x = layers.Conv1D(8, 5, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU(name="relu")(layers.BatchNormalization()(x))
    y = layers.Conv1D(8, 3, padding="same")(x)
    y = layers.SeparableConv1D(8, 3, padding="same", activation="relu")(y)
    z = layers.ReLU(name="sum")(layers.Add()([x, y]))
    z = layers.LeakyReLU(0.2)(layers.Conv1D(8, 3, padding="causal", name="before_leaky")(z))
    z = layers.Conv1D(8, 3, padding="same", dilation_rate=2)(z)
    pooled = layers.Concatenate(name="joined")(
        [layers.AveragePooling1D(2)(z), layers.MaxPooling1D(2)(z)]
    )
    return layers.Dense(4, name="logits")(pooled)


def trained(epochs: int) -> Any:
    model = quantized(everything)
    model.compile(keras.optimizers.Adam(1e-3), "mse")
    fit(model, epochs)
    return model


def fit(model: Any, epochs: int) -> list[float]:
    targets = np.random.default_rng(0).standard_normal((4, 8, 4))
    history = model.fit(signals(), targets, epochs=epochs, verbose=0, shuffle=False)
    losses: list[float] = history.history["loss"]
    return losses


def test_loading_gives_the_same_model(tmp_path: Path) -> None:
    model = trained(epochs=2)
    model.save(tmp_path / "student.keras")
    loaded = keras.saving.load_model(tmp_path / "student.keras")
    np.testing.assert_array_equal(model(signals()), loaded(signals()))
    assert loaded.get_layer("relu").quantizer is loaded.get_layer("sum").quantizer
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]


def test_training_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    model = trained(epochs=2)
    model.save(tmp_path / "student.keras")
    expected = fit(model, 4)
    loaded = keras.saving.load_model(tmp_path / "student.keras")
    np.testing.assert_allclose(fit(loaded, 4), expected, rtol=1e-5)
    assert expected[-1] < expected[0]


def test_weights_alone_can_be_loaded(tmp_path: Path) -> None:
    model = trained(epochs=2)
    model.save_weights(tmp_path / "student.weights.h5")
    other = quantized(everything, seed=5)
    other.load_weights(tmp_path / "student.weights.h5")
    np.testing.assert_array_equal(model(signals()), other(signals()))


def test_compiled_by_xla_it_trains_the_same() -> None:
    losses = []
    for jit_compile in (False, True):
        model = quantized(everything)
        model.compile(keras.optimizers.Adam(1e-3), "mse", jit_compile=jit_compile)
        losses.append(fit(model, 3))
    np.testing.assert_allclose(losses[0], losses[1], rtol=5e-3)


def test_mixed_precision_keeps_the_integers() -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        low = quantized(everything)
    finally:
        keras.config.set_dtype_policy("float32")
    full = quantized(everything)
    full.set_weights(low.get_weights())
    layer = "before_leaky"
    for one, other in zip(
        low.get_layer(layer).integer_kernel(), full.get_layer(layer).integer_kernel(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(np.asarray(low(signals()), np.float32), full(signals()), atol=0.15)


ON_JAX = """
import sys
import keras, numpy as np
import wqlite.converter.rsq
assert keras.backend.backend() == "jax"
folder = sys.argv[1]
data = np.load(f"{folder}/data.npz")
model = keras.saving.load_model(f"{folder}/student.keras")
before = model.predict(data["inputs"], verbose=0)
model.optimizer.learning_rate = 1e-3
history = model.fit(data["inputs"], data["targets"], epochs=4, verbose=0, shuffle=False)
model.save(f"{folder}/from_jax.keras")
np.savez(f"{folder}/result.npz", before=before, losses=history.history["loss"],
         after=model.predict(data["inputs"], verbose=0))
"""


def test_jax_gives_the_same_outputs_and_losses(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    model = trained(epochs=2)
    model.save(tmp_path / "student.keras")
    targets = np.random.default_rng(0).standard_normal((4, 8, 4))
    np.savez(tmp_path / "data.npz", inputs=signals(), targets=targets)
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    subprocess.run([sys.executable, "-c", ON_JAX, str(tmp_path)], env=environment, check=True)
    result = np.load(tmp_path / "result.npz")
    # A value next to the middle of two levels may fall to either side.
    scale, _ = model.get_layer("logits").quantizer.parameters()
    difference = np.abs(result["before"] - model(signals())) / scale
    assert (difference < 0.1).mean() > 0.98
    assert difference.max() < 2.1
    np.testing.assert_allclose(result["losses"], fit(model, 4), rtol=5e-3)
    back = keras.saving.load_model(tmp_path / "from_jax.keras")
    difference = np.abs(result["after"] - back(signals())) / scale
    assert (difference < 0.1).mean() > 0.98
