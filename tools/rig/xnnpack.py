"""Counts the instructions that XNNPACK executes for the 1-D convolutions of a model.

XNNPACK is Debian's libXNNPACK of 2022 for armhf: each 1-D convolution runs as its quantised 2-D
convolution (xnnpack.cc), with the layer's shape and weights of the same range. Counted is one run,
without what creates the operator and packs its weights. What a model has besides (other operators,
copies between layers, TFLite itself) is not in these counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from tools.rig import count
from wqlite.converter.quiet import captured_output

RUNS = 3  # of each layer; the second counts (xnnpack.cc)
DRIVER = "build/armv7/cmake/tests/xnnpack"
LIBRARY = "build/armv7/root/usr/lib/arm-linux-gnueabihf/libXNNPACK.so"


class MissingError(count.RigError):
    """The rig has no XNNPACK, or no program of ours that uses it."""


def count_layers(model: str | os.PathLike[str], core: str = "") -> count.Counts:
    """Counts one run of each 1-D convolution, on a core (core.sh); the parts are the layers.

    Raises:
        MissingError: the rig has no XNNPACK.
        count.RigError: the rig is not set up, or XNNPACK refuses a layer.
    """
    checkout = count.find_checkout()
    if not all((checkout / path).is_file() for path in (DRIVER, LIBRARY)):
        raise MissingError(
            "the rig has no libXNNPACK; tools/rig/setup.sh installs Debian's libxnnpack-dev there"
        )
    return count_driver(layers_of(model), core)


def count_driver(layers: Sequence[str], core: str = "") -> count.Counts:
    """Counts one run of each layer, given as xnnpack.cc wants them."""
    checkout = count.find_checkout()
    marks = count.marks_of(checkout / LIBRARY, re.compile(r"^xnn_run_operator$"))
    command: list[str | Path] = [checkout / "tools/rig/run", checkout / DRIVER, *layers]
    counts = count.count_command(command, marks, core)
    return count.Counts.sum(counts.parts[1::RUNS])


def layers_of(model: str | os.PathLike[str]) -> list[str]:
    """The 1-D convolutions of a model in order of execution, as xnnpack.cc wants them."""
    with captured_output():  # TensorFlow, which only this needs, is slow and talkative
        from wqlite.converter.flatbuffer import TFLiteFile
    return [
        f"{layer.width},{layer.stride},{layer.dilation},{layer.input_channels},"
        f"{layer.output_channels},{layer.input_frames},{layer.output_frames}"
        for layer in TFLiteFile(Path(model).read_bytes()).conv1d_layers
    ]
