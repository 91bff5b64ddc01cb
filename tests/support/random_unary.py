"""Models of one operator that is a table of 256 values, after a convolution that does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.support.conv_model import ConvLayer, ModelBuilder, Quantisation, Tensor

# The operators that the delegate takes.
OPERATORS = (
    "LEAKY_RELU",
    "RELU",
    "RELU6",
    "RELU_N1_TO_1",
    "LOGISTIC",
    "TANH",
    "ELU",
    "HARD_SWISH",
    "QUANTIZE",
)
# What TFLite demands.
_OUTPUTS = {"LOGISTIC": Quantisation(1 / 256, -128), "TANH": Quantisation(1 / 128, 0)}


@dataclass(frozen=True)
class Case:
    """`input`: every int8 value, and some again, so that vectors and remainders are reached."""

    description: str
    model: bytes
    input: npt.NDArray[np.int8]


def identity(builder: ModelBuilder, source: Tensor, channels: int = 1) -> Tensor:
    """A convolution whose output equals its input."""
    layer = ConvLayer(
        filter=np.eye(channels, dtype=np.int8)[:, None, :],
        bias=np.zeros(channels, np.int32),
        filter_scale=np.ones(1, np.float32),
        output=source.quantisation,
    )
    return builder.conv(source, layer, "identity")


def random_case(code: str, seed: int) -> Case:
    """The same case for the same seed, everywhere."""
    rng = np.random.default_rng(seed)

    def zero_point() -> int:
        return int(rng.choice([-128, -127, 0, 126, 127, *rng.integers(-128, 128, 5)]))

    def scale(low: float, high: float) -> float:
        # Powers of two make ties.
        value = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        return 2.0 ** round(np.log2(value)) if rng.random() < 0.4 else value

    source = Quantisation(scale(1e-4, 10), zero_point())
    ratio = scale(1e-3, 1e3) if rng.random() < 0.3 else scale(0.2, 5)
    if code == "HARD_SWISH":  # TFLite refuses an output that is finer by 128 and more
        ratio = max(ratio, 1 / 64)
    output = _OUTPUTS.get(code, Quantisation(source.scale * ratio, zero_point()))
    if rng.random() < 0.1 and code not in _OUTPUTS:
        output = source
    options: dict[str, Any] = {}
    if code == "LEAKY_RELU":
        options["alpha"] = float(rng.choice([0.2, 0.1, 0.3, 0.5, 0, 1, 1.5, -0.2, rng.random()]))
    values = np.concatenate([np.arange(-128, 128), rng.integers(-128, 128, rng.integers(0, 40))])
    rng.shuffle(values)
    builder = ModelBuilder()
    tensor = builder.input([1, 1, len(values), 1], source)
    tensor = builder.unary(identity(builder, tensor), code, output, **options)
    return Case(
        f"{code} seed {seed}: {source} -> {output} {options}",
        builder.build(tensor),
        values.astype(np.int8).reshape(1, 1, -1, 1),
    )
