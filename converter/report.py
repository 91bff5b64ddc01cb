"""Report: what a conversion made, as an object and as tables for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # These modules import TensorFlow.
    from rich.console import RenderableType
    from rich.table import Table

    from .flatbuffer import Conv1DLayer, TFLiteFile
    from .verify import QuantizedTensor, Verification


@dataclass(frozen=True)
class ConversionResult:
    """What `convert` made.

    Attributes:
        output: the written file.
        size: its bytes.
        granularity: "channel" or "tensor".
        operators: operator name -> how often it occurs.
        operator_sequence: operator names in order of execution.
        conv1d_layers: the 1-D convolutions in order of execution.
        inputs, outputs: name, shape, scale and zero point of the model's ends.
        calibration_samples: number of samples that the ranges were measured on; 0 if they were
            trained.
        compared_samples: number of samples behind the next two figures.
        snr_db: signal-to-noise ratio of the INT8 outputs against the float outputs, in decibels.
        max_abs_error: their largest difference, in units of the output.
    """

    output: Path
    size: int
    granularity: str
    operators: dict[str, int]
    operator_sequence: tuple[str, ...]
    conv1d_layers: tuple[Conv1DLayer, ...]
    inputs: tuple[QuantizedTensor, ...]
    outputs: tuple[QuantizedTensor, ...]
    calibration_samples: int
    compared_samples: int
    snr_db: float
    max_abs_error: float

    @property
    def conv1d_count(self) -> int:
        """The number of 1-D convolutions."""
        return len(self.conv1d_layers)


def report(
    output: Path,
    file: TFLiteFile,
    verification: Verification,
    *,
    granularity: str,
    calibration_samples: int,
) -> ConversionResult:
    """The result for a file that is written.

    Args:
        output: the file.
        file: the same, parsed.
        verification: of it.
        granularity: "channel" or "tensor".
        calibration_samples: 0 if the ranges were trained.
    """
    return ConversionResult(
        output=output,
        size=output.stat().st_size,
        granularity=granularity,
        operators=file.operators,
        operator_sequence=tuple(file.operator_sequence),
        conv1d_layers=file.conv1d_layers,
        inputs=verification.inputs,
        outputs=verification.outputs,
        calibration_samples=calibration_samples,
        compared_samples=verification.compared_samples,
        snr_db=verification.snr_db,
        max_abs_error=verification.max_abs_error,
    )


def tables(result: ConversionResult) -> list[RenderableType]:
    """The result for a rich console: the layers, then the summary."""
    return [_layer_table(result), _summary_table(result)]


def _layer_table(result: ConversionResult) -> RenderableType:
    header = ("Conv1D", "width", "stride", "dilation", "channels", "frames", "activation", "M MAC")
    rows = (
        (
            str(number),
            str(layer.width),
            str(layer.stride),
            str(layer.dilation),
            f"{layer.input_channels} -> {layer.output_channels}",
            f"{layer.input_frames} -> {layer.output_frames}",
            layer.activation.lower(),
            f"{layer.multiplications / 1e6:.2f}",
        )
        for number, layer in enumerate(result.conv1d_layers, start=1)
    )
    return _table(header, rows, right=len(header))


def _summary_table(result: ConversionResult) -> RenderableType:
    operators = ", ".join(f"{count} {name}" for name, count in result.operators.items())
    snr = "exact" if math.isinf(result.snr_db) and result.snr_db > 0 else f"{result.snr_db:.1f} dB"
    samples = f"on {result.compared_samples} sample(s)"
    calibration = f"{result.calibration_samples} sample(s)"
    rows = [
        ("output", f"{result.output}, {result.size:,} bytes"),
        ("weights", f"int8, one scale per {result.granularity}"),
        ("operators", operators),
        *(("input", _describe(end)) for end in result.inputs),
        *(("output", _describe(end)) for end in result.outputs),
        ("calibration", calibration if result.calibration_samples else "none: trained ranges"),
        ("SNR to float", f"{snr}, largest error {result.max_abs_error:.4g}, {samples}"),
    ]
    return _table(("INT8 model", ""), rows, right=0)


def _describe(end: QuantizedTensor) -> str:
    return f"{end.name} int8 {list(end.shape)}, scale {end.scale:.6g}, zero point {end.zero_point}"


def _table(header: Iterable[str], rows: Iterable[tuple[str, ...]], right: int) -> Table:
    from rich import box  # Part of the extra `convert`, like TensorFlow.
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for index, title in enumerate(header):
        table.add_column(title, justify="right" if index < right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
