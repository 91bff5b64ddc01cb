"""A float Keras model as a trainable model with fake quantisation."""

from __future__ import annotations

import warnings
from typing import Any

import keras
from keras import layers

from ..errors import ConversionError, ConversionWarning
from .activation_quantizer import ActivationQuantizer, QuantizedOutput
from .bands import Bands, choose_bands
from .concatenation import separate_relus
from .config import RsqConfig
from .fold import FoldedModel, Operation, fold
from .layer_kinds import SAME_VALUES, is_supported
from .layers import (
    QuantizedConv1D,
    QuantizedDense,
    QuantizedDepthwiseConv1D,
    QuantizedKernelLayer,
    QuantizedLeakyReLU,
)
from .quantizers import Quantizers


def quantize_model(model: keras.Model, config: RsqConfig | None = None) -> keras.Model:
    """A model that computes what its INT8 `.tflite` will, and can be trained.

    Batch normalisation and activations are folded into the layers before them; a layer of the new
    model has the name of the last float layer that it stands for, so that layers of the same name
    have outputs of the same meaning. The scales of the weights are set from the weights; those of
    the activations are a guess until `calibrate` is called.

    Args:
        model: a float model, functional or sequential, usually trained.
        config: how; `RsqConfig()` if left out.

    Returns:
        A functional model of layers that Keras saves and loads once `wqlite.converter.rsq` is
        imported, on its TensorFlow and JAX backends.

    Raises:
        ConversionError: a layer cannot be read, or stays float under `strict`.

    Example:
    ```python
    student = rsq.quantize_model(float_model, rsq.RsqConfig())
    rsq.calibrate(student, batches)
    ```
    """
    config = config or RsqConfig()
    folded = separate_relus(fold(model))
    _report_float_layers(folded, config)
    return _Builder(folded, choose_bands(folded, config), config).build()


def is_quantized(model: keras.Model) -> bool:
    """Whether the model comes from `quantize_model`."""
    return any(isinstance(layer, ActivationQuantizer) for layer in model.layers)


def _report_float_layers(model: FoldedModel, config: RsqConfig) -> None:
    staying = [
        f"'{operation.name}' ({type(operation.layer).__name__})"
        for operation in model.operations
        if not operation.has_kernel and not is_supported(operation.layer)
    ]
    if not staying:
        return
    message = f"Model '{model.name}' has layers without an int8 form: {', '.join(staying)}"
    if config.strict:
        raise ConversionError(f"{message}; replace them, or let them stay float without strict.")
    warnings.warn(f"{message}; they stay float.", ConversionWarning, stacklevel=3)


class _Builder:
    """Makes the layers in order of data flow."""

    def __init__(self, model: FoldedModel, bands: Bands, config: RsqConfig) -> None:
        self._model = model
        self._bands = bands
        self._config = config
        self._quantizers = Quantizers(model, bands, config)

    def build(self) -> keras.Model:
        inputs: list[Any] = []
        made: dict[Operation, Any] = {}
        for operation in self._model.operations:
            if isinstance(operation.layer, layers.InputLayer):
                inputs.append(_input(operation))
                sources = inputs[-1:]
            else:
                sources = [made[source] for source in operation.inputs]
            layer = self._layer(operation)
            made[operation] = layer(_one_or_all(sources))
            _take_weights(layer, operation)
        outputs = [made[output] for output in self._model.outputs]
        return keras.Model(_one_or_all(inputs), _one_or_all(outputs), name=self._model.name)

    def _layer(self, operation: Operation) -> keras.layers.Layer:
        layer = operation.layer
        quantizer = self._quantizers.of(operation)
        if isinstance(layer, layers.InputLayer):
            return quantizer
        if operation.has_kernel:
            return self._kernel_layer(operation, quantizer)
        copy = layer.__class__.from_config({**layer.get_config(), "name": operation.name})
        if isinstance(layer, SAME_VALUES) or quantizer is None:
            return copy
        if isinstance(layer, layers.LeakyReLU):
            return QuantizedLeakyReLU(
                float(layer.negative_slope),
                quantizer,
                self._quantizers.before(operation),
                name=operation.name,
            )
        return QuantizedOutput(copy, quantizer, name=operation.name)

    def _kernel_layer(
        self, operation: Operation, quantizer: ActivationQuantizer | None
    ) -> QuantizedKernelLayer:
        layer = operation.layer
        common: dict[str, Any] = {
            "quantizer": quantizer,
            "learn_scales": self._config.learn_scales,
            "use_bias": operation.bias is not None,
            "name": operation.name,
        }
        if tile := self._bands.constrained.get(operation):
            common |= {"weights_limit": self._config.weights, "tile": tile.name}
        if isinstance(layer, layers.Dense):
            return QuantizedDense(layer.units, **common)
        common |= {
            "kernel_size": layer.kernel_size[0],
            "strides": layer.strides[0],
            "padding": layer.padding,
            "dilation_rate": layer.dilation_rate[0],
        }
        if isinstance(layer, layers.DepthwiseConv1D):
            return QuantizedDepthwiseConv1D(layer.depth_multiplier, **common)
        return QuantizedConv1D(layer.filters, **common)


def _one_or_all(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def _input(operation: Operation) -> Any:
    layer = operation.layer
    return keras.Input(batch_shape=layer.batch_shape, dtype=layer.dtype, name=operation.name)


def _take_weights(layer: keras.layers.Layer, operation: Operation) -> None:
    if isinstance(layer, QuantizedKernelLayer):
        assert operation.kernel is not None
        layer.set_weights_of(operation.kernel, operation.bias)
    elif isinstance(layer, QuantizedOutput):
        layer.layer.set_weights(operation.layer.get_weights())
