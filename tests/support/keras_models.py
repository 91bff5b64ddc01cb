"""Small Keras models and inputs for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FRAMES = 24
CHANNELS = 5


def sequential(*layers: Any, frames: int | None = FRAMES, batch: int | None = None) -> Any:
    """A sequential model with the input "features" [?, frames, 5] and weights from a seed."""
    import keras

    keras.utils.set_random_seed(11)
    inputs = keras.Input((frames, CHANNELS), batch_size=batch, name="features")
    model = keras.Sequential([inputs, *layers], name="small")
    _randomize(model)
    return model


def small_model() -> Any:
    """Two convolutions with a LeakyReLU between them."""
    from keras import layers

    return sequential(
        layers.Conv1D(8, 7, strides=2, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Conv1D(3, 1),
    )


def _randomize(model: Any) -> None:
    """Draws biases and batch statistics too, which Keras starts at 0 and 1."""
    generator = np.random.default_rng(5)
    for variable in model.weights:
        if len(variable.shape) == 1:
            variable.assign(generator.uniform(0.5, 1.5, variable.shape))


def random_windows() -> npt.NDArray[np.float32]:
    """Calibration samples [8, 24, 5]."""
    generator = np.random.default_rng(3)
    return generator.standard_normal((8, FRAMES, CHANNELS)).astype(np.float32)
