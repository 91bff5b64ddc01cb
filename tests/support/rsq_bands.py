"""Whether the delegate proves what the exporter promises of a file's bands."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.support.runtimes import RUNTIMES, make_interpreter
from wqlite import delegate
from wqlite.converter.flatbuffer import TFLiteFile
from wqlite.converter.rsq.export import TFLiteFunction


def assert_bands_are_proved(student: Any, content: bytes, capfd: pytest.CaptureFixture[str]) -> int:
    """Every convolution with an input in a band can run in int8; returns how many there are."""
    nodes = constrained_nodes(student, content)
    options = {"override": "+".join(f"{node}=winograd_s8" for node in nodes)} if nodes else {}
    loaded = delegate.load(runtime=RUNTIMES[0], log_level="info", **options)
    capfd.readouterr()
    make_interpreter(RUNTIMES[0], content, [loaded])
    log = capfd.readouterr().err
    for node in nodes:
        proof = rf"^wqlite: node {node} .*kernel=winograd_s8 .*inputs in \["
        assert re.search(proof, log, re.M), log
    return len(nodes)


def constrained_nodes(student: Any, content: bytes) -> list[int]:
    """The numbers of the convolutions whose inputs training kept in a band."""
    file = TFLiteFile(content)
    filters = [
        (node, file.int8_constant(operator.inputs[1]))
        for node, operator in enumerate(file.operators_in_order)
        if file.name(operator) == "CONV_2D"
    ]
    nodes: list[int] = []
    for kernel, grid in TFLiteFunction(student).constrained_convolutions():
        trained = np.moveaxis(kernel.integers, -1, 0)[:, None]
        if grid.limits.clamp:
            nodes += [
                node
                for node, weights in filters
                if weights is not None and np.array_equal(weights, trained)
            ]
    return nodes
