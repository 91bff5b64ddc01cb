"""Small float models with random but trained-looking weights, and how far two outputs differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import layers

FRAMES = 32
CHANNELS = 8

Build = Callable[[Any], Any]
Signal = npt.NDArray[np.float32]


def float_model(build: Build, name: str = "small", seed: int = 0) -> Any:
    """A model from "features" [?, 32, 8] to what `build` makes of them."""
    import keras

    keras.utils.set_random_seed(seed)
    features = keras.Input((FRAMES, CHANNELS), name="features")
    model = keras.Model(features, build(features), name=name)
    generator = np.random.default_rng(seed)
    for variable in model.weights:
        if len(variable.shape) == 1:  # Keras starts them at 0 and 1.
            positive = variable.path.endswith(("gamma", "moving_variance"))
            low, high = (0.5, 1.5) if positive else (-0.5, 0.5)
            variable.assign(generator.uniform(low, high, variable.shape))
    return model


def signals(count: int = 4, seed: int = 1) -> Signal:
    """Inputs [count, 32, 8]."""
    generator = np.random.default_rng(seed)
    return generator.standard_normal((count, FRAMES, CHANNELS)).astype(np.float32)


def quantized(build: Build, config: Any = None, **options: Any) -> Any:
    """The calibrated RSQ model of a float model."""
    from wqlite.converter import rsq

    model = rsq.quantize_model(float_model(build, **options), config)
    rsq.calibrate(model, [signals()])
    return model


def decibels(reference: Any, other: Any) -> float:
    """Power of the reference over that of its difference to the other."""
    reference, other = np.asarray(reference, np.float64), np.asarray(other, np.float64)
    noise = np.square(reference - other).sum()
    return float(10 * np.log10(np.square(reference).sum() / noise)) if noise else float("inf")


def run_tflite(path: Path, inputs: Signal) -> list[tuple[npt.NDArray[np.int64], float, int]]:
    """Integers, scale and zero point of every output, with TFLite's built-in kernels."""
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(
        str(path),
        experimental_op_resolver_type=(
            tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        ),
    )
    interpreter.allocate_tensors()
    (entry,) = interpreter.get_input_details()
    scale, zero_point = entry["quantization"]
    integers = np.clip(np.round(inputs / scale) + zero_point, -128, 127).astype(np.int8)
    runner = interpreter.get_signature_runner()
    (name,) = runner.get_input_details()
    results = [runner(**{name: example[None]}) for example in integers]
    details = runner.get_output_details()
    return [
        (
            np.concatenate([result[output] for result in results]).astype(np.int64),
            *details[output]["quantization"],
        )
        for output in sorted(details)
    ]


def conv(filters: int = 8, width: int = 3, **options: Any) -> layers.Layer:
    return layers.Conv1D(filters, width, padding="same", **options)


def both(x: Any) -> Any:
    """A ReLU that cannot be fused, since the convolution is read twice."""
    return layers.Add()([layers.ReLU()(x), conv()(x)])


def joined_pools(x: Any) -> Any:
    return layers.Concatenate()([layers.MaxPooling1D(2)(x), layers.AveragePooling1D(2)(x)])


def both_leaky(x: Any) -> Any:
    """A LeakyReLU with a band whose input has another grid, since it is read twice."""
    return layers.Add()([conv()(layers.LeakyReLU(0.1)(x)), conv()(x)])


LAYERS: dict[str, Build] = {
    "conv_relu": lambda x: conv(4, 1)(conv(activation="relu")(x)),
    "conv_relu6": lambda x: conv(4, 1)(layers.ReLU(6.0)(conv()(x))),
    "leaky_relu_argument": lambda x: conv(4, 1)(conv(activation="leaky_relu")(x)),
    "negative_slope": lambda x: conv(4, 1)(layers.ReLU(negative_slope=0.1)(conv()(x))),
    "causal_dilated": lambda x: layers.Conv1D(8, 3, padding="causal", dilation_rate=2)(x),
    "valid_strided": lambda x: layers.Conv1D(8, 5, strides=2)(conv(activation="relu")(x)),
    "depthwise": lambda x: layers.DepthwiseConv1D(5, padding="same", depth_multiplier=2)(x),
    "separable": lambda x: layers.SeparableConv1D(8, 3, activation="relu", padding="same")(x),
    "dense": lambda x: layers.Dense(6, activation="relu")(x),
    "add": lambda x: conv()(layers.ReLU()(layers.Add()([conv()(x), conv()(x), conv()(x)]))),
    "concatenate": lambda x: layers.Concatenate()([conv()(x), conv(activation="relu")(x), x]),
    "average_pooling": lambda x: layers.AveragePooling1D(2)(conv(activation="relu")(x)),
    "max_pooling": lambda x: layers.MaxPooling1D(2)(conv()(x)),
    "global_average": lambda x: layers.Dense(3)(layers.GlobalAveragePooling1D()(conv()(x))),
    "global_max": lambda x: layers.Dense(3)(layers.GlobalMaxPooling1D()(conv()(x))),
    "reshape": lambda x: conv()(layers.Reshape((16, 16))(conv(activation="relu")(x))),
    "flatten": lambda x: layers.Dense(3)(layers.Flatten()(conv(2)(x))),
    "softmax": lambda x: layers.Softmax()(conv(4)(x)),
    "softmax_argument": lambda x: conv(4, activation="softmax")(x),
    "tanh": lambda x: layers.Activation("tanh")(conv()(x)),
    "sigmoid": lambda x: conv(activation="sigmoid")(x),
    "pad_and_crop": lambda x: conv()(layers.Cropping1D(1)(layers.ZeroPadding1D(2)(x))),
    "normalization_first": lambda x: conv()(layers.BatchNormalization()(x)),
    "two_readers": lambda x: both(conv()(x)),
    "two_readers_leaky": lambda x: both_leaky(conv()(x)),
    "leaky_sum": lambda x: conv()(layers.LeakyReLU(0.25)(layers.Add()([conv()(x), conv()(x)]))),
    "leaky_sum_output": lambda x: layers.LeakyReLU(0.3)(layers.Add()([conv()(x), conv()(x)])),
    "signed_residual": lambda x: conv()(layers.Add()([conv()(conv()(x)), conv()(x)])),
    "joined_pools": lambda x: joined_pools(conv(activation="relu")(x)),
    "nested_joins": lambda x: layers.Concatenate()(
        [conv()(x), layers.Concatenate()([conv(activation="relu")(x), conv()(x)])]
    ),
    "up_sampling": lambda x: conv()(layers.UpSampling1D(2)(conv(activation="relu")(x))),
    "repeat": lambda x: conv()(layers.RepeatVector(5)(layers.GlobalMaxPooling1D()(conv()(x)))),
    "dilated_band": lambda x: layers.Conv1D(8, 3, padding="causal", dilation_rate=3)(
        conv(activation="relu")(x)
    ),
    "depthwise_band": lambda x: conv()(
        layers.ReLU()(layers.BatchNormalization()(layers.DepthwiseConv1D(5, use_bias=False)(x)))
    ),
}
"""Name -> a small model that shows one kind of layer, or one way in which they meet."""
