"""The float model as the operations that TFLite will run, with what it fuses folded in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from .layer_graph import LayerCall, layer_calls

Weights = npt.NDArray[np.float32]

NO_OPERATION = (
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.AlphaDropout,
    layers.ActivityRegularization,
    layers.Identity,
)
"""What does nothing in inference."""


@dataclass(eq=False)
class Operation:
    """One operation of the folded model.

    Attributes:
        layer: the float layer whose configuration it has.
        name: of the last float layer that it stands for; its output is that layer's output.
        inputs: the operations that it reads.
        kernel, bias: folded weights of convolutions and dense layers; the kernel is
            [width, input channels, output channels], for a depthwise convolution
            [width, 1, output channels], for a dense layer [input channels, output channels].
        relu: whether a ReLU is fused to it.
        largest: where that ReLU, or one that the operation is, clips; `None` if nowhere.
    """

    layer: keras.layers.Layer
    name: str
    inputs: tuple[Operation, ...]
    kernel: Weights | None = None
    bias: Weights | None = None
    relu: bool = False
    largest: float | None = None

    @property
    def has_kernel(self) -> bool:
        """Whether it is a convolution or a dense layer."""
        return self.kernel is not None

    @property
    def takes_relu(self) -> bool:
        """Whether TFLite fuses activations to it."""
        return self.has_kernel or isinstance(self.layer, layers.Add)


@dataclass(frozen=True)
class FoldedModel:
    """The operations in order of data flow; `outputs` are those that the model returns."""

    name: str
    operations: tuple[Operation, ...]
    outputs: tuple[Operation, ...]

    def only_reader(self, operation: Operation) -> Operation | None:
        """The operation that alone reads the output of `operation`."""
        readers = [other for other in self.operations if operation in other.inputs]
        return readers[0] if len(readers) == 1 and operation not in self.outputs else None


def fold(model: keras.Model) -> FoldedModel:
    """Reads a float model and folds what TFLite's convolutions include.

    - Batch normalisation after a convolution or dense layer becomes part of its weights; anywhere
      else, with frames, it becomes a depthwise convolution of width 1.
    - ReLU, ReLU6 and clipped ReLU, as layers or as `activation=`, become part of the convolution,
      dense layer or addition before them; other activations become layers.
    - A separable convolution becomes a depthwise one and one of width 1.
    - Dropout and noise are dropped.

    Raises:
        ConversionError: the model cannot be read, see `layer_calls`.
    """
    return _Folder(model).fold()


class _Folder:
    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._calls = list(layer_calls(model))
        read = [id(tensor) for call in self._calls for tensor in call.inputs]
        self._readers = Counter([*read, *map(id, model.outputs)])
        self._made: dict[int, Operation] = {}
        self._uses: dict[Operation, int] = {}
        self._operations: list[Operation] = []

    def fold(self) -> FoldedModel:
        for call in self._calls:
            operation = self._fold_call(call)
            self._made[id(call.output)] = operation
            # Where the call was folded into an operation, it was one of that operation's readers.
            replaced = self._uses.get(operation, 1)
            self._uses[operation] = replaced - 1 + self._readers[id(call.output)]
        outputs = tuple(self._made[id(tensor)] for tensor in self._model.outputs)
        return FoldedModel(self._model.name, tuple(self._operations), outputs)

    def _fold_call(self, call: LayerCall) -> Operation:
        layer = call.layer
        inputs = tuple(self._made[id(tensor)] for tensor in call.inputs)
        if isinstance(layer, NO_OPERATION):
            return inputs[0]
        alone = bool(inputs) and self._uses[inputs[0]] == 1
        rank = len(call.output.shape)
        if isinstance(layer, layers.BatchNormalization) and layer.axis in (-1, rank - 1):
            return self._normalize(layer, inputs[0], alone, rank)
        if _is_weighted(layer):
            return self._weighted(layer, inputs)
        if isinstance(layer, layers.Activation):
            return self._activate(activation_layer(layer.activation), layer.name, inputs[0], alone)
        if isinstance(layer, layers.ReLU):
            return self._activate(_relu_layer(layer), layer.name, inputs[0], alone)
        if isinstance(layer, layers.Add):
            # TFLite adds two int8 tensors at a time.
            for number, source in enumerate(inputs[1:-1], start=1):
                partial = Operation(layer, f"{layer.name}_{number}", (inputs[0], source))
                inputs = (self._add(partial), *inputs[1:])
            inputs = (inputs[0], inputs[-1])
        return self._add(Operation(layer, layer.name, inputs))

    def _add(self, operation: Operation) -> Operation:
        self._operations.append(operation)
        return operation

    def _normalize(
        self, layer: layers.BatchNormalization, source: Operation, alone: bool, rank: int
    ) -> Operation:
        factor, offset = _scale_and_offset(layer)
        if alone and source.has_kernel and not source.relu:
            assert source.kernel is not None
            source.bias = offset + (0.0 if source.bias is None else source.bias * factor)
            source.kernel = source.kernel * factor
            source.name = layer.name
            return source
        operation = Operation(layer, layer.name, (source,))
        if rank == 3:
            operation.layer = layers.DepthwiseConv1D(1, name=layer.name)
            operation.kernel, operation.bias = factor[None, None], offset
        return self._add(operation)

    def _weighted(self, layer: Any, inputs: tuple[Operation, ...]) -> Operation:
        activation = activation_layer(layer.activation)
        name = layer.name if activation is None else f"{layer.name}_linear"
        if isinstance(layer, layers.SeparableConv1D):
            inputs = (self._add(_depthwise_part(layer, inputs)),)
            kernel = layer.pointwise_kernel
            linear: Any = layers.Conv1D(layer.filters, 1, name=layer.name)
        else:
            kernel, linear = layer.kernel, layer
        operation = Operation(linear, name, inputs, _kernel(linear, kernel), _bias(layer))
        self._add(operation)
        return self._activate(activation, layer.name, operation, alone=True)

    def _activate(
        self, layer: keras.layers.Layer | None, name: str, source: Operation, alone: bool
    ) -> Operation:
        if layer is None:
            if alone:
                source.name = name
            return source
        if is_relu(layer) and alone and source.takes_relu and not source.relu:
            source.relu = True
            source.largest = layer.max_value
            source.name = name
            return source
        largest = layer.max_value if is_relu(layer) else None
        return self._add(Operation(layer, name, (source,), largest=largest))


def is_relu(layer: keras.layers.Layer) -> bool:
    """Whether it is max(x, 0), clipped above or not."""
    return isinstance(layer, layers.ReLU) and not layer.threshold and not layer.negative_slope


def activation_layer(activation: Any) -> keras.layers.Layer | None:
    """An activation function (or layer) as a layer, `None` for none."""
    if isinstance(activation, keras.layers.Layer):
        return _relu_layer(activation) if isinstance(activation, layers.ReLU) else activation
    if activation is None or activation is keras.activations.linear:
        return None
    if activation is keras.activations.relu:
        return layers.ReLU()
    if activation is keras.activations.relu6:
        return layers.ReLU(max_value=6.0)
    if activation is keras.activations.leaky_relu:
        return layers.LeakyReLU(0.2)  # The function's own default.
    if activation is keras.activations.softmax:
        return layers.Softmax()
    return layers.Activation(activation)


def _relu_layer(layer: layers.ReLU) -> keras.layers.Layer:
    if layer.negative_slope and layer.max_value is None and not layer.threshold:
        return layers.LeakyReLU(float(layer.negative_slope))
    return layer


def _is_weighted(layer: keras.layers.Layer) -> bool:
    kinds = (layers.Conv1D, layers.DepthwiseConv1D, layers.SeparableConv1D, layers.Dense)
    # Nothing that is derived from them: it may compute anything.
    return (
        type(layer) in kinds
        and getattr(layer, "groups", 1) == 1
        and getattr(layer, "data_format", "channels_last") == "channels_last"
    )


def _scale_and_offset(layer: layers.BatchNormalization) -> tuple[Weights, Weights]:
    """What the layer multiplies by and adds, in inference, per channel."""
    mean = np.asarray(layer.moving_mean)
    factor = 1.0 / np.sqrt(np.asarray(layer.moving_variance) + layer.epsilon)
    if layer.scale:
        factor = factor * np.asarray(layer.gamma)
    offset = -mean * factor
    if layer.center:
        offset = offset + np.asarray(layer.beta)
    return factor.astype(np.float32), offset.astype(np.float32)


def _depthwise_part(layer: layers.SeparableConv1D, inputs: Iterable[Operation]) -> Operation:
    depthwise = layers.DepthwiseConv1D(
        layer.kernel_size,
        strides=layer.strides,
        padding=layer.padding,
        depth_multiplier=layer.depth_multiplier,
        dilation_rate=layer.dilation_rate,
        use_bias=False,
        name=f"{layer.name}_depthwise",
    )
    kernel = _kernel(depthwise, layer.depthwise_kernel)
    return Operation(depthwise, depthwise.name, tuple(inputs), kernel)


def _kernel(layer: keras.layers.Layer, variable: Any) -> Weights:
    kernel: Weights = keras.ops.convert_to_numpy(variable)
    if isinstance(layer, layers.DepthwiseConv1D):
        return kernel.reshape(len(kernel), 1, -1)
    return kernel


def _bias(layer: Any) -> Weights | None:
    return keras.ops.convert_to_numpy(layer.bias) if layer.use_bias else None
