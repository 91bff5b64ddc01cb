"""What the instruments put side by side: TFLite, XNNPACK, and the delegate with sets of options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

TFLITE: Literal["TFLite"] = "TFLite"
"""The built-in kernels of a TensorFlow Lite."""
XNNPACK: Literal["XNNPACK"] = "XNNPACK"
WQLITE = "wqlite"

Options = Mapping[str, str]
Kernels = Options | Literal["TFLite", "XNNPACK"]
"""Whose kernels run an inference; options are those of the delegate."""
