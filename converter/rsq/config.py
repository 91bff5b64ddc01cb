"""What `quantize_model` is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

WeightLimit = Literal["range_scaled", "worst_case", "int8"]
"""What bounds the integer weights of a convolution; see `RsqConfig.weights`."""

BandSource = Literal["relu", "leaky_relu", "linear"]


@dataclass(frozen=True)
class RsqConfig:
    """How a float model is quantised; see docs/rsq.md.

    Attributes:
        weights: of the convolutions that Winograd kernels can take. "range_scaled": every group of
            three taps stays inside the int8 range *after* F(2,3)'s transform, with scales that fill
            that range; "worst_case": every single weight is at most 42, so that any three fit
            ("naive 7-bit"); "int8": weights up to 127 as TFLite has them. All other layers are
            "int8" always.
        activation_bits: 7 keeps the inputs of those convolutions in a band of 128 neighbouring
            int8 values wherever a plain `.tflite` file can carry it; 8 uses all 256 everywhere.
        bands: the layers whose outputs may carry a 7-bit band: "relu" (also ReLU6), "leaky_relu",
            "linear" (no activation).
        learn_scales: whether training changes the scales (LSQ); otherwise they stay as `calibrate`
            sets them.
        strict: refuse layers that stay float instead of warning.

    Raises:
        ValueError: an unknown value.
    """

    weights: WeightLimit = "range_scaled"
    activation_bits: Literal[7, 8] = 7
    bands: tuple[BandSource, ...] = get_args(BandSource)
    learn_scales: bool = True
    strict: bool = False

    def __post_init__(self) -> None:
        _check("weights", self.weights, get_args(WeightLimit))
        _check("activation_bits", self.activation_bits, (7, 8))
        for band in self.bands:
            _check("bands", band, get_args(BandSource))


def _check(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        raise ValueError(
            f"RsqConfig: {name} must be one of {', '.join(map(str, allowed))}, not {value!r}."
        )
