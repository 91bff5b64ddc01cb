"""Small Keras models and calibration samples for the converter's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support import keras_models


@pytest.fixture
def sequential() -> Callable[..., Any]:
    """Makes a sequential model with the input "features" [?, frames, 5] and weights from a seed."""
    return keras_models.sequential


@pytest.fixture
def small_model() -> Any:
    """Two convolutions with a LeakyReLU between them."""
    return keras_models.small_model()


@pytest.fixture
def windows() -> npt.NDArray[np.float32]:
    """Calibration samples [8, 24, 5]."""
    return keras_models.random_windows()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Where to write, in a folder of its own."""
    folder = tmp_path / "made"
    folder.mkdir()
    return folder / "model.tflite"
