"""What the delegate logs of a model (`log_level=info`): each layer, and how many it took."""

from __future__ import annotations

import re
from typing import NamedTuple

_LAYER = re.compile(r"^wqlite: .*?: (width .* steps): kernel=(\S+) tile=(\S+): (.*)$", re.MULTILINE)
_TAKEN = re.compile(r"^wqlite: (took \d+ of \d+ Conv1D layers)", re.MULTILINE)


class Layer(NamedTuple):
    """A layer that the delegate took: what it is, how it runs, and why so."""

    layer: str
    kernel: str
    tile: str
    reason: str


def layers(log: str) -> list[Layer]:
    """The layers that the delegate took, in order."""
    return [Layer(*found) for found in _LAYER.findall(log)]


def taken(log: str) -> str:
    """How many layers it took, as the log says it."""
    found = _TAKEN.search(log)
    return found[1] if found else "took no layer"
