"""Wav2letter and Tiny Wav2letter as Arm's ML Zoo defines them: 1-D convolutions, MFCC to letters.

Example:
```python
model = wav2letter()                                   # [batch, 296, 39] -> [batch, 148, 29]
model = tiny_wav2letter(activation="relu", time_steps=None)
model = build(layers=(ConvLayer(64, 11, stride=2), ConvLayer(64, 5)), name="my_model")
```

Sources: https://github.com/Arm-software/ML-zoo, `models/speech_recognition/{wav2letter,
tiny_wav2letter}`; R. Collobert et al., "Wav2Letter: an End-to-End ConvNet-based Speech Recognition
System", 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import keras

from .ctc import LABELS
from .initializers import LEAKY_SLOPE, independent_seeds, scale_keeping
from .shape import FEATURES, WINDOW_FRAMES

ACTIVATIONS = ("leaky_relu", "relu")


@dataclass(frozen=True)
class ConvLayer:
    """A hidden Conv1D layer with SAME padding, followed by the activation.

    Attributes:
        channels: output channels.
        width: taps of the kernel.
        stride: along time.
    """

    channels: int
    width: int
    stride: int = 1


def _hidden_layers(
    channels: int, narrow_layers: int, wide_channels: int, first_channels: int = 250
) -> tuple[ConvLayer, ...]:
    """The table behind all models: only channels and the number of narrow layers differ."""
    return (
        ConvLayer(first_channels, 48, stride=2),
        *[ConvLayer(channels, 7)] * narrow_layers,
        ConvLayer(wide_channels, 32),
        ConvLayer(wide_channels, 1),
    )


WAV2LETTER_LAYERS = _hidden_layers(channels=250, narrow_layers=7, wide_channels=2000)
TINY_WAV2LETTER_LAYERS = _hidden_layers(channels=100, narrow_layers=5, wide_channels=750)
NARROW_WAV2LETTER_LAYERS = _hidden_layers(
    channels=96, narrow_layers=5, wide_channels=160, first_channels=96
)


def build(
    *,
    layers: Sequence[ConvLayer],
    activation: str = "leaky_relu",
    batch_normalization: bool = False,
    time_steps: int | None = WINDOW_FRAMES,
    features: int = FEATURES,
    labels: int = LABELS,
    batch: int | None = None,
    seed: int = 0,
    name: str | None = None,
) -> keras.Model:
    """A chain of SAME Conv1D layers that ends in a width-1 layer of logits.

    Weights are drawn from the seed with He's variance, so that activations keep their scale
    through the network even before training.

    Args:
        layers: the hidden layers.
        activation: "leaky_relu" (slope 0.2, a layer of its own after each convolution) or "relu"
            (part of the Conv1D layer, where nothing comes between).
        batch_normalization: between each hidden convolution and its activation, which helps
            training; the converter folds it into the convolution.
        time_steps: frames of the input, `None` for an open axis.
        features: numbers per frame.
        labels: logits per output frame.
        batch: size of the batch axis, `None` for an open axis.
        seed: of the weights.
        name: of the model.

    Returns:
        A Keras model with the input "features" [batch, time_steps, features] and logits
        [batch, ceil(time_steps / product of strides), labels].

    Raises:
        ValueError: an unknown activation, or a size below 1.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, not '{activation}'.")
    inputs = keras.Input(shape=(time_steps, features), batch_size=batch, name="features")
    seeds = independent_seeds(seed, len(layers) + 1)
    x = inputs
    for number, layer in enumerate(layers, start=1):
        x = _hidden(x, layer, activation, batch_normalization, next(seeds), number)
    logits = keras.layers.Conv1D(
        labels,
        1,
        padding="same",
        kernel_initializer=scale_keeping("linear", next(seeds)),
        name="logits",
    )(x)
    return keras.Model(inputs, logits, name=name)


def _hidden(
    x: keras.KerasTensor,
    layer: ConvLayer,
    activation: str,
    batch_normalization: bool,
    seed: int,
    number: int,
) -> keras.KerasTensor:
    fused = activation == "relu" and not batch_normalization
    x = keras.layers.Conv1D(
        layer.channels,
        layer.width,
        strides=layer.stride,
        padding="same",
        activation="relu" if fused else None,
        use_bias=not batch_normalization,  # The normalisation has one of its own.
        kernel_initializer=scale_keeping(activation, seed),
        name=f"conv_{number}",
    )(x)
    if batch_normalization:
        x = keras.layers.BatchNormalization(name=f"norm_{number}")(x)
    if activation == "leaky_relu":
        x = keras.layers.LeakyReLU(LEAKY_SLOPE, name=f"leaky_relu_{number}")(x)
    elif not fused:
        x = keras.layers.ReLU(name=f"relu_{number}")(x)
    return x


wav2letter = partial(build, layers=WAV2LETTER_LAYERS, name="wav2letter")
"""Wav2letter, 23.6 million parameters: `build` with its own defaults of `layers` and `name`."""

tiny_wav2letter = partial(build, layers=TINY_WAV2LETTER_LAYERS, name="tiny_wav2letter")
"""Tiny Wav2letter, 3.9 million parameters: `build` with its own defaults of `layers` and `name`."""

narrow_wav2letter = partial(
    build,
    layers=NARROW_WAV2LETTER_LAYERS,
    activation="relu",
    batch_normalization=True,
    name="narrow_wav2letter",
)
"""Tiny Wav2letter with fewer channels, 1.0 million parameters: it trains on two cores."""
