"""Which quantiser each operation's output gets, and which operations share one."""

from __future__ import annotations

from keras import layers

from .activation_quantizer import ActivationQuantizer
from .activation_range import LINEAR, RELU, ActivationRange
from .bands import Bands
from .concatenation import is_never_negative, parts_alone
from .config import RsqConfig
from .fold import FoldedModel, Operation
from .layer_kinds import SAME_GRID, fixed_output


class Quantizers:
    """The quantisers of a model's operations.

    - The bands of one unit group share one, see `bands`.
    - Pooling and whatever only moves values has that of its input.
    - What only a concatenation reads has that of the concatenation, as TFLite demands; where
      something else reads it too, TFLite requantises for the concatenation.
    - A convolution or addition that only an activation of its own reads has none: the activation
      quantises.
    """

    def __init__(self, model: FoldedModel, bands: Bands, config: RsqConfig) -> None:
        self._model = model
        self._bands = bands
        self._config = config
        self._made: dict[Operation, ActivationQuantizer] = {}
        self._owners: dict[Operation, Operation] = {}
        for operation in model.operations:
            if isinstance(operation.layer, layers.Concatenate):
                self._owners.update(dict.fromkeys(parts_alone(model, operation), operation))

    def of(self, operation: Operation) -> ActivationQuantizer | None:
        """The quantiser of the operation's output; `None` if the activation after it quantises."""
        if isinstance(operation.layer, SAME_GRID):
            return self.of(operation.inputs[0])
        if isinstance(operation.layer, layers.Concatenate):
            parts = {self.of(part) for part in operation.inputs}
            if len(parts) == 1:
                return parts.pop()
        if operation.takes_relu and not operation.relu and self._activation_follows(operation):
            return None
        owner = self._owner(operation)
        if owner not in self._made:
            self._made[owner] = self._make(owner)
        return self._made[owner]

    def before(self, leaky_relu: Operation) -> ActivationQuantizer | None:
        """The quantiser of a LeakyReLU's input; `None` for that of its output."""
        if leaky_relu in self._bands.ranges:
            return None
        source = self.of(leaky_relu.inputs[0])
        return source or self._quantizer(LINEAR, f"{leaky_relu.name}_input_quantizer")

    def _owner(self, operation: Operation) -> Operation:
        """The operation whose quantiser is shared."""
        if operation in self._bands.ranges:
            return self._bands.firsts[operation]
        while operation in self._owners:
            operation = self._owners[operation]
        return operation

    def _activation_follows(self, operation: Operation) -> bool:
        reader = self._model.only_reader(operation)
        return reader is not None and isinstance(reader.layer, (layers.LeakyReLU, layers.ReLU))

    def _make(self, operation: Operation) -> ActivationQuantizer:
        name = f"{operation.name}_quantizer"
        if operation in self._bands.ranges:
            return self._quantizer(self._bands.ranges[operation], name, self._largest(operation))
        if isinstance(operation.layer, layers.InputLayer):
            return self._quantizer(LINEAR, f"{operation.name}_quantized")
        if fixed := fixed_output(operation.layer):
            scale, zero_point = fixed
            return self._quantizer(ActivationRange(zero_point=zero_point), name, scale=scale)
        limits = RELU if is_never_negative(operation) else LINEAR
        return self._quantizer(limits, name, self._largest(operation))

    def _largest(self, owner: Operation) -> float | None:
        """Where the ReLUs that share a quantiser clip; `None` if one of them does not."""
        clips = [op.largest for op in self._model.operations if self._owner(op) is owner]
        return None if None in clips else max(clip for clip in clips if clip is not None)

    def _quantizer(
        self,
        limits: ActivationRange,
        name: str,
        largest: float | None = None,
        scale: float | None = None,
    ) -> ActivationQuantizer:
        return ActivationQuantizer(
            lowest=limits.lowest,
            highest=limits.highest,
            zero_point=limits.zero_point,
            clamp=limits.clamp.name if limits.clamp else None,
            largest=largest,
            scale=scale,
            learn_scale=self._config.learn_scales,
            name=name,
        )
