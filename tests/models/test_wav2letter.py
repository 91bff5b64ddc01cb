"""The layer tables, shapes, parameter counts and weights of both models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

WAV2LETTER = [
    (48, 2, 39, 250),
    *[(7, 1, 250, 250)] * 7,
    (32, 1, 250, 2000),
    (1, 1, 2000, 2000),
    (1, 1, 2000, 29),
]
TINY_WAV2LETTER = [
    (48, 2, 39, 250),
    (7, 1, 250, 100),
    *[(7, 1, 100, 100)] * 4,
    (32, 1, 100, 750),
    (1, 1, 750, 750),
    (1, 1, 750, 29),
]
"""Width, stride, input and output channels, as Arm's ML Zoo has them."""

TABLES = {"wav2letter": WAV2LETTER, "tiny_wav2letter": TINY_WAV2LETTER}


def make(name: str, **options: Any) -> Any:
    from wqlite.models import wav2letter

    return getattr(wav2letter, name)(**options)


def conv_layers(model: Any) -> list[Any]:
    return [layer for layer in model.layers if type(layer).__name__ == "Conv1D"]


@pytest.mark.parametrize("name", TABLES)
def test_layers_are_those_of_the_ml_zoo(name: str) -> None:
    model = make(name)
    convolutions = conv_layers(model)
    table = [
        (layer.kernel_size[0], layer.strides[0], layer.kernel.shape[1], layer.filters)
        for layer in convolutions
    ]
    assert table == TABLES[name]
    assert {layer.padding for layer in convolutions} == {"same"}
    assert model.name == name
    assert model.input_shape == (None, 296, 39)
    assert model.output_shape == (None, 148, 29)


@pytest.mark.parametrize("name", TABLES)
def test_parameters_are_kernels_and_biases(name: str) -> None:
    expected = sum(width * inputs * outputs + outputs for width, _, inputs, outputs in TABLES[name])
    assert make(name).count_params() == expected


def test_leaky_relu_follows_all_convolutions_but_the_last() -> None:
    kinds = [type(layer).__name__ for layer in make("tiny_wav2letter").layers]
    assert kinds == ["InputLayer", *["Conv1D", "LeakyReLU"] * 8, "Conv1D"]
    slopes = {
        layer.negative_slope
        for layer in make("tiny_wav2letter").layers
        if type(layer).__name__ == "LeakyReLU"
    }
    assert slopes == {0.2}


def test_relu_variant_fuses_its_activation() -> None:
    model = make("tiny_wav2letter", activation="relu")
    activations = [layer.activation.__name__ for layer in conv_layers(model)]
    assert activations == ["relu"] * 8 + ["linear"]
    assert len(model.layers) == 10


@pytest.mark.parametrize(
    ("activation", "kinds"),
    [
        ("relu", ["Conv1D", "BatchNormalization", "ReLU"]),
        ("leaky_relu", ["Conv1D", "BatchNormalization", "LeakyReLU"]),
    ],
)
def test_batch_normalization_comes_before_the_activation(activation: str, kinds: list[str]) -> None:
    model = make("tiny_wav2letter", activation=activation, batch_normalization=True)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", *kinds * 8, "Conv1D"]
    assert [layer.use_bias for layer in conv_layers(model)] == [False] * 8 + [True]


def test_narrow_model_is_a_tiny_one_with_fewer_channels() -> None:
    convolutions = conv_layers(make("narrow_wav2letter"))
    sizes = [(layer.kernel_size[0], layer.strides[0]) for layer in convolutions]
    assert sizes == [(width, stride) for width, stride, _, _ in TINY_WAV2LETTER]
    assert make("narrow_wav2letter", time_steps=None).output_shape == (None, None, 29)
    assert 0.9e6 < make("narrow_wav2letter").count_params() < 1.1e6


def test_unknown_activation_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of leaky_relu, relu, not 'gelu'"):
        make("wav2letter", activation="gelu")


def test_sizes_are_arguments() -> None:
    from wqlite.models.wav2letter import ConvLayer, build

    model = build(
        layers=[ConvLayer(6, 5, stride=3), ConvLayer(4, 2)],
        time_steps=20,
        features=7,
        labels=5,
        batch=1,
    )
    assert model.input_shape == (1, 20, 7)
    assert model.output_shape == (1, 7, 5)
    assert [layer.kernel.shape for layer in conv_layers(model)] == [(5, 7, 6), (2, 6, 4), (1, 4, 5)]


def test_open_time_axis_takes_any_length() -> None:
    from wqlite.models.wav2letter import ConvLayer

    model = make("wav2letter", time_steps=None, layers=[ConvLayer(4, 5, stride=2)])
    assert model.output_shape == (None, None, 29)
    for frames in (1, 9, 40):
        assert model(np.zeros((2, frames, 39), np.float32)).shape == (2, -(-frames // 2), 29)


def test_weights_follow_the_seed() -> None:
    def kernels(seed: int) -> list[Any]:
        return [
            np.asarray(layer.kernel) for layer in conv_layers(make("tiny_wav2letter", seed=seed))
        ]

    first, again, other = kernels(3), kernels(3), kernels(4)
    for left, right, different in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(left, right)
        assert not np.array_equal(left, different)
    # Layers of the same shape differ from each other, and from their neighbours in other models.
    same_shape = first[2:6] + other[2:6]
    assert len({kernel.tobytes() for kernel in same_shape}) == 8


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_activations_keep_their_scale(activation: str) -> None:
    import keras

    model = make("tiny_wav2letter", activation=activation)
    signal = np.random.default_rng(0).standard_normal((1, 296, 39)).astype(np.float32)
    taps = keras.Model(model.inputs, [layer.output for layer in conv_layers(model)])
    for values in taps(signal):
        power = float(np.mean(np.asarray(values)[:, 30:-30] ** 2))
        assert 0.3 < power < 3.0
