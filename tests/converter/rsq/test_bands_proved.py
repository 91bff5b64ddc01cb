"""The exporter and the delegate agree on bands: what one calls constrained, the other proves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from keras import layers

from tests.support.rsq_bands import assert_bands_are_proved
from tests.support.rsq_models import Build, conv, joined_pools, quantized
from wqlite.converter import convert, rsq
from wqlite.converter.rsq.tiles import TILES


def rectified(x: Any) -> Any:
    return conv(activation="relu")(x)


def joined(x: Any) -> Any:
    return layers.Concatenate()([rectified(x), rectified(x)])


BETWEEN: dict[str, Build] = {
    "average_pooling": lambda x: layers.AveragePooling1D(2)(rectified(x)),
    "max_pooling": lambda x: layers.MaxPooling1D(3, 1, "same")(rectified(x)),
    "linear_pooling": lambda x: layers.MaxPooling1D(2)(conv()(x)),
    "joined_pools": lambda x: joined_pools(rectified(x)),
    "pooled_concatenation": lambda x: layers.AveragePooling1D(2)(joined(x)),
    "zero_padding": lambda x: layers.ZeroPadding1D(2)(rectified(x)),
    "cropping": lambda x: layers.Cropping1D(1)(rectified(x)),
    "permute": lambda x: layers.Permute((2, 1))(rectified(x)),
    "dense": lambda x: layers.Dense(8, activation="relu")(x),
    "leaky_relu": lambda x: layers.LeakyReLU(0.1)(conv()(x)),
    "add": lambda x: layers.ReLU()(layers.Add()([rectified(x), conv()(x)])),
    "linear_add": lambda x: layers.Add()([conv()(x), conv()(x)]),
    "depthwise": lambda x: layers.DepthwiseConv1D(3, activation="relu")(x),
    "linear_depthwise": lambda x: layers.DepthwiseConv1D(3)(x),
    "concatenation": joined,
    "reshape": lambda x: layers.Reshape((16, 16))(rectified(x)),
    "repeat": lambda x: layers.RepeatVector(5)(layers.Flatten()(layers.Dense(2)(rectified(x)))),
    "up_sampling": lambda x: layers.UpSampling1D(2)(rectified(x)),
    "causal": lambda x: conv(activation="relu")(layers.ZeroPadding1D((2, 0))(rectified(x))),
}
"""Name -> what stands before a constrained convolution."""


@pytest.mark.parametrize("tile", TILES)
def test_constrained_convolutions_are_proved(
    tile: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """All in one model, since most of a conversion's time is that of starting it."""

    def all_kinds(x: Any) -> list[Any]:
        return [conv(width=7, name=f"after_{name}")(build(x)) for name, build in BETWEEN.items()]

    student = quantized(all_kinds, rsq.RsqConfig(tile=tile))
    assert {student.get_layer(f"after_{name}").tile.name for name in BETWEEN} == {tile}
    path = tmp_path / "model.tflite"
    convert(student, output=path)
    assert assert_bands_are_proved(student, path.read_bytes(), capfd) >= len(BETWEEN)


def test_a_maximum_over_time_ends_a_band(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Over no frames it is -128 in TFLite, so that neither side may promise anything after it."""
    student = quantized(
        lambda x: conv()(layers.RepeatVector(5)(layers.GlobalMaxPooling1D()(rectified(x))))
    )
    path = tmp_path / "model.tflite"
    convert(student, output=path)
    assert assert_bands_are_proved(student, path.read_bytes(), capfd) == 0
