"""What TFLite's rule for concatenations, one grid for all parts, asks of the layers before them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from keras import layers

from .fold import FoldedModel, Operation, is_relu
from .layer_kinds import SAME_GRID, fixed_output


def parts_alone(model: FoldedModel, concatenation: Operation) -> Iterator[Operation]:
    """What makes the parts of a concatenation and is read by nothing else.

    TFLiteConverter gives these the concatenation's grid; the others it requantises.
    """
    for part in concatenation.inputs:
        source = part
        while isinstance(source.layer, SAME_GRID) and model.only_reader(source):
            source = source.inputs[0]
        made_here = not isinstance(source.layer, SAME_GRID) and fixed_output(source.layer) is None
        if made_here and model.only_reader(source):
            yield source


def is_never_negative(operation: Operation) -> bool:
    """Whether a ReLU makes the operation's output, or those of all that it joins."""
    if isinstance(operation.layer, (*SAME_GRID, layers.Concatenate)):
        return all(map(is_never_negative, operation.inputs))
    return operation.relu or (not operation.has_kernel and is_relu(operation.layer))


def separate_relus(model: FoldedModel) -> FoldedModel:
    """The model with ReLUs of their own where rectified and other parts share a grid.

    (Fused, a ReLU is the lower end of its grid, which here lies below 0.)
    """
    for concatenation in model.operations:
        if not isinstance(concatenation.layer, layers.Concatenate):
            continue
        if not is_never_negative(concatenation):
            for part in list(parts_alone(model, concatenation)):
                if part.relu:
                    model = _with_separate_relu(model, part)
    return model


def _with_separate_relu(model: FoldedModel, operation: Operation) -> FoldedModel:
    relu = Operation(layers.ReLU(), operation.name, (operation,), largest=operation.largest)
    reader = model.only_reader(operation)
    assert reader is not None
    reader.inputs = tuple(relu if source is operation else source for source in reader.inputs)
    operation.relu = False
    operation.largest = None
    operation.name = f"{operation.name}_linear"
    position = model.operations.index(operation) + 1
    operations = (*model.operations[:position], relu, *model.operations[position:])
    return replace(model, operations=operations)
