"""Calibrate: the inputs from which the ranges of all activations are measured."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ConversionError, ConversionWarning
from .shapes import describe

RealArray = npt.NDArray[Any]
CalibrationData = str | os.PathLike[str] | RealArray | Mapping[str, RealArray]
Samples = dict[str, npt.NDArray[np.float32]]
"""Input name -> float32 array [samples, ...]."""

RANDOM_SAMPLES = 16
LARGEST_VALUE = 1e9


def open_calibration_data(data: CalibrationData) -> Mapping[str, RealArray]:
    """All arrays of the calibration data by name.

    Raises:
        ConversionError: the file is missing, is not an `.npz` or cannot be read.
    """
    if isinstance(data, Mapping):
        return data
    if isinstance(data, np.ndarray):
        return {"samples": data}
    path = Path(data)
    if not path.is_file():
        raise ConversionError(f"Calibration data {path} does not exist or is not a file.")
    if not zipfile.is_zipfile(path):
        raise ConversionError(
            f"Calibration data {path} is not an .npz file: write it with numpy.savez."
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ConversionError(f"Calibration data {path} cannot be read: {error}.") from error


def choose_samples(
    arrays: Mapping[str, Any] | None,
    shapes: Mapping[str, tuple[int, ...]],
    *,
    limit: int | None,
    trained: bool,
    random: bool,
    seed: int,
) -> Samples:
    """What to calibrate and to verify a model with.

    Args:
        arrays: real samples, array name -> numbers [samples, ...]; None where there are none.
        shapes: input name -> input shape [1, ...].
        limit: the number of samples to keep at most, `None` for all.
        trained: the model holds its ranges, so that random numbers do.
        random: whether to take random numbers anyway, announced by a `ConversionWarning`.
        seed: of the random numbers.

    Raises:
        ConversionError: there are no samples, or names, shapes or values do not fit the model.
    """
    if arrays is not None:
        return check_samples(arrays, shapes, limit)
    if trained:
        return draw_samples(shapes, limit, seed)
    if not random:
        raise refuse_without_data(shapes)
    warnings.warn(
        "Calibrated with random numbers: the ranges are a guess, so expect a loss of accuracy on "
        "real data.",
        ConversionWarning,
        stacklevel=3,
    )
    return draw_samples(shapes, limit, seed)


def check_samples(
    arrays: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]], limit: int | None
) -> Samples:
    """The arrays that belong to the model's inputs, checked, as float32.

    Args:
        arrays: array name -> numbers of shape [samples, ...].
        shapes: input name -> input shape [1, ...].
        limit: the number of samples to keep at most, `None` for all.

    Raises:
        ConversionError: names, shapes or values do not fit the model.
    """
    if limit is not None and limit < 1:
        raise ConversionError(f"At least 1 calibration sample is needed, not {limit}.")
    samples = {
        name: _check_array(np.asarray(array), name, shapes[name])
        for name, array in _by_input(arrays, list(shapes)).items()
    }
    counts = {name: len(array) for name, array in samples.items()}
    if len(set(counts.values())) > 1:
        listing = ", ".join(f"{count} for '{name}'" for name, count in counts.items())
        raise ConversionError(f"The calibration arrays differ in their samples: {listing}.")
    return {name: array[:limit] for name, array in samples.items()}


def draw_samples(shapes: Mapping[str, tuple[int, ...]], limit: int | None, seed: int) -> Samples:
    """Standard normal numbers in place of real samples."""
    generator = np.random.default_rng(seed)
    count = limit or RANDOM_SAMPLES
    return {
        name: generator.standard_normal((count, *shape[1:])).astype(np.float32)
        for name, shape in shapes.items()
    }


def refuse_without_data(shapes: Mapping[str, tuple[int, ...]]) -> ConversionError:
    """The refusal that says how to make calibration data for these inputs."""
    arrays = ", ".join(f"{name}={name}" for name in shapes)
    layouts = " and ".join(
        f"{name} has shape {describe_samples(shape)}" for name, shape in shapes.items()
    )
    return ConversionError(
        "Calibration data is missing: give real inputs, written with "
        f"numpy.savez('samples.npz', {arrays}) where {layouts}, as "
        "--calibration_data=samples.npz (or accept a poor guess with --random_calibration)."
    )


def describe_samples(shape: tuple[int, ...]) -> str:
    """`[samples, 296, 39]` for the input shape [1, 296, 39]."""
    return "[" + ", ".join(["samples", *map(str, shape[1:])]) + "]"


def _by_input(arrays: Mapping[str, Any], names: list[str]) -> Mapping[str, Any]:
    if len(names) == 1 and len(arrays) == 1:
        return {names[0]: next(iter(arrays.values()))}
    if missing := [name for name in names if name not in arrays]:
        found = ", ".join(f"'{name}'" for name in arrays) or "no array"
        wanted = ", ".join(f"'{name}'" for name in missing)
        raise ConversionError(
            f"The calibration data lacks an array for input {wanted} of the model: it has {found}."
        )
    return {name: arrays[name] for name in names}


def _check_array(array: RealArray, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    if array.dtype.kind not in "fiu":
        raise ConversionError(
            f"The calibration array for input '{name}' holds {array.dtype}, not real numbers."
        )
    if array.ndim == 0 or array.shape[1:] != shape[1:]:
        raise ConversionError(
            f"The calibration array for input '{name}' has shape {describe(array.shape)}, expected "
            f"{describe_samples(shape)}."
        )
    if len(array) == 0:
        raise ConversionError(f"The calibration array for input '{name}' holds zero samples.")
    # Written so that NaN counts as bad. Infinite activations would crash TFLiteConverter.
    bad = ~(np.abs(array) <= LARGEST_VALUE)
    if bad.any():
        position = tuple(int(index) for index in np.argwhere(bad)[0])
        raise ConversionError(
            f"The calibration array for input '{name}' holds NaN, infinity or values beyond "
            f"{LARGEST_VALUE:g}, first in sample {position[0]} at {describe(position[1:])}."
        )
    return array.astype(np.float32)
