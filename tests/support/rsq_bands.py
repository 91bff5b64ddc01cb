"""Whether the delegate and the exporter read the same bands from a file."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.support.runtimes import RUNTIMES, make_interpreter
from wqlite import delegate
from wqlite.converter.flatbuffer import TFLiteFile
from wqlite.converter.rsq.export import TFLiteFunction
from wqlite.converter.rsq.int8_ranges import Int8Ranges


def assert_bands_are_proved(student: Any, content: bytes, capfd: pytest.CaptureFixture[str]) -> int:
    """Every convolution that training constrained is proved for its tile; how many there are.

    And of all convolutions that have a proof for their inputs, or none for want of a band, the
    delegate's range of inputs lies in the exporter's.
    """
    file = TFLiteFile(content)
    tiles = constrained_nodes(student, file)
    log = log_of(content, capfd, {node: f"winograd_s8/{tile}" for node, tile in tiles.items()})
    for node, tile in tiles.items():
        proof = rf"^wqlite: node {node} .*kernel=winograd_s8 tile={re.escape(tile)}: .*inputs in \["
        assert re.search(proof, log, re.M), log
    assert_ranges_agree(file, log_of(content, capfd, {}, algorithm="winograd_s8"))
    return len(tiles)


def log_of(
    content: bytes, capfd: pytest.CaptureFixture[str], requests: dict[int, str], **options: str
) -> str:
    """What the delegate says of a model of which it was asked for some kernels."""
    if requests:
        options["override"] = "+".join(f"{node}={kernel}" for node, kernel in requests.items())
    loaded = delegate.load(runtime=RUNTIMES[0], log_level="info", **options)
    capfd.readouterr()
    make_interpreter(RUNTIMES[0], content, [loaded])
    return capfd.readouterr().err


def assert_ranges_agree(file: TFLiteFile, log: str) -> None:
    """Each range that the delegate names lies in what the exporter reads.

    Behind an operator that is a table the delegate, which has the table, may know more.
    """
    ranges = Int8Ranges(file)
    named = r"^wqlite: node (\d+) .*(?:inputs in|as they come from) \[(-?\d+), (-?\d+)\]"
    found = re.findall(named, log, re.M)
    for node, lowest, highest in found:
        source = file.operators_in_order[int(node)].inputs[0]
        bounds = ranges.of(source)
        assert bounds[0] <= int(lowest) <= int(highest) <= bounds[1], log


def constrained_nodes(student: Any, file: TFLiteFile) -> dict[int, str]:
    """The numbers of the convolutions that training constrained, and their tiles."""
    filters = [
        (node, file.int8_constant(operator.inputs[1]))
        for node, operator in enumerate(file.operators_in_order)
        if file.name(operator) == "CONV_2D"
    ]
    nodes: dict[int, str] = {}
    for kernel in TFLiteFunction(student).constrained_convolutions():
        trained = np.moveaxis(kernel.integers, -1, 0)[:, None]
        for node, weights in filters:
            if weights is not None and np.array_equal(weights, trained):
                nodes[node] = kernel.layer.tile.name
    return nodes
