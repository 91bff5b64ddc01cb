"""Whether a written file keeps what training promised: its integers, their ranges, the bands."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from keras import ops

from ..errors import ConversionError
from ..flatbuffer import TFLiteFile
from .exported_kernel import ExportedKernel
from .int8_ranges import Int8Ranges
from .tiles import LARGEST, Tile
from .transformed_range import largest_transformed, tap_groups


def check_file(file: TFLiteFile, convolutions: Iterable[ExportedKernel], title: str) -> None:
    """Compares constrained convolutions with the `.tflite` that was made of them.

    Args:
        file: the `.tflite`.
        convolutions: their trained weights.
        title: how error messages call the model.

    Raises:
        ConversionError: the weights of one are not in the file, or they, transformed, or its input
            leave the range.
    """
    ranges = Int8Ranges(file)
    filters = _filters(file)
    for kernel in convolutions:
        name, tile = kernel.layer.name, kernel.layer.tile
        # [width, input, output channels] -> [output, 1, width, input channels]
        trained = np.moveaxis(kernel.integers, -1, 0)[:, None]
        found = [source for weights, source in filters if np.array_equal(weights, trained)]
        if not found:
            raise ConversionError(
                f"{title} was not converted faithfully: the file does not hold the trained "
                f"integers of layer '{name}'."
            )
        if (largest := _largest(trained, kernel.layer.stride, tile)) > LARGEST:
            raise ConversionError(
                f"The weights of layer '{name}' of {title} leave the int8 range of the Winograd "
                f"kernel: {largest} of {LARGEST} when transformed."
            )
        for lowest, highest in map(ranges.of, found):
            if highest - lowest >= tile.band_levels:
                raise ConversionError(
                    f"The input of layer '{name}' of {title} is not held in a band of "
                    f"{tile.band_levels} values: the file lets it take the values {lowest} to "
                    f"{highest}."
                )


def _filters(file: TFLiteFile) -> list[tuple[npt.NDArray[np.int8], int]]:
    """The int8 filters of all convolutions, with the index of the tensor that they read."""
    convolutions = (op for op in file.operators_in_order if file.name(op) == "CONV_2D")
    filters = [(file.int8_constant(op.inputs[1]), op.inputs[0]) for op in convolutions]
    return [(weights, source) for weights, source in filters if weights is not None]


def _largest(weights: npt.NDArray[np.int8], stride: int, tile: Tile) -> int:
    """The largest transformed weight of a filter [output, 1, width, input channels]."""
    taps_first = np.moveaxis(weights[:, 0], 0, -1).astype(np.float32)
    groups = tap_groups(taps_first, stride, tile)
    return int(ops.convert_to_numpy(largest_transformed(groups, tile)).max(initial=0.0))
