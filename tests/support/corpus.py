"""A file of models and inputs, for machines that cannot build models themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Entry:
    """One model.

    It has no expected output: TFLite's own kernels round differently on ARM and on x86, so that
    each machine must be compared with itself.
    """

    description: str
    model: bytes
    input: npt.NDArray[np.int8]


def write(path: Path, entries: Iterable[Entry]) -> None:
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for i, entry in enumerate(entries):
        arrays[f"{i}/description"] = np.array(entry.description)
        arrays[f"{i}/model"] = np.frombuffer(entry.model, np.uint8)
        arrays[f"{i}/input"] = entry.input
    np.savez(path, **arrays)


def read(path: Path) -> list[Entry]:
    with np.load(path) as arrays:
        return [
            Entry(
                str(arrays[f"{i}/description"]),
                arrays[f"{i}/model"].tobytes(),
                arrays[f"{i}/input"],
            )
            for i in range(len(arrays.files) // 3)
        ]
