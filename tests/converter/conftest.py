"""Small Keras models and calibration samples for the converter's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

FRAMES = 24
CHANNELS = 5

ModelMaker = Callable[..., Any]


@pytest.fixture
def sequential() -> ModelMaker:
    """Makes a sequential model with the input "features" [?, frames, 5] and weights from a seed."""
    import keras

    def make(*layers: Any, frames: int | None = FRAMES, batch: int | None = None) -> Any:
        keras.utils.set_random_seed(11)
        inputs = keras.Input((frames, CHANNELS), batch_size=batch, name="features")
        model = keras.Sequential([inputs, *layers], name="small")
        randomize(model)
        return model

    return make


@pytest.fixture
def small_model(sequential: ModelMaker) -> Any:
    """Two convolutions with a LeakyReLU between them."""
    return small(sequential)


def small(sequential: ModelMaker, **shape: Any) -> Any:
    from keras import layers

    return sequential(
        layers.Conv1D(8, 7, strides=2, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Conv1D(3, 1),
        **shape,
    )


def randomize(model: Any) -> None:
    """Draws biases and batch statistics too, which Keras starts at 0 and 1."""
    generator = np.random.default_rng(5)
    for variable in model.weights:
        if len(variable.shape) == 1:
            variable.assign(generator.uniform(0.5, 1.5, variable.shape))


def random_windows(count: int = 8, frames: int = FRAMES, channels: int = CHANNELS) -> Any:
    generator = np.random.default_rng(3)
    windows: npt.NDArray[np.float32]
    windows = generator.standard_normal((count, frames, channels)).astype(np.float32)
    return windows


@pytest.fixture
def windows() -> npt.NDArray[np.float32]:
    """Calibration samples [8, 24, 5]."""
    array: npt.NDArray[np.float32] = random_windows()
    return array


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Where to write, in a folder of its own."""
    folder = tmp_path / "made"
    folder.mkdir()
    return folder / "model.tflite"
