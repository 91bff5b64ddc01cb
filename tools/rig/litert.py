"""Counts inferences in LiteRT, TensorFlow Lite's successor, on AArch64.

Its Python package ai-edge-litert has no wheel for 32-bit ARM. XNNPACK is what it uses by default.
"""

from __future__ import annotations

import os
from pathlib import Path

from tools.rig import count
from tools.rig.columns import TFLITE, XNNPACK, Kernels

# The last that runs under QEMU 7.2.
PACKAGES = "build/runtimes/ai_edge_litert-2.1.6-aarch64"
INTERPRETER: str = f"{PACKAGES}/ai_edge_litert/libpywrap_litert_common.so"
DELEGATE = "build/aarch64/libwq_delegate.so"


def count_inference(model: Path, kernels: Kernels, core: str = "") -> count.Counts:
    """Counts one inference of a model on random input.

    Args:
        model: a `.tflite` file.
        kernels: whose; XNNPACK is LiteRT's own.
        core: what the rig pretends to be (core.sh); empty: a core of no name.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    checkout = count.find_checkout()
    arguments: list[str] = []
    if kernels == XNNPACK:
        arguments = ["xnnpack"]
    elif kernels != TFLITE:
        arguments = [str(checkout / DELEGATE), *(f"{k}={v}" for k, v in kernels.items())]
    variables = {"WQ_RIG": "aarch64", "PYTHONPATH": os.fspath(checkout / PACKAGES)}
    return count.count_difference(
        lambda runs: [*count.invocation(model, runs), *arguments], core=core, variables=variables
    )
