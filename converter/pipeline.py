"""The converter as one function: load, calibrate, freeze, rewrite, quantise, verify, report."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .calibrate import CalibrationData, choose_samples, open_calibration_data
from .errors import ConversionError
from .files import check_output, source_kind, write_whole
from .report import ConversionResult, report
from .shapes import fixed_shapes

if TYPE_CHECKING:
    import keras

Progress = Callable[[str], None]
"""Called with what is being done now, e.g. "calibrating, sample 3 of 16"."""


def convert(
    model: str | os.PathLike[str] | keras.Model,
    *,
    output: str | os.PathLike[str],
    calibration_data: CalibrationData | None = None,
    granularity: str = "channel",
    time_steps: int | None = None,
    calibration_samples: int | None = None,
    random_calibration: bool = False,
    seed: int = 0,
    progress: Progress = lambda step: None,
) -> ConversionResult:
    """Converts a Keras model to a standard `.tflite` with int8 input, output and operators.

    Args:
        model: a Keras model, or the path of a `.keras` file, a `.h5` file or a SavedModel folder.
        output: path of the `.tflite` to write. It appears whole after verification, or not at all.
        calibration_data: real inputs: an array [samples, ...] for a model with one input, a mapping
            from input name to such arrays, or the path of an `.npz` file of them. A model of
            `rsq.quantize_model` has its ranges already: they only verify it.
        granularity: "channel" for one weight scale per output channel, "tensor" for one in all.
        time_steps: length of an open time axis (axis 1 of the inputs).
        calibration_samples: use at most so many samples, from the first on.
        random_calibration: calibrate with normally distributed random numbers, with a warning.
        seed: of the random numbers; the same arguments make the same bytes.
        progress: told about each step.

    Returns:
        The result, with the batch axis of all inputs and outputs fixed to 1.

    Raises:
        ConversionError: with one sentence that says what is wrong and what to do.

    Example:
    ```python
    windows = ...  # float32 features [samples, 296, 39]
    convert(wav2letter(), output="wav2letter.tflite", calibration_data=windows)
    ```
    """
    output = Path(output)
    path = Path(model) if isinstance(model, (str, os.PathLike)) else None
    if granularity not in ("channel", "tensor"):
        raise ConversionError(f"Granularity must be 'channel' or 'tensor', not '{granularity}'.")
    if random_calibration and calibration_data is not None:
        raise ConversionError("Give either calibration data or random calibration, not both.")
    if path is not None:
        source_kind(path)
    check_output(output, path)
    arrays = None if calibration_data is None else open_calibration_data(calibration_data)

    progress("importing TensorFlow")
    _require_tensorflow()
    # Everything above is checked without the seconds that importing TensorFlow takes.
    from .flatbuffer import TFLiteFile
    from .freeze import freeze
    from .load import load
    from .quantize import Granularity, quantize, quantize_trained
    from .rewrite import rewrite
    from .rsq.check import check_file
    from .rsq.export import TFLiteFunction
    from .verify import verify

    progress("loading the model")
    source = load(model)
    shapes = fixed_shapes(source.inputs, time_steps, source.title)
    if source.trained and granularity != "channel":
        raise ConversionError(
            f"{source.title} was trained with one weight scale per channel: leave granularity out."
        )
    samples = choose_samples(
        arrays,
        shapes,
        limit=calibration_samples,
        trained=source.trained is not None,
        random=random_calibration,
        seed=seed,
    )

    exported = None
    if source.trained is not None:
        progress("exporting the trained integers")
        exported = TFLiteFunction(source.trained)
    progress("freezing the graph")
    frozen = freeze(exported or source.call, shapes, source.title)
    function = rewrite(frozen, list(shapes), source.outputs)
    if exported is not None:
        progress("quantising as trained")
        content = quantize_trained(function, source.title)
    else:
        content = quantize(
            function,
            samples,
            Granularity(granularity),
            source.title,
            lambda done, count: progress(f"calibrating, sample {done} of {count}"),
        )
    file = TFLiteFile(content)
    if exported is not None:
        progress("checking the integers")
        check_file(file, exported.constrained_convolutions(), source.title)
    progress("verifying the INT8 model")
    verification = verify(content, file, source, samples)
    write_whole(output, content)
    calibrated = 0 if exported else len(next(iter(samples.values())))
    return report(
        output, file, verification, granularity=granularity, calibration_samples=calibrated
    )


def _require_tensorflow() -> None:
    try:
        importlib.import_module("tensorflow")
    except ImportError as error:
        raise ConversionError(
            "Conversion needs TensorFlow: install it with pip install 'wqlite[convert]'."
        ) from error
