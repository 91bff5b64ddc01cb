"""Which activations are kept in a band, and which of them share one scale for it.

A band in a plain `.tflite` file is a fused RELU6 or RELU_N1_TO_1, which clamps at the fixed real
values 6 or 1. A learned clip `a` is moved there by rescaling: networks of linear and (leaky)
rectified layers are positively homogeneous, so the layer before may be multiplied by 6/a and the
layer after divided by it. What meets in an addition or a concatenation must be multiplied by one
common factor: such tensors form a *unit group*, all bands of a group have one quantiser, and a
group that holds an input or output of the model, whose unit users see, has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from keras import layers

from .activation_range import ActivationRange, leaky_relu_band, linear_band, relu_band
from .config import RsqConfig
from .fold import FoldedModel, Operation, is_relu
from .layer_kinds import SAME_GRID, unit_of
from .tiles import TILES, Tile, tile_for
from .units import Unit, UnitGroups


@dataclass
class Bands:
    """What is to be kept in a band.

    Attributes:
        ranges: operation -> the band of its output.
        firsts: operation -> the first one with a band in its unit group, whose quantiser all share.
        constrained: the convolutions whose weights are to stay in the transformed range -> of
            which tile.
    """

    ranges: dict[Operation, ActivationRange] = field(default_factory=dict)
    firsts: dict[Operation, Operation] = field(default_factory=dict)
    constrained: dict[Operation, Tile] = field(default_factory=dict)


def choose_bands(model: FoldedModel, config: RsqConfig) -> Bands:
    """The bands that the model's Winograd convolutions ask for and that a file can carry."""
    bands = Bands()
    if config.weights == "int8":
        return bands
    units = _unit_groups(model)
    pinned = units.pinned_groups()
    tiles = {
        operation: tile for operation in model.operations if (tile := _tile(operation, config))
    }
    # As many as each tile in a unit group takes, since its bands share one scale.
    levels: dict[Operation, int] = {}
    for convolution, tile in tiles.items():
        group = units.group(convolution.inputs[0])
        levels[group] = min(levels.get(group, tile.band_levels), tile.band_levels)
    first_of_group: dict[Operation, Operation] = {}
    for convolution, tile in tiles.items():
        sources = list(_sources(convolution.inputs[0]))
        group = units.group(sources[0])
        wanted = {_band(source, config, levels[group]) for source in sources}
        band = wanted.pop()
        if wanted or band is None or group in pinned:
            continue
        first = first_of_group.setdefault(group, sources[0])
        if bands.ranges.setdefault(first, band) == band:
            bands.ranges.update(dict.fromkeys(sources, band))
            bands.firsts.update(dict.fromkeys(sources, first))
            bands.constrained[convolution] = tile
    return bands


def _unit_groups(model: FoldedModel) -> UnitGroups[Operation]:
    units: UnitGroups[Operation] = UnitGroups()
    for operation in model.operations:
        unit = Unit.FREE if operation.has_kernel else unit_of(operation.layer)
        units.add(operation, operation.inputs, unit)
    for output in model.outputs:
        units.pin(output)
    return units


def _tile(operation: Operation, config: RsqConfig) -> Tile | None:
    layer = operation.layer
    if not (operation.has_kernel and type(layer) is layers.Conv1D):
        return None
    return tile_for(layer.kernel_size[0], layer.strides[0], TILES[config.tile])


def _sources(operation: Operation) -> Iterator[Operation]:
    """The operations that quantise the values of `operation`.

    Not beyond a maximum over time: over no frames at all it is -128, which a band need not hold.
    """
    passes_on = isinstance(operation.layer, (*SAME_GRID, layers.Concatenate))
    if passes_on and not isinstance(operation.layer, layers.GlobalMaxPooling1D):
        for source in operation.inputs:
            yield from _sources(source)
    else:
        yield operation


def _band(operation: Operation, config: RsqConfig, levels: int) -> ActivationRange | None:
    if operation.relu or (not operation.has_kernel and is_relu(operation.layer)):
        return relu_band(levels) if "relu" in config.bands else None
    if operation.takes_relu:
        return linear_band(levels) if "linear" in config.bands else None
    if isinstance(operation.layer, layers.LeakyReLU) and "leaky_relu" in config.bands:
        return leaky_relu_band(operation.layer.negative_slope, levels)
    return None
