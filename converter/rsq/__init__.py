"""RSQ: training of models for int8 Winograd kernels (see docs/rsq.md).

Example:
```python
from wqlite.converter import convert, rsq

student = rsq.quantize_model(float_model, rsq.RsqConfig())
rsq.calibrate(student, batches)          # post-training quantisation
rsq.Trainer(student, teacher=float_model).fit(train, validation, epochs=2)
student.save("student.keras")
convert("student.keras", output="student.tflite")
```

Importing this package makes its layers known to Keras, so that saved models load by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calibrate import calibrate
from .config import RsqConfig
from .quantize_model import is_quantized, quantize_model

if TYPE_CHECKING:
    from .trainer import Trainer

__all__ = ["RsqConfig", "Trainer", "calibrate", "is_quantized", "quantize_model"]


def __getattr__(name: str) -> Any:
    """The trainer, imported when it is asked for: conversion does without what it needs."""
    if name == "Trainer":
        from .trainer import Trainer

        return Trainer
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
