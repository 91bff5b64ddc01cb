"""The model's inputs, and how open axes become fixed: batch 1, a given number of time steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import ConversionError

BATCH_AXIS = 0
TIME_AXIS = 1


@dataclass(frozen=True)
class InputSpec:
    """One input of the model; `None` in `shape` is an open axis."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str

    @property
    def has_time_axis(self) -> bool:
        """Whether the shape is [batch, time, ..., channels]."""
        return len(self.shape) >= 3


def fixed_shapes(
    inputs: Sequence[InputSpec], time_steps: int | None, title: str
) -> dict[str, tuple[int, ...]]:
    """The shape of every input with batch 1 and no open axis.

    Args:
        inputs: the model's inputs.
        time_steps: length of the open time axes (axis 1), `None` if the model has none.
        title: how error messages call the model.

    Raises:
        ConversionError: an input is not float32, its batch is fixed to another number than 1, an
            axis stays open, or `time_steps` contradicts the model.
    """
    for spec in inputs:
        _check_input(spec, title)
    if time_steps is not None:
        _check_time_steps(inputs, time_steps, title)
    return {spec.name: _fixed_shape(spec, time_steps, title) for spec in inputs}


def _check_input(spec: InputSpec, title: str) -> None:
    if spec.dtype != "float32":
        raise ConversionError(
            f"{title} has no float32 input to quantise: input '{spec.name}' is {spec.dtype}."
        )
    if not spec.shape or spec.shape[BATCH_AXIS] not in (None, 1):
        raise ConversionError(
            f"Input '{spec.name}' of {title} has shape {describe(spec.shape)}: make the model with "
            "an open batch axis or with batch 1."
        )


def _check_time_steps(inputs: Sequence[InputSpec], time_steps: int, title: str) -> None:
    if time_steps < 1:
        raise ConversionError(f"The number of time steps must be at least 1, not {time_steps}.")
    timed = [spec for spec in inputs if spec.has_time_axis]
    if not timed:
        raise ConversionError(
            f"{title} has no time axis to fix to {time_steps} steps: its inputs have no shape "
            "[batch, time, channels]."
        )
    lengths = [spec.shape[TIME_AXIS] for spec in timed]
    if None not in lengths and time_steps not in lengths:
        raise ConversionError(
            f"{title} has a time axis fixed to {lengths[0]} steps, which {time_steps} time steps "
            "contradict: leave the number out or make the model with an open time axis."
        )


def _fixed_shape(spec: InputSpec, time_steps: int | None, title: str) -> tuple[int, ...]:
    shape: list[int] = []
    for axis, size in enumerate(spec.shape):
        if axis == BATCH_AXIS:
            shape.append(1)
        elif size is not None:
            shape.append(size)
        elif axis == TIME_AXIS and spec.has_time_axis:
            if time_steps is None:
                raise ConversionError(
                    f"Input '{spec.name}' of {title} has an open time axis, shape "
                    f"{describe(spec.shape)}: fix it with --time_steps=N (time_steps=N in Python)."
                )
            shape.append(time_steps)
        else:
            raise ConversionError(
                f"Axis {axis} of input '{spec.name}' of {title} is open, shape "
                f"{describe(spec.shape)}: only batch and time may be open, so make the model with "
                "a fixed size there."
            )
    return tuple(shape)


def describe(shape: Sequence[int | None]) -> str:
    """`[?, 296, 39]`: a shape for messages, with `?` for an open axis."""
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"
