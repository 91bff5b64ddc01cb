"""Unit groups: tensors whose real values can only be multiplied by a common factor.

Convolutions and dense layers absorb any factor into their weights, so their inputs and outputs are
free of each other; an addition, a pooling or a LeakyReLU passes the factor of its inputs on; other
functions, and the model's inputs and outputs, pin it to 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from enum import Enum
from typing import Generic, TypeVar

Tensor = TypeVar("Tensor", bound=Hashable)


class Unit(Enum):
    """What an operation does with a common factor of its inputs."""

    FREE = "absorbs it"
    PASSED_ON = "passes it on"
    PINNED = "changes its meaning"


class UnitGroups(Generic[Tensor]):
    """A partition of tensors (or whatever stands for them), grown by `add`."""

    def __init__(self) -> None:
        self._parents: dict[Tensor, Tensor] = {}
        self._pinned: set[Tensor] = set()

    def add(self, output: Tensor, inputs: Iterable[Tensor], unit: Unit) -> None:
        """An operation from `inputs` to `output`."""
        for source in inputs:
            if unit is Unit.PASSED_ON:
                self._parents[self.group(source)] = self.group(output)
            elif unit is Unit.PINNED:
                self.pin(source)
        if unit is Unit.PINNED:
            self.pin(output)

    def pin(self, tensor: Tensor) -> None:
        """Fixes the factor to 1."""
        self._pinned.add(tensor)

    def group(self, tensor: Tensor) -> Tensor:
        """The member that stands for the group of `tensor`."""
        while (parent := self._parents.get(tensor, tensor)) != tensor:
            tensor = parent
        return tensor

    def pinned_groups(self) -> set[Tensor]:
        """The groups whose factor is 1."""
        return set(map(self.group, self._pinned))
