"""What `quantize_model` is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from .tiles import F23, TILES

WeightLimit = Literal["range_scaled", "worst_case", "int8"]
"""What bounds the integer weights of a convolution; see `RsqConfig.weights`."""

BandSource = Literal["relu", "leaky_relu", "linear"]


@dataclass(frozen=True)
class RsqConfig:
    """How a float model is quantised; see docs/rsq.md.

    Attributes:
        tile: the Winograd tile of the kernels that the model is for, which wants the inputs of its
            convolutions in a band of neighbouring int8 values: "F(2,3)" 128 of them,
            "F(2,3)xF(2,2)" 64. Convolutions for which F(2,3) is the better one get that.
        weights: of the convolutions that Winograd kernels can take. "range_scaled": every group of
            taps stays inside the int8 range *after* the tile's transform, with scales that fill
            that range; "worst_case": every single weight is so small that any group fits (at most
            42 for F(2,3), and 21 for F(2,3)xF(2,2)); "int8": no layer is made for
            Winograd kernels, weights go up to 127 and activations have no bands. All other layers
            are "int8" always.
        bands: the layers whose outputs may carry a band: "relu" (also ReLU6), "leaky_relu",
            "linear" (no activation).
        learn_scales: whether training changes the scales (LSQ); otherwise they stay as `calibrate`
            sets them.
        strict: refuse layers that stay float instead of warning.

    Raises:
        ValueError: an unknown value.
    """

    weights: WeightLimit = "range_scaled"
    tile: str = F23.name
    bands: tuple[BandSource, ...] = get_args(BandSource)
    learn_scales: bool = True
    strict: bool = False

    def __post_init__(self) -> None:
        _check("weights", self.weights, get_args(WeightLimit))
        _check("tile", self.tile, tuple(TILES))
        for band in self.bands:
            _check("bands", band, get_args(BandSource))


def _check(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        raise ValueError(
            f"RsqConfig: {name} must be one of {', '.join(map(str, allowed))}, not {value!r}."
        )
