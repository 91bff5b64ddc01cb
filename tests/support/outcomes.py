"""What becomes of a model that not every runtime can run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

OPTIONS: tuple[dict[str, str], ...] = (
    {},
    {"algorithm": "direct"},
    {"algorithm": "winograd_s16"},
    {"algorithm": "winograd_s8", "core": "two_pipe"},
)
"""Of the delegate, with which a model is tried."""


def outcome(interpreter: Any) -> str | npt.NDArray[np.int8]:
    """The first output for seeded inputs, or the kind of error."""
    try:
        interpreter.allocate_tensors()
        detail = interpreter.get_input_details()[0]
        values = np.random.default_rng(1).integers(-128, 128, detail["shape"]).astype(np.int8)
        interpreter.set_tensor(detail["index"], values)
        interpreter.invoke()
        output: npt.NDArray[np.int8]
        output = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    except (ValueError, RuntimeError, MemoryError) as error:
        return type(error).__name__
    return output
