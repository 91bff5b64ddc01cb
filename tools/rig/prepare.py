"""Measures what preparing a model costs with the delegate: ARMv7 instructions, and time here.

    python -m tools.rig.prepare MODEL.tflite... [--option KEY=VALUE]... [--top N]

Preparing is all from creating the interpreter to the end of AllocateTensors. Counted under the rig
is what the delegate's library executes, and what the C library executes more than without the
delegate. Times are of the processor of this machine, the least of several processes: each prepares
the model once, because a second time it would get its memory from itself, not from the kernel.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.rig import count, flags
from tools.rig.count_table import shortened

PROCESSES = 7
# Files whose functions are the delegate's work: itself, and the C library that it calls.
OURS = ("libwq_delegate.so", "libc.so", "libm.so")


@dataclass(frozen=True)
class Milliseconds:
    """Processor time of preparing a model on this machine."""

    tflite: float
    wqlite: float


def count_preparation(
    model: str | os.PathLike[str], options: Mapping[str, str] | None = None
) -> count.Counts:
    """Counts what the delegate executes under the rig until the model can be invoked.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    alone = count.count_command(count.invocation(model, 0, False, None))
    with_delegate = count.count_command(count.invocation(model, 0, True, options))
    added = with_delegate.per_run(alone, 1).blocks
    return count.Counts(
        {block: runs for block, runs in added.items() if Path(block.path).name.startswith(OURS)}
    )


def time_preparation(
    model: str | os.PathLike[str], options: Mapping[str, str] | None = None
) -> Milliseconds:
    """Times the same on this machine, with the installed delegate.

    Raises:
        count.RigError: the model does not run.
    """
    texts = [f"{key}={value}" for key, value in (options or {}).items()]
    command = [sys.executable, "-m", "tools.rig.prepare_once", os.fspath(model), *texts]
    times = []
    for _ in range(PROCESSES):
        done = subprocess.run(
            command, cwd=count.find_checkout(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no output"]
            raise count.RigError(f"the model cannot be prepared here: {lines[-1]}")
        times.append([float(text) for text in done.stdout.split()])
    return Milliseconds(*(min(each) for each in zip(*times, strict=True)))


def report(counts: count.Counts, times: Milliseconds, top: int) -> str:
    """The instructions in all, by phase and of the `top` functions, and the times."""
    largest = sorted(counts.functions.items(), key=lambda item: -item[1])[:top]
    phases = sorted(counts.phases.items(), key=lambda item: -item[1])
    rows = [
        ("all", counts.instructions),
        *((f"  {phase}", value) for phase, value in phases if value),
        *((shortened(function), value) for function, value in largest),
    ]
    return "\n".join(
        [
            "million instructions on ARMv7",
            *(f"{value / 1e6:10.2f}  {name}" for name, value in rows),
            f"on this machine: {times.wqlite:.1f} ms (TFLite alone {times.tflite:.1f} ms)",
        ]
    )


def main(arguments: Sequence[str]) -> None:
    """Measures models and prints a report on each."""
    parser = flags.models_and_options(__doc__)
    parser.add_argument("--top", type=int, default=10, help="how many functions (default: 10)")
    values, delegates = flags.parse(parser, arguments)
    for model in values.models:
        for name, options in delegates.items():
            counts = count_preparation(model, options)
            times = time_preparation(model.resolve(), options)
            print(f"{model.name}, {name}\n{report(counts, times, values.top)}\n")


if __name__ == "__main__":
    flags.run(main)
