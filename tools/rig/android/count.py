"""Counts the instructions that one inference executes in Android's TensorFlow Lite (setup.sh).

Its built-in kernels are others than those of the Python wheel, and faster; XNNPACK, which is in the
same library, is what Java applications get. The library names no functions.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from tools.rig import count
from tools.rig.columns import TFLITE, XNNPACK, Kernels
from wqlite import delegate

FOLDER = "build/android/{abi}"
# Programs and libraries of a folder that counts depend on.
FILES: tuple[str, ...] = ("run_models", "libc.so", "libtensorflowlite_jni.so")
DELEGATE = "symbols/libwq_delegate.so"


def count_inference(
    model: Path, kernels: Kernels, core: str = "", abi: str = "armeabi-v7a"
) -> count.Counts:
    """Counts one inference of a model on random input.

    Args:
        model: a `.tflite` file with one int8 input.
        kernels: whose; XNNPACK is that of the library.
        core: what the rig pretends to be (core.sh); empty: a core of no name.
        abi: armeabi-v7a or arm64-v8a.

    Raises:
        count.RigError: set-up is missing, or the model does not run.
    """
    checkout = count.find_checkout()
    folder = checkout / FOLDER.format(abi=abi)
    run = ["run"]
    if kernels == XNNPACK:
        run.append("xnnpack")
    elif kernels != TFLITE:
        run.append(str(folder / DELEGATE))
        run += [f"{key}={value}" for key, value in kernels.items()]
    try:
        (detail,) = delegate.interpreter(model, delegate=False).get_input_details()
    except (OSError, ValueError) as error:
        raise count.RigError(str(error)) from error
    with tempfile.TemporaryDirectory() as models:
        Path(models, run[0]).mkdir()
        Path(models, "0.tflite").symlink_to(model.resolve())
        Path(models, "0.in").write_bytes(np.random.default_rng(0).bytes(np.prod(detail["shape"])))
        emulator = str(checkout / "tools/rig/android/run")
        command = [emulator, abi, str(folder / "run_models"), models]
        return count.count_difference(
            lambda times: [*command, str(times), ";".join(run)], core=core
        )
