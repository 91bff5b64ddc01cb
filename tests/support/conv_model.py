"""Small INT8 `.tflite` models of 1-D convolutions, built field by field, for tests and benchmarks.

The converter only makes what Keras can say; these models also have what no Keras layer has (zero
points at both ends, a bias that overflows, height as the time axis), which is where kernels fail.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import flatbuffers
import numpy as np
import numpy.typing as npt

Padding = Literal["SAME", "VALID"]
Axis = Literal["width", "height"]


def _load_schema() -> ModuleType:
    """TFLite's schema from the TensorFlow wheel, without importing TensorFlow.

    That takes seconds, and crashes a tflite_runtime that is imported after it.
    """
    name = "tflite_schema_py_generated"
    if name in sys.modules:
        return sys.modules[name]
    tensorflow = importlib.util.find_spec("tensorflow")
    if tensorflow is None or not tensorflow.submodule_search_locations:
        raise ModuleNotFoundError("conv_model needs TensorFlow's schema: install wqlite[convert]")
    folder = Path(tensorflow.submodule_search_locations[0])
    path = folder / "lite" / "python" / "schema_py_generated.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[name] = module
    return module


schema = _load_schema()

# Of each operator, the first version that knows INT8; 2 for those that are not here.
_VERSIONS = {
    "CONV_2D": 3,
    "ELU": 1,
    "EXPAND_DIMS": 1,
    "HARD_SWISH": 1,
    "RELU_N1_TO_1": 1,
    "RESHAPE": 1,
    "SQUEEZE": 1,
}


@dataclass(frozen=True)
class Quantisation:
    """real = scale * (q - zero_point)."""

    scale: float
    zero_point: int = 0


@dataclass(frozen=True, eq=False)
class ConvLayer:
    """One convolution.

    filter: [out_channels, width, in_channels]. bias: [out_channels] or None (which TFLite's own
    kernels refuse). filter_scale: 1 (per tensor) or out_channels values.
    """

    filter: npt.NDArray[np.int8]
    bias: npt.NDArray[np.int32] | None
    filter_scale: npt.NDArray[np.float32]
    output: Quantisation
    stride: int = 1
    dilation: int = 1
    padding: Padding = "SAME"
    activation: str = "NONE"  # a name of ActivationFunctionType
    axis: Axis = "width"
    other_stride: int = 1  # along the axis of size 1, where it must not matter

    @property
    def out_channels(self) -> int:
        """Features of a frame of the output."""
        return int(self.filter.shape[0])

    @property
    def in_channels(self) -> int:
        """Features of a frame of the input."""
        return int(self.filter.shape[2])

    def out_time(self, in_time: int) -> int:
        """Output length; 0 or less where a VALID filter is longer than its input."""
        if self.padding == "SAME":
            return -(-in_time // self.stride)
        reach = (self.filter.shape[1] - 1) * self.dilation + 1
        return (in_time - reach) // self.stride + 1


def expand(axis: Axis, batch: int, time: int, channels: int) -> list[int]:
    """[batch, height, width, channels] of a signal along `axis`."""
    return [batch, 1, time, channels] if axis == "width" else [batch, time, 1, channels]


@dataclass
class Tensor:
    """A tensor of the model being built."""

    index: int
    shape: list[int]
    quantisation: Quantisation


@dataclass
class ModelBuilder:
    """Builds a model operator by operator; every method returns the tensor it makes."""

    graph: Any = field(default_factory=schema.SubGraphT)
    model: Any = field(default_factory=schema.ModelT)

    def __post_init__(self) -> None:
        self.model.version = 3
        self.model.description = b"wqlite"
        self.model.subgraphs = [self.graph]
        self.model.buffers = [schema.BufferT()]  # buffer 0: tensors without data
        self.model.operatorCodes = []
        self.graph.tensors, self.graph.operators = [], []
        self.graph.inputs, self.graph.outputs = [], []

    def input(
        self,
        shape: list[int],
        quantisation: Quantisation,
        name: str = "input",
        signature: list[int] | None = None,
    ) -> Tensor:
        """`signature` has -1 for each axis that the model leaves open."""
        tensor = self.tensor(name, shape, quantisation)
        if signature is not None:
            self.graph.tensors[tensor.index].shapeSignature = signature
        self.graph.inputs.append(tensor.index)
        return tensor

    def conv(self, source: Tensor, layer: ConvLayer, name: str = "conv") -> Tensor:
        """A CONV_2D."""
        out, width, inner = layer.filter.shape
        wide = layer.axis == "width"
        filter_shape = [out, 1, width, inner] if wide else [out, width, 1, inner]
        scale = np.asarray(layer.filter_scale, np.float32)
        inputs = [
            source.index,
            self.constant(f"{name}/filter", layer.filter.reshape(filter_shape), scale),
        ]
        if layer.bias is not None:
            bias_scale = scale * np.float32(source.quantisation.scale)
            inputs.append(self.constant(f"{name}/bias", layer.bias, bias_scale))

        batch, height, time, _ = source.shape
        out_time = max(layer.out_time(time if wide else height), 1)
        shape = [batch, height, out_time, out] if wide else [batch, out_time, time, out]
        output = self.tensor(name, shape, layer.output)

        options = schema.Conv2DOptionsT()
        options.padding = getattr(schema.Padding, layer.padding)
        options.fusedActivationFunction = getattr(schema.ActivationFunctionType, layer.activation)
        along = (layer.stride, layer.dilation)
        across = (layer.other_stride, 1)
        options.strideW, options.dilationWFactor = along if wide else across
        options.strideH, options.dilationHFactor = across if wide else along
        self.operator("CONV_2D", inputs, [output], "Conv2DOptions", options)
        return output

    def unary(
        self,
        source: Tensor,
        code: str,
        output: Quantisation | None = None,
        name: str | None = None,
        **options: Any,
    ) -> Tensor:
        """An operator of one input, by its name in BuiltinOperator, on the scale `output`.

        `options` are the fields of its table in the schema, where it has one.
        """
        made = self.tensor(name or code.lower(), source.shape, output or source.quantisation)
        kind = "".join(part.capitalize() for part in code.split("_")) + "Options"
        table = getattr(schema, f"{kind}T", None)
        fields = table() if table else None
        for field_name, value in options.items():
            setattr(fields, field_name, value)
        self.operator(code, [source.index], [made], kind if table else "NONE", fields)
        return made

    def leaky_relu(
        self,
        source: Tensor,
        alpha: float = 0.2,
        name: str = "leaky_relu",
        output: Quantisation | None = None,
    ) -> Tensor:
        """A LEAKY_RELU, on its input's scale unless `output` names another."""
        return self.unary(source, "LEAKY_RELU", output, name, alpha=alpha)

    def expand_dims(self, source: Tensor, axis: int, name: str = "expand_dims") -> Tensor:
        """An EXPAND_DIMS."""
        at = axis if axis >= 0 else axis + len(source.shape) + 1
        shape = [*source.shape[:at], 1, *source.shape[at:]]
        inputs = [source.index, self.constant(f"{name}/axis", np.asarray(axis, np.int32))]
        output = self.tensor(name, shape, source.quantisation)
        options = schema.ExpandDimsOptionsT()
        self.operator("EXPAND_DIMS", inputs, [output], "ExpandDimsOptions", options)
        return output

    def squeeze(self, source: Tensor, axes: list[int], name: str = "squeeze") -> Tensor:
        """Without axes: drops all of size 1."""
        rank = len(source.shape)
        drop = [axis % rank for axis in axes] or [i for i, d in enumerate(source.shape) if d == 1]
        shape = [d for i, d in enumerate(source.shape) if i not in drop]
        output = self.tensor(name, shape, source.quantisation)
        options = schema.SqueezeOptionsT()
        options.squeezeDims = axes
        self.operator("SQUEEZE", [source.index], [output], "SqueezeOptions", options)
        return output

    def reshape(self, source: Tensor, shape: Tensor | list[int], name: str = "reshape") -> Tensor:
        """With a tensor as `shape` the output gets its size at run time only.

        With a tensor, or with a -1 in `shape`, the model states the shape of `source`.
        """
        if isinstance(shape, Tensor):
            index = shape.index
        else:
            index = self.constant(f"{name}/shape", np.asarray(shape, np.int32))
        known = source.shape if isinstance(shape, Tensor) or -1 in shape else shape
        output = self.tensor(name, list(known), source.quantisation)
        self.operator(
            "RESHAPE", [source.index, index], [output], "ReshapeOptions", schema.ReshapeOptionsT()
        )
        return output

    def shape_input(self, size: int, name: str = "shape") -> Tensor:
        """An int32 input vector, for reshape()."""
        tensor = self.tensor(name, [size], Quantisation(0), "INT32")
        self.graph.inputs.append(tensor.index)
        return tensor

    def tensor(
        self, name: str, shape: list[int], quantisation: Quantisation, kind: str = "INT8"
    ) -> Tensor:
        """A tensor that an operator computes, or an input."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape = name.encode(), list(shape)
        tensor.type, tensor.buffer = getattr(schema.TensorType, kind), 0
        if quantisation.scale:
            tensor.quantization = self._parameters([quantisation.scale], [quantisation.zero_point])
        self.graph.tensors.append(tensor)
        return Tensor(len(self.graph.tensors) - 1, list(shape), quantisation)

    def constant(
        self,
        name: str,
        values: npt.NDArray[Any],
        scale: npt.NDArray[np.float32] | None = None,
    ) -> int:
        """Returns the tensor's index. `scale`: one value, or one for each slice of axis 0."""
        data = schema.BufferT()
        data.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(data)
        tensor = schema.TensorT()
        tensor.name, tensor.shape = name.encode(), list(values.shape)
        tensor.type = getattr(schema.TensorType, values.dtype.name.upper())
        tensor.buffer = len(self.model.buffers) - 1
        if scale is not None:
            tensor.quantization = self._parameters(scale, [0] * len(scale))
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def operator(
        self, code: str, inputs: list[int], outputs: list[Tensor], kind: str, options: Any
    ) -> None:
        """An operator by its name in BuiltinOperator, with the table `kind` of options."""
        builtin = getattr(schema.BuiltinOperator, code)
        codes = [c.builtinCode for c in self.model.operatorCodes]
        if builtin not in codes:
            entry = schema.OperatorCodeT()
            entry.builtinCode, entry.deprecatedBuiltinCode = builtin, builtin
            entry.version = _VERSIONS.get(code, 2)
            self.model.operatorCodes.append(entry)
            codes.append(builtin)
        operator = schema.OperatorT()
        operator.opcodeIndex = codes.index(builtin)
        operator.inputs, operator.outputs = inputs, [tensor.index for tensor in outputs]
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
        operator.builtinOptions = options
        self.graph.operators.append(operator)

    def build(self, *outputs: Tensor) -> bytes:
        """The content of the `.tflite` file."""
        self.graph.outputs = [tensor.index for tensor in outputs]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    @staticmethod
    def _parameters(scale: Any, zero_point: Any) -> Any:
        parameters = schema.QuantizationParametersT()
        parameters.scale = np.asarray(scale, np.float32)
        parameters.zeroPoint = np.asarray(zero_point, np.int64)
        parameters.quantizedDimension = 0
        return parameters


def conv_chain(
    layers: list[ConvLayer], source: Quantisation, batch: int = 1, time: int = 16
) -> bytes:
    """A model of convolutions that follow each other, all along the axis of the first."""
    builder = ModelBuilder()
    tensor = builder.input(expand(layers[0].axis, batch, time, layers[0].in_channels), source)
    for i, layer in enumerate(layers):
        tensor = builder.conv(tensor, layer, f"conv{i}")
    return builder.build(tensor)
