"""The ways in which the delegate can run a layer, and checking that one really did."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.support.runtimes import plans
from wqlite import delegate


@dataclass(frozen=True)
class Path:
    """Options that force one kernel. `kernel` and `tile` are None where the planner is free."""

    name: str
    options: dict[str, str]
    kernel: str | None = None
    tile: str | None = None

    def ran(self, log: str) -> bool:
        """Whether all layers in the log of the delegate (at level info) took this path."""
        layers = plans(log)
        return bool(layers) and all(
            self.kernel in (None, kernel) and self.tile in (None, tile)
            for _, kernel, tile in layers
        )


def tiles() -> list[str]:
    """All tiles, as the delegate itself lists them: a new one is tested without a change here."""
    listed = re.search(r"^tile: .*Values: auto, (.*)$", delegate.describe_options(), re.M)
    assert listed is not None
    return re.split(r", (?=F)", listed[1])


def all_paths() -> list[Path]:
    winograd = [
        Path(tile, {"algorithm": "winograd_s16", "tile": tile}, "winograd_s16", tile)
        for tile in tiles()
    ]
    return [Path("auto", {}), Path("direct", {"algorithm": "direct"}, "direct", "-"), *winograd]
