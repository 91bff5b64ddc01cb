"""wqlite's 1-D convolution operator and planner on numpy arrays."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy
from numpy.typing import NDArray

class Plan:
    """How a layer runs, and why."""

    @property
    def kernel(self) -> str: ...
    @property
    def tile(self) -> str: ...
    @property
    def weights_ahead(self) -> bool: ...
    @property
    def ahead_groups(self) -> int: ...
    @property
    def channel_groups(self) -> int: ...
    @property
    def channel_block(self) -> int: ...
    @property
    def cost(self) -> float: ...
    @property
    def instructions(self) -> float: ...
    @property
    def weight_bytes(self) -> int: ...
    @property
    def scratch_bytes(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def refusal(self) -> str: ...
    @property
    def proof(self) -> dict[str, Any]: ...
    def __repr__(self) -> str: ...

def conv1d(
    input: Annotated[NDArray[numpy.int8], dict(order="C", device="cpu", writable=False)],
    filter: Annotated[NDArray[numpy.int8], dict(order="C", device="cpu", writable=False)],
    *,
    bias: Annotated[
        NDArray[numpy.int32], dict(shape=(None,), order="C", device="cpu", writable=False)
    ]
    | None = None,
    stride: int = 1,
    dilation: int = 1,
    padding: str = "same",
    input_scale: float = 1.0,
    input_zero_point: int = 0,
    input_min: int = -128,
    input_max: int = 127,
    filter_scale: Sequence[float] = [1.0],
    output_scale: float = 1.0,
    output_zero_point: int = 0,
    activation: str = "none",
    rounding: str = "auto",
    algorithm: str = "auto",
    tile: str = "",
    memory_budget_mb: float | None = None,
    core: str = "auto",
    num_threads: int = 1,
) -> Annotated[NDArray[numpy.int8], dict(shape=(None, None, None))]:
    """
    Runs one int8 1-D convolution as the delegate does.

    Args:
      input: int8 [batch, time, in_channels].
      filter: int8 [out_channels, kernel_width, in_channels], zero point 0.
      bias: int32 [out_channels], scale input_scale * filter_scale, or None.
      stride, dilation: in time steps.
      padding: 'same' or 'valid'.
      input_scale, input_zero_point, output_scale, output_zero_point: real value =
        scale * (q - zero_point).
      input_min, input_max: the quantised inputs that can occur, which winograd_s8
        is proved with; conv1d refuses an input outside.
      filter_scale: one value, or one per output channel.
      activation: 'none', 'relu', 'relu6' or 'relu_n1_to_1', fused as a clamp.
      rounding: how sums are scaled down: 'double_up', 'double_away' or 'single',
        or 'auto': as the optimised kernels of tflite-runtime 2.14 do it on this
        kind of machine. (The delegate asks the interpreter that it runs in.)
      algorithm: 'auto', 'direct', 'winograd_s16' or 'winograd_s8'.
      tile: a name from tiles(), or '' for the cheapest.
      memory_budget_mb: for weights transformed ahead; None for 1.4 times the
        int8 weights.
      core: family to plan for: 'auto', 'one_pipe', 'in_order', 'dot_in_order',
        'two_pipe' or 'dot'.
      num_threads: 1 to 64.

    Returns:
      int8 [batch, out_time, out_channels], byte for byte what a built-in CONV_2D of
      TFLite gives that rounds so.

    Raises:
      ValueError: an argument is out of range; the message says which.
      MemoryError: there is not enough memory.
    """

def plan_conv1d(
    filter: Annotated[NDArray[numpy.int8], dict(order="C", device="cpu", writable=False)],
    *,
    bias: Annotated[
        NDArray[numpy.int32], dict(shape=(None,), order="C", device="cpu", writable=False)
    ]
    | None = None,
    stride: int = 1,
    dilation: int = 1,
    padding: str = "same",
    input_scale: float = 1.0,
    input_zero_point: int = 0,
    input_min: int = -128,
    input_max: int = 127,
    filter_scale: Sequence[float] = [1.0],
    output_scale: float = 1.0,
    output_zero_point: int = 0,
    activation: str = "none",
    rounding: str = "auto",
    algorithm: str = "auto",
    tile: str = "",
    memory_budget_mb: float | None = None,
    core: str = "auto",
    num_threads: int = 1,
    time_steps: int,
    batch: int = 1,
) -> Plan:
    """
    How the delegate would run a layer; arguments as conv1d has them.

    Returns:
      A Plan: kernel, tile, weights_ahead, cost (predicted cycles), instructions
      (predicted, on ARMv7), weight_bytes, scratch_bytes, proof (a dict of bounds),
      reason, and refusal: why the arguments could not be met, or ''.
    """

def tiles() -> list[dict[str, Any]]:
    """All Winograd tiles: name, sizes and growths."""

def transform_input(
    tile: str,
    rows: Annotated[
        NDArray[numpy.int8], dict(shape=(None, 8), order="C", device="cpu", writable=False)
    ],
) -> Annotated[NDArray[numpy.int16], dict(shape=(None, None))]:
    """int8 [inputs, 8] to int16 [points, 8], as the tile's kernel does it."""

def transform_weights(
    tile: str,
    rows: Annotated[
        NDArray[numpy.int8], dict(shape=(None, 8), order="C", device="cpu", writable=False)
    ],
) -> Annotated[NDArray[numpy.int16], dict(shape=(None, None))]:
    """int8 [taps, 8] to int16 [points, 8], as the tile's kernel does it."""

def transform_output(
    tile: str,
    rows: Annotated[
        NDArray[numpy.int32], dict(shape=(None, 4), order="C", device="cpu", writable=False)
    ],
) -> Annotated[NDArray[numpy.int32], dict(shape=(None, None))]:
    """int32 products [points, 4] to exact sums int32 [outputs, 4]."""

def isa() -> str:
    """The instruction set whose kernels run on this processor."""
