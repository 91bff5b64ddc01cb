"""The operators around Conv1D in the written file, and that the clean-up keeps the numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from wqlite.converter import convert

Windows = npt.NDArray[np.float32]


def conv(**options: Any) -> Any:
    from keras import layers

    return layers.Conv1D(5, 3, **{"padding": "same", **options})


def relu_chain() -> list[Any]:
    return [conv(activation="relu"), conv(strides=2, activation="relu"), conv()]


def leaky_chain() -> list[Any]:
    from keras import layers

    return [conv(), layers.LeakyReLU(0.2), conv(), layers.LeakyReLU(0.2), conv()]


def dilated() -> list[Any]:
    from keras import layers

    return [
        conv(dilation_rate=2, activation="relu"),
        conv(dilation_rate=4, padding="valid"),
        layers.LeakyReLU(),
    ]


def causal() -> list[Any]:
    from keras import layers

    return [
        conv(activation="relu"),
        conv(padding="causal"),
        layers.LeakyReLU(),
        conv(padding="causal", dilation_rate=2),
    ]


def batch_normalized() -> list[Any]:
    from keras import layers

    return [
        conv(use_bias=False),
        layers.BatchNormalization(),
        layers.LeakyReLU(),
        conv(),
        layers.BatchNormalization(),
        layers.ReLU(6.0),
        conv(),
    ]


def separable() -> list[Any]:
    from keras import layers

    return [
        layers.SeparableConv1D(5, 3, padding="same"),
        layers.LeakyReLU(),
        layers.MaxPooling1D(2),
        conv(),
    ]


def prelu() -> list[Any]:
    from keras import layers

    return [conv(), layers.PReLU(shared_axes=[1], alpha_initializer="random_uniform"), conv()]


def swish() -> list[Any]:
    from keras import layers

    return [conv(), layers.Activation("silu"), conv(), layers.Activation("hard_silu")]


AROUND = {
    relu_chain: "RESHAPE CONV_2D CONV_2D CONV_2D RESHAPE",
    leaky_chain: "RESHAPE CONV_2D LEAKY_RELU CONV_2D LEAKY_RELU CONV_2D RESHAPE",
    dilated: "RESHAPE CONV_2D CONV_2D LEAKY_RELU RESHAPE",
    causal: "RESHAPE CONV_2D PAD CONV_2D LEAKY_RELU PAD CONV_2D RESHAPE",
    batch_normalized: "RESHAPE CONV_2D LEAKY_RELU CONV_2D CONV_2D RESHAPE",
    separable: "RESHAPE DEPTHWISE_CONV_2D CONV_2D LEAKY_RELU MAX_POOL_2D CONV_2D RESHAPE",
    prelu: "RESHAPE CONV_2D RESHAPE PRELU RESHAPE CONV_2D RESHAPE",
    swish: ("RESHAPE CONV_2D RESHAPE LOGISTIC MUL RESHAPE CONV_2D RESHAPE HARD_SWISH"),
}


@pytest.mark.parametrize("layers", AROUND, ids=lambda layers: layers.__name__)
def test_operators_around_conv1d(
    layers: Callable[[], list[Any]], sequential: Any, windows: Windows, output: Path
) -> None:
    result = convert(sequential(*layers()), output=output, calibration_data=windows)
    assert " ".join(result.operator_sequence) == AROUND[layers]
    # The float model is the untouched graph's: a wrong clean-up would show as noise.
    assert result.snr_db > 20


@pytest.mark.parametrize("layers", AROUND, ids=lambda layers: layers.__name__)
def test_frozen_graph_computes_what_keras_computes(
    layers: Callable[[], list[Any]], sequential: Any, windows: Windows
) -> None:
    from wqlite.converter.freeze import freeze
    from wqlite.converter.load import load
    from wqlite.converter.rewrite import rewrite

    model = sequential(*layers())
    source, shapes = load(model), {"features": (1, 24, 5)}
    frozen = freeze(source.call, shapes, source.title)
    rewritten = rewrite(frozen, list(shapes), source.outputs)
    actual = rewritten(features=windows[:1])["output_0"].numpy()
    np.testing.assert_allclose(actual, model(windows[:1]).numpy(), atol=1e-5)


def test_dilation_stays_an_attribute(sequential: Any, windows: Windows, output: Path) -> None:
    result = convert(sequential(*dilated()), output=output, calibration_data=windows)
    assert [layer.dilation for layer in result.conv1d_layers] == [2, 4]
    assert [layer.output_frames for layer in result.conv1d_layers] == [24, 16]
    assert [layer.activation for layer in result.conv1d_layers] == ["RELU", "NONE"]


def test_residual_additions_lose_their_reshapes(windows: Windows, output: Path) -> None:
    import keras

    inputs = keras.Input((24, 5), name="features")
    x = keras.layers.LeakyReLU()(conv()(inputs))
    x = keras.layers.LeakyReLU()(keras.layers.Add()([x, conv()(x)]))
    model = keras.Model(inputs, conv()(x))

    result = convert(model, output=output, calibration_data=windows)

    assert " ".join(result.operator_sequence) == (
        "RESHAPE CONV_2D LEAKY_RELU CONV_2D ADD LEAKY_RELU CONV_2D RESHAPE"
    )
    assert result.snr_db > 20


def test_models_without_convolutions_are_left_alone(
    sequential: Any, windows: Windows, output: Path
) -> None:
    from keras import layers

    model = sequential(layers.Dense(4), layers.LeakyReLU(), layers.Flatten(), layers.Dense(2))
    result = convert(model, output=output, calibration_data=windows)
    assert result.conv1d_count == 0
    assert result.operators["FULLY_CONNECTED"] == 2
