"""Rewrite a frozen graph so that what TFLite folds into convolutions stays beside them.

TensorFlow runs a 1-D convolution as ExpandDims, Conv2D, Squeeze. TFLiteConverter folds such pairs
away between convolutions, but not around what stands between them: LeakyReLU, the padding of a
causal convolution, the addition of a residual connection. Those are given a height axis of size 1
here; the pairs then meet and cancel, and CONV_2D, LEAKY_RELU, CONV_2D remain without a RESHAPE.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.core.framework.node_def_pb2 import NodeDef

HEIGHT_AXIS = 1
_HEIGHT_AXES = ([HEIGHT_AXIS], [HEIGHT_AXIS - 4])
LIFTED_OPERATORS = {"BiasAdd": 1, "LeakyRelu": 1, "Pad": 1, "AddV2": 2}
"""TensorFlow operator -> number of its data inputs. Other operators stay as they are, since TFLite
recognises them as parts of larger patterns, such as Mul in hard swish."""
FOLDED_OPERATORS = {"BiasAdd", "AddV2", "Sub", "Mul", "BatchToSpaceND", "Identity", "Relu", "Relu6"}
"""What TFLite folds into the convolution before it: bias, batch normalisation, dilation, ReLU."""


def rewrite(
    frozen: tf.types.experimental.ConcreteFunction, inputs: Sequence[str], outputs: Sequence[str]
) -> tf.types.experimental.ConcreteFunction:
    """The function, rewritten, with names for its ends.

    Args:
        frozen: as `freeze` returns it.
        inputs: the names of its inputs, in the order in which it takes them.
        outputs: the names of its outputs, in the order in which it returns them.

    Returns:
        A function that takes one float32 tensor per input, by name, and returns a dictionary of the
        outputs.
    """
    graph = lift(frozen.graph)
    placeholders = [tensor.name for tensor in frozen.inputs]
    results = [tensor.name for tensor in frozen.outputs]

    def run(**tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        found = tf.graph_util.import_graph_def(
            graph,
            input_map={
                placeholder: tensors[name]
                for placeholder, name in zip(placeholders, inputs, strict=True)
            },
            return_elements=results,
            name="",
        )
        return dict(zip(outputs, found, strict=True))

    return tf.function(run).get_concrete_function(
        **{
            name: tf.TensorSpec(tensor.shape, tensor.dtype, name=name)
            for name, tensor in zip(inputs, frozen.inputs, strict=True)
        }
    )


def lift(graph: tf.Graph) -> GraphDef:
    """A copy of `graph` in which the operators after 1-D convolutions work on 4-D tensors."""
    copy = _GraphCopy(graph)
    for operation in graph.get_operations():  # In order of data flow.
        copy.lift_if_useful(operation.name)
    return copy.graph_def


class _GraphCopy:
    """A GraphDef under change, beside the graph that it was made from and that knows the shapes."""

    def __init__(self, graph: tf.Graph) -> None:
        self._graph = graph
        self.graph_def = graph.as_graph_def()
        self._nodes = {node.name: node for node in self.graph_def.node}
        for node in self.graph_def.node:
            # A custom gradient, which inference never asks for, cannot be saved with the graph.
            _remove_attribute(node, "_gradient_op_type")

    def lift_if_useful(self, name: str) -> None:
        """Surrounds the operator `name` by ExpandDims and Squeeze if it follows a convolution."""
        node = self._nodes[name]
        data = list(node.input[: LIFTED_OPERATORS.get(node.op, 0)])
        shapes = {tuple(self._shape(tensor)) for tensor in data if self._shape(tensor).rank == 3}
        same_rank = all(self._shape(tensor).rank == 3 for tensor in data)
        if not (same_rank and len(shapes) == 1 and any(map(self._follows_convolution, data))):
            return
        if node.op == "BiasAdd" and self._node(data[0]).op != "Squeeze":
            return  # After BatchToSpaceND, which TFLite recognises as the end of a dilation.
        if node.op == "AddV2" and any(self._node(tensor).op == "Mul" for tensor in data):
            return  # PReLU, which TFLite recognises as relu(x) + alpha * relu(-x).
        if node.op == "Pad" and not self._lift_paddings(node):
            return
        for index, tensor in enumerate(data):
            dtype = node.attr["T"].type
            node.input[index] = self._four_d(tensor, f"{name}/expand_{index}", dtype)
        # Users of `name` see the Squeeze that takes its place.
        node.name = f"{name}/lifted"
        _remove_attribute(node, "_output_shapes")
        squeeze = self._add(name, "Squeeze", [node.name])
        squeeze.attr["T"].type = node.attr["T"].type
        squeeze.attr["squeeze_dims"].list.i.append(HEIGHT_AXIS)

    def _node(self, tensor: str) -> NodeDef:
        return self._nodes[tensor.split(":")[0]]

    def _shape(self, tensor: str) -> tf.TensorShape:
        return self._graph.get_tensor_by_name(tensor if ":" in tensor else f"{tensor}:0").shape

    def _follows_convolution(self, tensor: str) -> bool:
        node = self._node(tensor)
        while node.op in FOLDED_OPERATORS:
            node = self._node(node.input[0])
        return bool(node.op == "Squeeze")

    def _lift_paddings(self, pad: NodeDef) -> bool:
        constant = self._nodes[pad.input[1]]
        if constant.op != "Const":
            return False
        paddings = tf.make_ndarray(constant.attr["value"].tensor)
        lifted = np.insert(paddings, HEIGHT_AXIS, 0, axis=0)
        pad.input[1] = self._constant(f"{pad.name}/paddings_4d", lifted)
        return True

    def _four_d(self, tensor: str, name: str, dtype: int) -> str:
        producer = self._node(tensor)
        if producer.op == "Squeeze" and list(producer.attr["squeeze_dims"].list.i) in _HEIGHT_AXES:
            return str(producer.input[0])
        axis = self._constant(f"{name}/axis", np.int32(HEIGHT_AXIS))
        expand = self._add(name, "ExpandDims", [tensor, axis])
        expand.attr["T"].type = dtype
        expand.attr["Tdim"].type = tf.int32.as_datatype_enum
        return name

    def _constant(self, name: str, value: npt.NDArray[np.int32] | np.int32) -> str:
        constant = self._add(name, "Const", [])
        proto = tf.make_tensor_proto(value)
        constant.attr["dtype"].type = proto.dtype
        constant.attr["value"].tensor.CopyFrom(proto)
        return name

    def _add(self, name: str, operator: str, inputs: list[str]) -> NodeDef:
        node = self.graph_def.node.add(name=name, op=operator, input=inputs)
        self._nodes[name] = node
        return node


def _remove_attribute(node: NodeDef, name: str) -> None:
    if name in node.attr:
        del node.attr[name]
