"""Measures the peak memory of one inference under the rig, with and without the delegate.

    python -m tools.rig.memory MODEL.tflite...

What counts is the process's peak (VmHWM) less what it held before the model was loaded: the mapped
model file, TFLite's tensors and scratch memory, the delegate with its weights and scratch. Python,
numpy and QEMU itself are out; the runtime's code that only an inference touches (some 4 MiB) and
QEMU's translation of it are in, for TFLite and the delegate alike.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tools.rig import count, flags

# Delegate options by title; None is TFLite alone.
SETTINGS: Mapping[str, Mapping[str, str] | None] = {
    "TFLite": None,
    "default": {},
    "0 MB": {"memory_budget_mb": "0"},
    "8 MB": {"memory_budget_mb": "8"},
    "16 MB": {"memory_budget_mb": "16"},
    "unlimited": count.UNLIMITED,
}


def peak_kib(model: str | os.PathLike[str], options: Mapping[str, str] | None) -> int:
    """The peak in KiB; without options, that of TFLite alone.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    command = count.invocation(model, 1, options is not None, options)
    return int(count.run_command(command, {}).stdout)


def peaks_kib(model: str | os.PathLike[str]) -> dict[str, int]:
    """The peak in KiB for each of SETTINGS."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        peaks = pool.map(lambda options: peak_kib(model, options), SETTINGS.values())
        return dict(zip(SETTINGS, peaks, strict=True))


def main(arguments: Sequence[str]) -> None:
    """Measures models and prints a table."""
    values = flags.models(__doc__).parse_args(arguments)
    print(f"{'peak, MiB':32}" + "".join(f"{title:>11}" for title in SETTINGS))
    for model in values.models:
        peaks = peaks_kib(model)
        print(f"{model.name:32}" + "".join(f"{peak / 1024:11.1f}" for peak in peaks.values()))


if __name__ == "__main__":
    flags.run(main)
