"""Models the data caches of one inference under the rig, with and without the delegate.

    python -m tools.rig.dcache MODEL.tflite... [--option KEY=VALUE]...
                               [--options "KEY=VALUE;..."]...

The plug-in dcache.c sees every load and store: 32 KiB of first-level cache (4 ways), 512 KiB of
second-level cache (8 ways), lines of 64 bytes, the least recently used leaves first. It knows no
prefetching: a core hides much of what comes in a straight line. Each access costs a call, so this
takes some five times as long as counting instructions.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.rig import columns, count, flags

PLUGIN = "build/armv7/libdcache.so"


@dataclass(frozen=True)
class Traffic:
    """What passes between the core, its caches and memory.

    Attributes:
        accesses: loads and stores, as QEMU makes them (64 bits at most).
        l1_misses: lines that the first-level cache did not have.
        lines_fetched: lines of 64 bytes from memory.
        lines_written: lines of 64 bytes to memory.
    """

    accesses: int
    l1_misses: int
    lines_fetched: int
    lines_written: int


def inference_traffic(
    model: str | os.PathLike[str], *, delegate: bool, options: Mapping[str, str] | None = None
) -> Traffic:
    """Models one inference: (3 inferences - 1 inference) / 2, as in count.count_inference.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        commands = [count.invocation(model, runs, delegate, options) for runs in (1, 3)]
        once, thrice = pool.map(command_traffic, commands)
    return Traffic(
        accesses=(thrice.accesses - once.accesses) // 2,
        l1_misses=(thrice.l1_misses - once.l1_misses) // 2,
        lines_fetched=(thrice.lines_fetched - once.lines_fetched) // 2,
        lines_written=(thrice.lines_written - once.lines_written) // 2,
    )


def command_traffic(command: Sequence[str | os.PathLike[str]]) -> Traffic:
    """Models a whole run of a command that starts qemu-arm."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "traffic.json"
        count.run_with_plugin(command, PLUGIN, [f"out={output}"])
        return Traffic(**json.loads(output.read_text()))


def main(arguments: Sequence[str]) -> None:
    """Models models both ways and prints a table."""
    values, delegates = flags.parse(flags.models_and_options(__doc__), arguments)
    titles = ("accesses, M", "L1 misses, k", "lines fetched, k", "lines written, k")
    print(f"{'':40}" + "".join(f"{title:>18}" for title in titles))
    for model in values.models:
        for name, options in {columns.TFLITE: None, **delegates}.items():
            traffic = inference_traffic(model, delegate=options is not None, options=options)
            cells = (
                traffic.accesses / 1e6,
                traffic.l1_misses / 1e3,
                traffic.lines_fetched / 1e3,
                traffic.lines_written / 1e3,
            )
            print(f"{model.name + ', ' + name:40}" + "".join(f"{cell:18.1f}" for cell in cells))


if __name__ == "__main__":
    flags.run(main)
