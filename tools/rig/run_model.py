"""Runs a model on recorded inputs, with or without the delegate, here or under the ARMv7 rig.

    python -m tools.rig.run_model MODEL INPUTS.npy OUTPUTS.npy [--delegate] [--repeat N]

INPUTS: float32 [samples, ...], quantised as the model's input asks. OUTPUTS: int8, one for each
sample. Prints the median milliseconds of an inference; the delegate logs each layer to stderr.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wqlite import delegate
from wqlite.tools.evaluation.int8 import quantize


def run(
    model: Path, inputs: npt.NDArray[np.float32], *, use_delegate: bool, repeat: int, **options: Any
) -> tuple[npt.NDArray[np.int8], float]:
    """Runs every sample.

    Args:
        model: a `.tflite` file with one int8 input and one int8 output.
        inputs: float32 [samples, ...] in the shape of the model's input without its batch axis.
        use_delegate: False for TFLite's built-in kernels alone.
        repeat: inferences of each sample that are timed.
        **options: the delegate's.

    Returns:
        The outputs, int8 [samples, ...], and the median milliseconds of an inference.
    """
    interpreter = delegate.interpreter(model, delegate=use_delegate, **options)
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero_point = source["quantization"]
    outputs, milliseconds = [], []
    for sample in inputs:
        quantized = quantize(sample, scale, zero_point)
        interpreter.set_tensor(source["index"], quantized.reshape(source["shape"]))
        for _ in range(repeat):
            start = time.perf_counter()
            interpreter.invoke()
            milliseconds.append(1e3 * (time.perf_counter() - start))
        outputs.append(interpreter.get_tensor(target["index"])[0])
    return np.stack(outputs), statistics.median(milliseconds)


def main() -> None:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("inputs", type=Path)
    parser.add_argument("outputs", type=Path)
    parser.add_argument("--delegate", action="store_true", help="use wqlite's kernels")
    parser.add_argument("--repeat", type=int, default=1, help="timed inferences of each sample")
    flags = parser.parse_args()
    options = {"log_level": "info"} if flags.delegate else {}
    outputs, milliseconds = run(
        flags.model,
        np.load(flags.inputs),
        use_delegate=flags.delegate,
        repeat=flags.repeat,
        **options,
    )
    np.save(flags.outputs, outputs)
    print(f"{milliseconds:.3f}")


if __name__ == "__main__":
    main()
