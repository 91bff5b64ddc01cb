"""Initial scales from data, without training."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from ..errors import ConversionError
from .activation_quantizer import ActivationQuantizer
from .activation_range import INT8_MAX, INT8_MIN, ActivationRange
from .layers import QuantizedKernelLayer
from .transformed_range import Tensor

Values = npt.NDArray[np.float32]
Progress = Callable[[str], None]

KEPT_PER_CALL = 1 << 16
"""Values of one tensor and batch that the search sees; evenly spread over the tensor."""

CUTS = np.linspace(1.0, 0.02, 80)
"""The shares of the largest value that the search for the smallest error tries."""

BINS = 2048


def calibrate(
    model: keras.Model, batches: Iterable[Any], progress: Progress = lambda step: None
) -> None:
    """Sets all scales of a model of `quantize_model`; used alone, post-training quantisation.

    Activations: the range with the smallest squared error of the quantised values on the batches,
    which are run with float activations. Weights: from the weights themselves.

    Args:
        model: the model; changed in place.
        batches: inputs of the model: arrays, or lists or mappings of them by input name; of tuples,
            as training takes them, the first element counts.
        progress: told about each batch.

    Raises:
        ConversionError: no batch, or one without an input of the model, or with NaN or infinity.
    """
    for layer in model.layers:
        if isinstance(layer, QuantizedKernelLayer):
            layer.calibrate()
    quantizers = activation_quantizers(model)
    with _observed(quantizers) as samples:
        count = 0
        for count, batch in enumerate(batches, start=1):
            progress(f"calibrating, batch {count}")
            model(_inputs(batch, model), training=False)
    if not count:
        raise ConversionError(f"Model '{model.name}' cannot be calibrated without data: no batch.")
    for quantizer, sample in samples.items():
        if quantizer.fixed_scale is None:
            quantizer.set_scale(*sample.best_scale())


def activation_quantizers(model: keras.Model) -> list[ActivationQuantizer]:
    """All quantisers of activations, each once, also where layers share it."""
    found = {
        layer: None for layer in model._flatten_layers() if isinstance(layer, ActivationQuantizer)
    }
    return list(found)


@contextlib.contextmanager
def _observed(
    quantizers: Iterable[ActivationQuantizer],
) -> Iterator[dict[ActivationQuantizer, _Sample]]:
    samples = {quantizer: _Sample(quantizer) for quantizer in quantizers}
    try:
        for quantizer, sample in samples.items():
            quantizer.observer = sample.add
        yield samples
    finally:
        for quantizer in samples:
            quantizer.observer = None


class _Sample:
    """Some of the values that passed a quantiser, and the extremes of all of them."""

    def __init__(self, quantizer: ActivationQuantizer) -> None:
        self._quantizer = quantizer
        self._parts: list[Values] = []
        self._lowest = self._highest = 0.0

    def add(self, values: Tensor) -> None:
        """Looks at a tensor."""
        flat = ops.convert_to_numpy(values).reshape(-1)
        lowest, highest = float(flat.min(initial=0.0)), float(flat.max(initial=0.0))
        if not np.isfinite([lowest, highest]).all():
            raise ConversionError(
                f"Calibration met NaN or infinity before '{self._quantizer.name}': check the data "
                "and the weights."
            )
        self._lowest, self._highest = min(self._lowest, lowest), max(self._highest, highest)
        # A copy: a view would keep the whole tensor.
        self._parts.append(flat[:: max(1, flat.size // KEPT_PER_CALL)].copy())

    def best_scale(self) -> tuple[float, int]:
        """Scale and zero point with the smallest squared error."""
        lowest = 0.0 if self._quantizer.range.is_relu else self._lowest
        if lowest == self._highest == 0.0:
            return self._quantizer.parameters()  # Nothing but zeros: any scale is right.
        histogram, edges = np.histogram(
            np.concatenate(self._parts).clip(lowest, self._highest), BINS
        )
        values = (edges[:-1] + edges[1:]) / 2
        candidates = [
            scale_for(self._quantizer.range, cut * lowest, cut * self._highest) for cut in CUTS
        ]
        errors = [
            histogram @ np.square(self._quantized(values, *candidate) - values)
            for candidate in candidates
        ]
        return candidates[int(np.argmin(errors))]

    def _quantized(self, values: Values, scale: float, zero_point: int) -> Values:
        limits = self._quantizer.range
        levels = np.round(values / scale) + zero_point
        grid: Values = scale * (levels.clip(limits.lowest, limits.highest) - zero_point)
        return grid


def scale_for(limits: ActivationRange, lowest: float, highest: float) -> tuple[float, int]:
    """The smallest scale, and the zero point, with which the real range fits the int8 range.

    Args:
        limits: the int8 range.
        lowest: smallest real value, at most 0.
        highest: largest real value, at least 0.
    """
    if limits.zero_point is None:
        scale = (highest - lowest) / (INT8_MAX - INT8_MIN)
        return scale, round(INT8_MIN - lowest / scale)
    above, below = limits.highest - limits.zero_point, limits.zero_point - limits.lowest
    return max(highest / above, -lowest / below if below else 0.0), limits.zero_point


def _inputs(batch: Any, model: keras.Model) -> Any:
    if isinstance(batch, tuple):
        batch = batch[0]
    if not isinstance(batch, dict):
        return batch
    names = [tensor.name for tensor in model.inputs]
    if missing := [name for name in names if name not in batch]:
        raise ConversionError(
            f"A calibration batch lacks the input '{missing[0]}' of model '{model.name}': it has "
            f"{', '.join(map(repr, batch))}."
        )
    values = [batch[name] for name in names]
    return values[0] if len(values) == 1 else values
