"""Freeze: a model becomes a TensorFlow function of constants only, at fixed shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from .errors import ConversionError, first_sentence


def freeze(
    call: Callable[[Sequence[tf.Tensor]], list[tf.Tensor]],
    shapes: Mapping[str, tuple[int, ...]],
    title: str,
) -> tf.types.experimental.ConcreteFunction:
    """The model as a function of constants only.

    Args:
        call: from the model's inputs to its outputs, as `SourceModel.call`.
        shapes: input name -> shape [1, ...], in the order in which `call` takes them.
        title: how error messages call the model.

    Returns:
        A function of float32 tensors of these shapes, in the same order.

    Raises:
        ConversionError: the model does not run at these shapes, or holds loops (recurrent layers),
            which TFLiteConverter cannot quantise, or weights that are not finite.
    """
    specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes.values()]
    try:
        traced = tf.function(lambda *tensors: call(tensors), autograph=False).get_concrete_function(
            *specs
        )
    except (ValueError, TypeError, tf.errors.OpError) as error:
        raise ConversionError(
            f"{title} does not run at input shapes {list(shapes.values())}: "
            f"{first_sentence(error)}."
        ) from error
    # The default, lowering control flow to Switch and Merge, crashes TFLiteConverter.
    frozen = convert_variables_to_constants_v2(traced, lower_control_flow=False)
    _refuse_loops(frozen.graph, title)
    _refuse_bad_weights(frozen.graph, title)
    return frozen


def _refuse_loops(graph: tf.Graph, title: str) -> None:
    loops = {op.type for op in graph.get_operations() if op.type in ("While", "StatelessWhile")}
    if loops:
        raise ConversionError(
            f"{title} holds a loop, as recurrent layers make it, which cannot become INT8: replace "
            "those layers by convolutions or build them with unroll=True."
        )


def _refuse_bad_weights(graph: tf.Graph, title: str) -> None:
    for operation in graph.get_operations():
        if operation.type != "Const" or operation.outputs[0].dtype != tf.float32:
            continue
        if not np.isfinite(tf.make_ndarray(operation.get_attr("value"))).all():
            # TFLiteConverter would crash.
            raise ConversionError(
                f"{title} has NaN or infinity among its weights ({operation.name}): it cannot be "
                "quantised, so train it again."
            )
