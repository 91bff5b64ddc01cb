"""The calls of a functional or sequential Keras model's layers, in order of data flow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from ..errors import ConversionError


@dataclass(frozen=True)
class LayerCall:
    """One use of a layer.

    Attributes:
        layer: the layer.
        inputs: the symbolic tensors that it reads.
        output: the one that it makes.
    """

    layer: keras.layers.Layer
    inputs: tuple[Any, ...]
    output: Any

    @property
    def is_input(self) -> bool:
        """Whether this is an input of the model."""
        return isinstance(self.layer, keras.layers.InputLayer)


def layer_calls(model: keras.Model) -> Iterator[LayerCall]:
    """All calls on the way from the model's inputs to its outputs.

    Models within the model are opened; an `Identity` stands for each of their ends.

    Raises:
        ConversionError: the model does not declare its inputs, holds an operation that is not a
            layer, or uses one layer several times.
    """
    if not getattr(model, "inputs", None):
        raise ConversionError(
            f"Model '{model.name}' does not declare its inputs: build it as a functional or "
            "sequential model with an Input layer."
        )
    nodes: dict[Any, None] = {}  # An ordered set.
    for tensor in model.outputs:
        _add_nodes_up_to(tensor, nodes)
    used: set[Any] = set()
    for node in nodes:
        _check(node, model, used)
        used.add(node.operation)
        if isinstance(node.operation, keras.Model) and getattr(node.operation, "inputs", None):
            yield from _opened(node)
        else:
            yield LayerCall(node.operation, tuple(node.input_tensors), node.outputs[0])


def _opened(node: Any) -> Iterator[LayerCall]:
    inner = node.operation
    for outside, inside in zip(node.input_tensors, inner.inputs, strict=True):
        yield LayerCall(keras.layers.Identity(), (outside,), inside)
    yield from (call for call in layer_calls(inner) if not call.is_input)
    for inside, outside in zip(inner.outputs, node.outputs, strict=True):
        yield LayerCall(keras.layers.Identity(), (inside,), outside)


def _add_nodes_up_to(output: Any, nodes: dict[Any, None]) -> None:
    """Depth first without recursion: networks may be deeper than Python's stack."""
    stack = [(_node(output), False)]
    while stack:
        node, inputs_done = stack.pop()
        if node in nodes:
            continue
        if inputs_done:
            nodes[node] = None
        else:
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(node.parent_nodes))


def _node(tensor: Any) -> Any:
    operation, node_index, _ = tensor._keras_history
    return operation._inbound_nodes[node_index]


def _check(node: Any, model: keras.Model, used: set[Any]) -> None:
    layer = node.operation
    if not isinstance(layer, keras.layers.Layer):
        raise ConversionError(
            f"Operation '{layer.name}' of model '{model.name}' is not a layer: use a layer of "
            "keras.layers in its place."
        )
    if layer in used:
        raise ConversionError(
            f"Layer '{layer.name}' of model '{model.name}' is used several times: give each use a "
            "layer of its own."
        )
    if len(node.outputs) != 1 and not isinstance(layer, keras.Model):
        raise ConversionError(
            f"Layer '{layer.name}' of model '{model.name}' has {len(node.outputs)} outputs: only "
            "layers with one can be quantised."
        )
