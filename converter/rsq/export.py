"""A trained RSQ model as a TensorFlow function of which TFLiteConverter makes exactly its integers.

TFLiteConverter takes scales and zero points from `tf.quantization.fake_quant_*` operations. Weights
are written as their grid values, so that quantising them again gives the same integers. A band's
learned clip is moved to 6 (RELU6) or 1 (RELU_N1_TO_1): see `bands`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from ..errors import ConversionError
from .activation_quantizer import ActivationQuantizer, QuantizedOutput
from .exported_grid import ExportedGrid, clamping_factor, exported_grid
from .exported_kernel import ExportedKernel, exported_kernel
from .layer_graph import LayerCall, layer_calls
from .layer_kinds import SAME_VALUES, unit_of
from .layers import QuantizedKernelLayer, QuantizedLeakyReLU
from .units import Unit, UnitGroups

FRAME_RANK = 3


class TFLiteFunction:
    """Called with a model's inputs, returns its outputs; made of what TFLiteConverter knows.

    Args:
        model: of `quantize_model`. Its weights are read here, once.
    """

    def __init__(self, model: keras.Model) -> None:
        self._inputs = [id(tensor) for tensor in model.inputs]
        self._outputs = [id(tensor) for tensor in model.outputs]
        self._calls = [call for call in layer_calls(model) if not call.is_input]
        factors = _Factors(model)
        self._grids: dict[int, ExportedGrid] = {}
        self._input_grids: dict[int, ExportedGrid] = {}
        self._kernels: dict[int, ExportedKernel] = {}
        for call in self._calls:
            output, source, layer = id(call.output), id(call.inputs[0]), call.layer
            factor = factors.of(call.output)
            if isinstance(layer, QuantizedKernelLayer):
                input_scale = self._grids[source].scale
                self._kernels[output] = exported_kernel(
                    layer, input_scale, factors.of(call.inputs[0]), factor
                )
            if isinstance(layer, QuantizedLeakyReLU):
                before = layer.input_quantizer or layer.quantizer
                self._input_grids[output] = exported_grid(before, factor)
            if (quantizer := _quantizer(layer)) is not None:
                self._grids[output] = exported_grid(quantizer, factor)
            elif isinstance(layer, SAME_VALUES):
                self._grids[output] = self._grids[source]

    def __call__(self, inputs: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """The outputs for `inputs`, in the model's order."""
        values = dict(zip(self._inputs, inputs, strict=True))
        for call in self._calls:
            sources = [values[id(tensor)] for tensor in call.inputs]
            with tf.name_scope(call.layer.name):  # Which the file's tensors are named after.
                values[id(call.output)] = self._run(call, sources)
        return [values[output] for output in self._outputs]

    def constrained_convolutions(self) -> Iterator[ExportedKernel]:
        """The convolutions whose weights and inputs were trained for int8 Winograd."""
        for call in self._calls:
            kernel = self._kernels.get(id(call.output))
            if kernel is not None and kernel.layer.weights_limit != "int8":
                yield kernel

    def _run(self, call: LayerCall, sources: list[tf.Tensor]) -> tf.Tensor:
        layer = call.layer
        if isinstance(layer, (QuantizedKernelLayer, QuantizedLeakyReLU, ActivationQuantizer)):
            return _on_frames(lambda x: self._elementwise(call, x), sources[0])
        if isinstance(layer, QuantizedOutput):
            return self._other(call, sources)
        if isinstance(layer, layers.Add):  # An activation follows, and quantises.
            return _on_frames(tf.add, *sources)
        return _in_float32(layer)(sources[0])

    def _elementwise(self, call: LayerCall, values: tf.Tensor) -> tf.Tensor:
        """What may have a height axis."""
        layer, output = call.layer, id(call.output)
        if isinstance(layer, QuantizedLeakyReLU):
            before = self._input_grids[output]
            if self._grids.get(id(call.inputs[0])) != before:
                values = before.quantize(before.clamp(values))
            return self._grids[output].quantize(tf.nn.leaky_relu(values, layer.negative_slope))
        if isinstance(layer, QuantizedKernelLayer):
            values = self._kernels[output].apply(values)
            if layer.quantizer is None:
                return values
        grid = self._grids[output]
        return grid.quantize(grid.clamp(values))

    def _other(self, call: LayerCall, sources: list[tf.Tensor]) -> tf.Tensor:
        layer, grid = call.layer.layer, self._grids[id(call.output)]
        if isinstance(layer, layers.Add):
            return _on_frames(lambda a, b: grid.quantize(grid.clamp(a + b)), *sources)
        if isinstance(layer, layers.ReLU):
            relu = (lambda x: x) if grid.limits.is_relu else tf.nn.relu
            return _on_frames(lambda x: grid.quantize(grid.clamp(relu(x))), sources[0])
        # (The parts of a concatenation, too, get its grid from TFLiteConverter.)
        outputs = _in_float32(layer)(sources[0] if len(sources) == 1 else sources)
        return _on_frames(grid.quantize, outputs)


class _Factors:
    """What each tensor is multiplied by, so that clips lie where fused activations clamp."""

    def __init__(self, model: keras.Model) -> None:
        self._units: UnitGroups[int] = UnitGroups()
        self._factors: dict[int, float] = {}
        calls = list(layer_calls(model))
        for call in calls:
            self._units.add(id(call.output), map(id, call.inputs), _unit(call.layer))
        for call in calls:
            quantizer = _quantizer(call.layer)
            factor = None if quantizer is None else clamping_factor(quantizer)
            if factor is None:
                continue
            if self._factors.setdefault(self._units.group(id(call.output)), factor) != factor:
                raise ConversionError(
                    f"The scale of layer '{call.layer.name}' differs from that of layers that meet "
                    "it: load the model from its file instead of cloning it."
                )

    def of(self, tensor: Any) -> float:
        return self._factors.get(self._units.group(id(tensor)), 1.0)


def _unit(layer: keras.layers.Layer) -> Unit:
    if isinstance(layer, QuantizedKernelLayer):
        return Unit.FREE
    if isinstance(layer, (QuantizedLeakyReLU, ActivationQuantizer)):
        return Unit.PASSED_ON
    return unit_of(layer.layer if isinstance(layer, QuantizedOutput) else layer)


def _quantizer(layer: keras.layers.Layer) -> ActivationQuantizer | None:
    """What quantises the layer's output."""
    return layer if isinstance(layer, ActivationQuantizer) else getattr(layer, "quantizer", None)


def _in_float32(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The layer as it is in models that were not trained in mixed precision."""
    if layer.compute_dtype == "float32" or layer.weights:
        return layer
    return layer.__class__.from_config({**layer.get_config(), "dtype": "float32"})


def _on_frames(function: Callable[..., tf.Tensor], *tensors: tf.Tensor) -> tf.Tensor:
    """`function` of tensors [batch, frames, channels] with a height axis, as convolutions want it.

    Neighbouring Squeeze and ExpandDims cancel in TFLiteConverter, so that no RESHAPE remains.
    """
    if tensors[0].shape.rank != FRAME_RANK:
        return function(*tensors)
    return tf.squeeze(function(*(tf.expand_dims(tensor, 1) for tensor in tensors)), [1])
