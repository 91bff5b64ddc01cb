"""What becomes of each layer of a float model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tests.support.rsq_models import LAYERS, Build, conv, decibels, float_model, quantized, signals
from wqlite.converter import ConversionError, ConversionWarning, rsq
from wqlite.converter.rsq.activation_range import linear_band, relu_band
from wqlite.converter.rsq.fold import fold
from wqlite.converter.rsq.tiles import TILES
from wqlite.converter.rsq.transformed_range import largest_transformed, tap_groups


def normalized(x: Any) -> Any:
    x = conv(use_bias=False, name="conv_1")(x)
    x = layers.BatchNormalization(name="norm_1")(x)
    x = layers.ReLU(name="relu_1")(x)
    x = layers.Dropout(0.3)(x)
    x = conv(name="conv_2")(x)
    x = layers.LeakyReLU(0.2, name="leaky_2")(x)
    return conv(4, 1, name="logits")(x)


def constrained(model: Any) -> set[str]:
    return {layer.name for layer in model.layers if limit(layer) != "int8"}


def limit(layer: Any) -> str:
    return getattr(layer, "weights_limit", "int8")


def test_layers_have_the_name_of_the_last_one_they_stand_for() -> None:
    model = rsq.quantize_model(float_model(normalized))
    names = [layer.name for layer in model.layers]
    assert names == ["features", "features_quantized", "relu_1", "conv_2", "leaky_2", "logits"]
    assert rsq.is_quantized(model)
    assert not rsq.is_quantized(float_model(normalized))


@pytest.mark.parametrize(
    "layer",
    [
        lambda: conv(name="linear"),
        lambda: layers.DepthwiseConv1D(3, depth_multiplier=2, name="linear"),
        lambda: layers.SeparableConv1D(6, 3, name="linear"),
        lambda: layers.Dense(5, use_bias=False, name="linear"),
    ],
)
def test_batch_normalization_is_part_of_the_layer_before(layer: Callable[[], Any]) -> None:
    def build(x: Any) -> Any:
        return layers.BatchNormalization(name="norm")(layer()(x))

    last = fold(float_model(build)).operations[-1]
    assert last.name == "norm"
    assert type(last.layer) in (layers.Conv1D, layers.DepthwiseConv1D, layers.Dense)
    assert decibels(float_model(build)(signals()), quantized(build)(signals())) > 25


def test_batch_normalization_behind_an_activation_is_a_layer() -> None:
    def build(x: Any) -> Any:
        return layers.BatchNormalization(name="norm")(conv(activation="tanh", name="tanh")(x))

    operations = fold(float_model(build)).operations
    assert [operation.name for operation in operations] == [
        "features",
        "tanh_linear",
        "tanh",
        "norm",
    ]
    assert type(operations[-1].layer) is layers.DepthwiseConv1D
    assert decibels(float_model(build)(signals()), quantized(build)(signals())) > 25


def test_folding_changes_nothing_before_quantisation() -> None:
    reference = float_model(normalized)
    operation = next(op for op in fold(reference).operations if op.name == "relu_1")
    plain = keras.ops.conv(signals(), operation.kernel, padding="same") + operation.bias
    folded = keras.ops.relu(plain)
    expected = keras.Model(reference.inputs, reference.get_layer("relu_1").output)(signals())
    np.testing.assert_allclose(folded, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_stays_close_to_float(name: str) -> None:
    reference = float_model(LAYERS[name], name=name)
    student = quantized(LAYERS[name], name=name)
    assert student.output_shape == reference.output_shape
    assert decibels(reference(signals()), student(signals())) > 22


@pytest.mark.parametrize("name", LAYERS)
def test_every_weight_gets_a_gradient(name: str) -> None:
    import tensorflow as tf

    student = quantized(LAYERS[name], name=name)
    with tf.GradientTape() as tape:
        outputs = student(signals())
        total = tf.reduce_sum(outputs * np.random.default_rng(0).standard_normal(outputs.shape))
    for variable, gradient in zip(
        student.trainable_variables,
        tape.gradient(total, [variable.value for variable in student.trainable_variables]),
        strict=True,
    ):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path


def two_relu_layers(x: Any) -> Any:
    return conv(name="third")(conv(name="second", activation="relu")(conv(activation="relu")(x)))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (rsq.RsqConfig(), {"second": "range_scaled", "third": "range_scaled"}),
        (rsq.RsqConfig(weights="worst_case"), {"second": "worst_case", "third": "worst_case"}),
        (rsq.RsqConfig(weights="int8"), {}),
        (rsq.RsqConfig(bands=("linear",)), {}),
    ],
)
def test_constraint_follows_the_band(config: rsq.RsqConfig, expected: dict[str, str]) -> None:
    model = quantized(two_relu_layers, config)
    found = {layer.name: limit(layer) for layer in model.layers if limit(layer) != "int8"}
    assert found == expected


def test_each_layer_has_the_tile_that_suits_it() -> None:
    """F(2,3) up to three taps in a phase, and bands as wide as all readers of a scale take them."""
    wide, narrow = "F(2,3)xF(2,2)", "F(2,3)"

    def build(x: Any) -> Any:
        x = conv(name="a", activation="relu")(x)
        x = conv(width=7, name="b", activation="relu")(x)
        x = conv(width=3, name="c", activation="relu")(x)
        y = conv(width=6, strides=2, name="d", activation="relu")(x)
        z = conv(width=7, strides=2, name="e", activation="relu")(x)
        return conv(width=1, name="f")(conv(width=2, name="g")(layers.Add()([y, z])))

    model = quantized(build, rsq.RsqConfig(tile=wide))
    tiles = {name: model.get_layer(name).tile.name for name in constrained(model)}
    assert tiles == {"b": wide, "c": narrow, "d": narrow, "e": wide, "g": narrow}
    highest = {name: model.get_layer(name).quantizer.range.highest for name in "abcde"}
    assert highest == {"a": -65, "b": -1, "c": -65, "d": 127, "e": 127}
    assert TILES[wide].band_levels == 64
    with_23 = quantized(build, rsq.RsqConfig())
    assert {with_23.get_layer(name).tile.name for name in constrained(with_23)} == {narrow}


def test_bands_of_an_addition_share_one_scale() -> None:
    def residual(x: Any) -> Any:
        x = layers.ReLU(name="a")(conv()(x))
        y = layers.ReLU(name="b")(conv()(x))
        z = layers.ReLU(name="c")(layers.Add()([x, y]))
        return conv(name="last")(conv(name="d", activation="relu")(z))

    model = quantized(residual)
    a, b, c, d = (model.get_layer(name).quantizer for name in "abcd")
    assert a is c
    assert a.range == relu_band(128)
    assert b is not a
    assert b.range.clamp is None  # Read by the addition alone: no convolution asks for a band.
    assert d is not a


def test_no_band_where_users_see_the_unit() -> None:
    def shown(x: Any) -> Any:
        x = conv(activation="relu", name="shown")(x)
        return [x, conv(name="last")(x)]

    assert constrained(quantized(shown)) == set()


def test_linear_layers_carry_a_signed_band() -> None:
    model = quantized(lambda x: conv(name="last")(conv(width=1, name="linear")(x)))
    assert model.get_layer("linear").quantizer.range == linear_band(128)
    assert constrained(model) == {"last"}


def test_trained_weights_stay_in_range() -> None:
    model = quantized(two_relu_layers)
    model.compile(keras.optimizers.Adam(0.05), "mse")
    model.fit(signals(32), np.zeros((32, 32, 8)), epochs=5, batch_size=8, verbose=0)
    for name in constrained(model):
        layer = model.get_layer(name)
        integers, scale = layer.integer_kernel()
        groups = tap_groups(integers.astype(np.float32), layer.stride, layer.tile)
        assert np.asarray(largest_transformed(groups, layer.tile)).max() <= 127
        np.testing.assert_allclose(integers * scale, layer.quantized_kernel(), rtol=1e-5)


def test_worst_case_weights_are_at_most_42() -> None:
    model = quantized(two_relu_layers, rsq.RsqConfig(weights="worst_case"))
    integers, _ = model.get_layer("second").integer_kernel()
    assert np.abs(integers).max() == 42


def test_scales_that_are_not_learned_stay() -> None:
    model = quantized(two_relu_layers, rsq.RsqConfig(learn_scales=False))
    assert {variable.name for variable in model.trainable_variables} == {"kernel", "bias"}


def test_unsupported_layers_stay_float_with_a_warning() -> None:
    def build(x: Any) -> Any:
        return conv(name="last")(layers.LayerNormalization(name="odd")(conv()(x)))

    with pytest.warns(ConversionWarning, match=r"'odd' \(LayerNormalization\); they stay float"):
        model = quantized(build)
    assert decibels(float_model(build)(signals()), model(signals())) > 25
    with pytest.raises(ConversionError, match=r"'odd' \(LayerNormalization\)"):
        rsq.quantize_model(float_model(build), rsq.RsqConfig(strict=True))


def test_sequential_models_are_taken() -> None:
    model = keras.Sequential([keras.Input((32, 8)), conv(activation="relu"), conv()])
    student = rsq.quantize_model(model)
    rsq.calibrate(student, [signals()])
    assert decibels(model(signals()), student(signals())) > 25


def test_models_within_models_are_opened() -> None:
    features = keras.Input((32, 8))
    hidden = conv(name="inner", activation="relu")(features)
    branches = keras.Model(features, [hidden, conv(name="branch")(hidden)], name="branches")
    chain = keras.Sequential([keras.Input((32, 8)), layers.ReLU(name="outer")], name="chain")

    def build(x: Any) -> Any:
        direct, branched = branches(conv(name="first")(x))
        return conv(name="last")(chain(layers.Add()([direct, branched])))

    reference = float_model(build)
    student = rsq.quantize_model(reference)
    rsq.calibrate(student, [signals()])
    names = {layer.name for layer in student.layers}
    assert {"first", "inner", "branch", "outer", "last"} <= names
    assert decibels(reference(signals()), student(signals())) > 25


def shared_layer(x: Any) -> Any:
    layer = conv(name="shared")
    return layer(layer(x))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (shared_layer, "Layer 'shared' of model 'small' is used several times"),
        (lambda x: conv()(x) + conv()(x), "Operation 'add.*' of model 'small' is not a layer"),
    ],
)
def test_models_that_cannot_be_read_are_refused(build: Build, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        rsq.quantize_model(float_model(build))


def test_models_without_inputs_are_refused() -> None:
    with pytest.raises(ConversionError, match="does not declare its inputs"):
        rsq.quantize_model(keras.Sequential([conv()]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "int4"}, "weights must be one of range_scaled, worst_case, int8, not 'int4'"),
        ({"tile": "F(4,4)"}, r"tile must be one of F\(2,3\), F\(2,3\)xF\(2,2\), not 'F\(4,4\)'"),
        ({"bands": ("gelu",)}, "bands must be one of relu, leaky_relu, linear, not 'gelu'"),
    ],
)
def test_wrong_configurations_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rsq.RsqConfig(**options)
