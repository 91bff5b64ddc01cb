"""Seeded random convolutions many of whose sums lie halfway between two outputs.

Rules of rounding differ there, and hardly anywhere else.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.support.conv_model import Quantisation, conv_chain, expand
from tests.support.random_layers import Case, random_case

_FRACTIONS = (1.0, 0.625, 0.5, 0.375)  # of a power of two, one for each channel
_LARGEST_WEIGHT = 2
_LARGEST_INPUT = 8  # from the zero point
_SPREAD = 40  # of the outputs, so that few are clamped


def random_tie_case(seed: int, one_step: bool = False) -> Case:
    """A layer of small weights whose multipliers have few bits.

    Args:
        seed: the same case for the same seed, everywhere.
        one_step: with a single output step in all of the batch, for which TFLite's kernels may
            have another rule.
    """
    case = random_case(seed)
    rng = np.random.default_rng([seed, int(one_step)])
    batch, height, width, channels = case.input.shape
    taps = case.layer.filter.shape[1]
    wide = case.layer.axis == "width"
    time = width if wide else height
    if one_step:
        batch, time = 1, (taps - 1) * case.layer.dilation + 1
    weights = rng.integers(-_LARGEST_WEIGHT, _LARGEST_WEIGHT + 1, case.layer.filter.shape)
    sums = _LARGEST_WEIGHT * _LARGEST_INPUT / 3 * np.sqrt(taps * channels)  # standard deviation
    power = 2.0 ** -np.ceil(np.log2(max(sums / _SPREAD, 1)))
    layer = replace(
        case.layer,
        filter=weights.astype(np.int8),
        bias=rng.integers(-_SPREAD, _SPREAD, len(weights)).astype(np.int32),
        filter_scale=(power * rng.choice(_FRACTIONS, len(weights))).astype(np.float32),
        output=Quantisation(1.0, case.layer.output.zero_point),
        padding="VALID" if one_step else case.layer.padding,
        activation="NONE",
    )
    source = Quantisation(1.0, case.source.zero_point)
    shape = expand(layer.axis, batch, time, channels)
    values = source.zero_point + rng.integers(-_LARGEST_INPUT, _LARGEST_INPUT + 1, shape)
    model = conv_chain([layer], source, batch, time)
    return Case(seed, layer, source, values.clip(-128, 127).astype(np.int8), model)
