"""A trained RSQ model as the bytes of an INT8 `.tflite` that keeps what training promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ..graph import freeze
from ..quantize import quantize_trained
from ..source import SourceModel
from .check import check_file
from .export import TFLiteFunction


def quantize_rsq(
    source: SourceModel, shapes: Mapping[str, tuple[int, ...]], progress: Callable[[str], None]
) -> bytes:
    """Exports and checks `source.trained`.

    Args:
        source: the loaded model.
        shapes: input name -> shape [1, ...].
        progress: told about each step.

    Raises:
        ConversionError: the model cannot be exported, or the file's integers are not the trained
            ones, or leave the range of the int8 Winograd kernel.
    """
    assert source.trained is not None
    progress("exporting the trained integers")
    exported = TFLiteFunction(source.trained)
    content = quantize_trained(freeze(replace(source, call=exported), shapes), source.title)
    progress("checking the integers")
    check_file(content, exported.constrained_convolutions(), source.title)
    return content
