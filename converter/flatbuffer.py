"""The structure of a `.tflite` file: its operators, its 1-D convolutions, what is not INT8."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tensorflow.lite.python import schema_py_generated as schema

_OPERATOR_NAMES = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")
}
_FLOAT_TYPES = (schema.TensorType.FLOAT16, schema.TensorType.FLOAT32, schema.TensorType.FLOAT64)
_TYPE_BRIDGES = ("QUANTIZE", "DEQUANTIZE")


@dataclass(frozen=True)
class Conv1DLayer:
    """A CONV_2D over one axis.

    Attributes:
        width: taps of the kernel.
        stride, dilation: along time.
        input_channels, output_channels: features per frame.
        input_frames, output_frames: time steps.
        activation: the fused activation, e.g. "RELU" or "NONE".
    """

    width: int
    stride: int
    dilation: int
    input_channels: int
    output_channels: int
    input_frames: int
    output_frames: int
    activation: str

    @property
    def multiplications(self) -> int:
        """Multiply-accumulate operations of one inference."""
        return self.output_frames * self.width * self.input_channels * self.output_channels


class TFLiteFile:
    """A parsed `.tflite` with one subgraph."""

    def __init__(self, content: bytes) -> None:
        model = schema.ModelT.InitFromPackedBuf(content, 0)
        self._codes = model.operatorCodes
        self._graph = model.subgraphs[0]
        self._buffers = model.buffers

    @property
    def operators_in_order(self) -> list[schema.OperatorT]:
        """The operators in order of execution."""
        return list(self._graph.operators)

    def tensor(self, index: int) -> schema.TensorT:
        """A tensor by the index that operators give."""
        return self._graph.tensors[index]

    def int8_constant(self, index: int) -> npt.NDArray[np.int8] | None:
        """The values of a constant int8 tensor; `None` for any other."""
        tensor = self.tensor(index)
        data = self._buffers[tensor.buffer].data
        if tensor.type != schema.TensorType.INT8 or data is None:
            return None
        return np.asarray(data, np.uint8).view(np.int8).reshape(tensor.shape)

    @property
    def operator_sequence(self) -> list[str]:
        """The operators' names in order of execution."""
        return [self.name(operator) for operator in self._graph.operators]

    @property
    def operators(self) -> dict[str, int]:
        """Operator name -> how often it occurs, the most frequent first."""
        return dict(Counter(self.operator_sequence).most_common())

    @property
    def float_operators(self) -> list[str]:
        """The operators that compute in floating point.

        The mere type conversions around them are named only when there is nothing else.
        """
        names = [self.name(operator) for operator in self._graph.operators if self._float(operator)]
        computing = [name for name in names if name not in _TYPE_BRIDGES]
        return sorted(set(computing or names))

    @property
    def conv1d_layers(self) -> tuple[Conv1DLayer, ...]:
        """The 1-D convolutions in order of execution."""
        layers = (
            self._conv1d(operator)
            for operator in self._graph.operators
            if self.name(operator) == "CONV_2D"
        )
        return tuple(layer for layer in layers if layer is not None)

    def name(self, operator: schema.OperatorT) -> str:
        """The operator's name, e.g. "CONV_2D"."""
        code = self._codes[operator.opcodeIndex]
        # Old files hold the code in the deprecated byte; the larger one is right.
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        if number == schema.BuiltinOperator.CUSTOM:
            return str(code.customCode.decode())
        return str(_OPERATOR_NAMES[number])

    def _float(self, operator: schema.OperatorT) -> bool:
        indices = [index for index in (*operator.inputs, *operator.outputs) if index >= 0]
        return any(self._graph.tensors[index].type in _FLOAT_TYPES for index in indices)

    def _conv1d(self, operator: schema.OperatorT) -> Conv1DLayer | None:
        signal, kernel = (self._graph.tensors[index].shape for index in operator.inputs[:2])
        output = self._graph.tensors[operator.outputs[0]].shape
        options = operator.builtinOptions
        if signal[1] == kernel[1] == 1:
            time, stride, dilation = 2, options.strideW, options.dilationWFactor
        elif signal[2] == kernel[2] == 1:
            time, stride, dilation = 1, options.strideH, options.dilationHFactor
        else:
            return None
        return Conv1DLayer(
            width=int(kernel[time]),
            stride=stride,
            dilation=dilation,
            input_channels=int(signal[3]),
            output_channels=int(output[3]),
            input_frames=int(signal[time]),
            output_frames=int(output[time]),
            activation=ACTIVATION_NAMES[options.fusedActivationFunction],
        )


ACTIVATION_NAMES = {
    code: name
    for name, code in vars(schema.ActivationFunctionType).items()
    if not name.startswith("_")
}
"""Code of a fused activation -> its name."""
