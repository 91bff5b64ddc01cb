"""ConvDFSMN: a deep feed-forward sequential memory network made of 1-D convolutions.

Example:
```python
model = conv_dfsmn()                                   # [batch, 296, 39] -> [batch, 148, 29]
model = conv_dfsmn(depth=6, hidden=512, projection=128, look_ahead=2, time_steps=None)
model = conv_dfsmn(look_ahead=0)                       # causal: for streaming
```

Source of the DFSMN: S. Zhang et al., "Deep-FSMN for Large Vocabulary Continuous Speech
Recognition", 2018. Of block l, with hidden state h, it says

    p_t = V h_t + b                                            low-rank linear projection
    m_t = H(m'_t) + p_t + sum_i a_i * p_(t-i s) + sum_j c_j * p_(t+j s)      memory, * by element
    h_t = ReLU(U m_t + d)                                      affine expansion

where m' is the memory of the block before and H the identity. The ConvDFSMN of Yao et al., 2020, is
known to us from an abstract only. Our choices: docs/conv_dfsmn.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import keras

from .ctc import LABELS
from .initializers import independent_seeds, scale_keeping
from .shape import FEATURES, WINDOW_FRAMES


def conv_dfsmn(
    *,
    depth: int = 8,
    hidden: int = 1024,
    projection: int = 256,
    look_back: int = 10,
    look_ahead: int = 10,
    memory_stride: int | Sequence[int] = 1,
    front_width: int = 15,
    stride: int = 2,
    batch_normalization: bool = True,
    time_steps: int | None = WINDOW_FRAMES,
    features: int = FEATURES,
    labels: int = LABELS,
    batch: int | None = None,
    seed: int = 0,
    name: str = "conv_dfsmn",
) -> keras.Model:
    """A strided convolution, `depth` DFSMN blocks, and a width-1 layer of logits.

    The memory of a block is a full convolution over `look_back + 1 + look_ahead` taps, which lie
    `memory_stride` output frames apart.

    Args:
        depth: blocks.
        hidden: channels between blocks.
        projection: channels within a block, where its memory works.
        look_back: taps of a memory on past frames.
        look_ahead: taps of a memory on future frames. 0 makes the whole model causal: no output
            depends on a frame after the last one that it stands for.
        memory_stride: distance of the taps, one for all blocks or one for each.
        front_width: taps of the first convolution.
        stride: of the first convolution: input frames per output frame.
        batch_normalization: after the first convolution, each memory and each expansion; the
            converter folds it into the convolution before it.
        time_steps: frames of the input, `None` for an open axis.
        features: numbers per frame.
        labels: logits per output frame.
        batch: size of the batch axis, `None` for an open axis.
        seed: of the weights.
        name: of the model.

    Returns:
        A Keras model with the input "features" [batch, time_steps, features] and logits
        [batch, ceil(time_steps / stride), labels].

    Raises:
        ValueError: a size out of range, or not one memory stride for each block.
    """
    _check_at_least(1, depth=depth, hidden=hidden, projection=projection, stride=stride)
    _check_at_least(1, front_width=front_width)
    _check_at_least(0, look_back=look_back, look_ahead=look_ahead)
    memory_strides = _one_per_block(memory_stride, depth)
    _check_at_least(1, memory_stride=min(memory_strides))
    convolve = _Convolutions(independent_seeds(seed, 2 + 3 * depth), batch_normalization)

    inputs = keras.Input(shape=(time_steps, features), batch_size=batch, name="features")
    padding = "same" if look_ahead else "causal"
    x = convolve(inputs, "front", hidden, front_width, relu=True, strides=stride, padding=padding)
    memory = None
    for number, distance in enumerate(memory_strides, start=1):
        block = f"block_{number}"
        x = convolve(x, f"{block}_projection", projection, normalize=False)
        x = _memory(convolve, x, f"{block}_memory", look_back, look_ahead, distance)
        if memory is not None:
            x = keras.layers.Add(name=f"{block}_skip")([memory, x])
        memory = x
        x = convolve(x, f"{block}_expansion", hidden, relu=True)
    logits = convolve(x, "logits", labels, normalize=False)
    return keras.Model(inputs, logits, name=name)


class _Convolutions:
    """Makes the Conv1D layers of one model: one seed each, and normalisation where it is wanted."""

    def __init__(self, seeds: Iterator[int], normalize: bool) -> None:
        self._seeds = seeds
        self._normalize = normalize

    def __call__(
        self,
        x: keras.KerasTensor,
        name: str,
        channels: int,
        width: int = 1,
        *,
        relu: bool = False,
        normalize: bool = True,
        **options: Any,
    ) -> keras.KerasTensor:
        normalize = normalize and self._normalize
        x = keras.layers.Conv1D(
            channels,
            width,
            use_bias=not normalize,  # The normalisation has one of its own.
            kernel_initializer=scale_keeping("relu" if relu else "linear", next(self._seeds)),
            name=name,
            **options,
        )(x)
        if normalize:
            x = keras.layers.BatchNormalization(name=f"{name}_norm")(x)
        return keras.layers.ReLU(name=f"{name}_relu")(x) if relu else x


def _memory(
    convolve: _Convolutions,
    x: keras.KerasTensor,
    name: str,
    look_back: int,
    look_ahead: int,
    distance: int,
) -> keras.KerasTensor:
    """The convolution over past and future frames; as many frames as its input has."""
    if look_ahead == look_back:
        padding = "same"
    elif look_ahead == 0:
        padding = "causal"
    else:
        padding = "valid"
        sides = (look_back * distance, look_ahead * distance)
        x = keras.layers.ZeroPadding1D(sides, name=f"{name}_padding")(x)
    taps = look_back + 1 + look_ahead
    return convolve(x, name, x.shape[-1], taps, dilation_rate=distance, padding=padding)


def _one_per_block(memory_stride: int | Sequence[int], depth: int) -> list[int]:
    if isinstance(memory_stride, int):
        return [memory_stride] * depth
    if len(memory_stride) != depth:
        raise ValueError(
            f"memory_stride must be one number or {depth}, one for each block, not "
            f"{len(memory_stride)}."
        )
    return list(memory_stride)


def _check_at_least(limit: int, **sizes: int) -> None:
    for name, size in sizes.items():
        if size < limit:
            raise ValueError(f"{name} must be at least {limit}, not {size}.")


narrow_conv_dfsmn = partial(
    conv_dfsmn,
    depth=5,
    hidden=128,
    projection=64,
    look_back=7,
    look_ahead=7,
    name="narrow_conv_dfsmn",
)
"""A model that trains on two cores: `conv_dfsmn` with its own default sizes and name."""
