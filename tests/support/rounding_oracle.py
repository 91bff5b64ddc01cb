"""A model whose outputs tell how a runtime's CONV_2D kernels round, without asking the delegate.

Its inputs are zero, which is their zero point, so that each accumulator is its channel's bias,
whatever the weights. Four channels with small accumulators then tell all rules apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.support import corpus
from tests.support.conv_model import ConvLayer, ModelBuilder, Quantisation

# Bias and real multiplier of a channel.
_CHANNELS = ((-1, 0.5), (1, 0.5), (1, 0.25), (-1, 0.3125))
# The fixed-point multipliers are 2^30, 2^30, 2^30 and 5 * 2^28; the shifts to the right 0, 0, 1, 1.
_OUTPUTS = {
    "single": (0, 1, 0, 0),  # one shift by the sum of both, half rounded up
    "double_up": (0, 1, 1, 0),  # by 31, half up; then by the rest, half up
    "double_away": (0, 1, 1, -1),  # by 31, half up; then by the rest, half away from zero
    "half_even": (0, 0, 0, 0),  # XNNPACK's
}
_REPEATS = 4  # of the four channels: kernels for few channels may be others
_INNER = 8
_STEPS = 4


@dataclass(frozen=True)
class Rules:
    """How a runtime rounds: with one output step in all of the batch, and with more."""

    many_steps: str
    one_step: str


def model() -> corpus.Entry:
    """One convolution with several output steps and one with a single step."""
    builder = ModelBuilder()
    source = builder.input([1, 1, _STEPS, _INNER], Quantisation(1.0))
    many = builder.conv(source, _layer(width=1), "many")
    one = builder.conv(source, _layer(width=_STEPS), "one")
    values = np.zeros([1, 1, _STEPS, _INNER], np.int8)
    return corpus.Entry("rounding oracle", builder.build(many, one), values)


def _layer(width: int) -> ConvLayer:
    bias, scale = zip(*_CHANNELS * _REPEATS, strict=True)
    return ConvLayer(
        filter=np.ones([len(bias), width, _INNER], np.int8),
        bias=np.array(bias, np.int32),
        filter_scale=np.array(scale, np.float32),
        output=Quantisation(1.0),
        padding="VALID",
    )


def rules(outputs: bytes) -> Rules:
    """The rules of the runtime that gave these `outputs` of the model, one after the other."""
    rows = np.frombuffer(outputs, np.int8).reshape(_STEPS + 1, -1)
    return Rules(_rule(rows[:_STEPS].tobytes()), _rule(rows[_STEPS:].tobytes()))


def _rule(outputs: bytes) -> str:
    rows = np.frombuffer(outputs, np.int8).reshape(-1, len(_CHANNELS))
    matching = [rule for rule, row in _OUTPUTS.items() if (rows == np.array(row)).all()]
    assert len(matching) == 1, f"no rule gives {rows.tolist()}"
    return matching[0]
