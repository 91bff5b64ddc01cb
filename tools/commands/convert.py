"""The command `wq_convert`."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

from absl import flags

from wqlite.converter import ConversionError, ConversionResult, ConversionWarning, convert
from wqlite.converter.report import tables
from wqlite.tools.commands.command_line import CommandLine, Progress

USAGE = """Converts a Keras model to a full-integer INT8 .tflite.

  wq_convert --input=model.keras --output=model.tflite --calibration_data=samples.npz

Calibration data are real inputs of the model, one array per input, made for example by

  windows = numpy.stack([...])        # float32 [samples, 296, 39]
  numpy.savez("samples.npz", features=windows)

Models of wqlite.converter.rsq (wq_train) hold their ranges: they need no calibration data.
"""
COMMAND = CommandLine("wq_convert", USAGE, __name__, required=("input", "output"))
PIPE_WIDTH = 100


def define_flags() -> None:
    """Defines the flags of this command."""
    flags.DEFINE_string("input", None, "Keras model: .keras file, .h5 file or SavedModel folder.")
    flags.DEFINE_string("output", None, "The .tflite file to write.")
    flags.DEFINE_string(
        "calibration_data", None, "An .npz of real inputs: arrays [samples, ...] named after them."
    )
    flags.DEFINE_integer("calibration_samples", None, "Use at most so many samples.", lower_bound=1)
    flags.DEFINE_enum(
        "granularity", "channel", ["channel", "tensor"], "One weight scale per channel or tensor."
    )
    flags.DEFINE_integer("time_steps", None, "Length of an open time axis.", lower_bound=1)
    flags.DEFINE_bool(
        "random_calibration", False, "Calibrate with random numbers, at a loss of accuracy."
    )
    flags.DEFINE_integer("seed", 0, "Seed of the random numbers.", lower_bound=0)


def run() -> NoReturn:
    """Entry point of `wq_convert`: exit code 0 on success, 1 for a refusal, 2 for wrong flags."""
    define_flags()
    COMMAND.run(_main, refusals=(ConversionError,))


def _main() -> None:
    values = flags.FLAGS
    os.environ["KERAS_BACKEND"] = "tensorflow"  # The only backend that TFLite models come from.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # Fewer differences between machines.
    with _progress(verbose=bool(values["verbosity"].present) and values.verbosity >= 0) as progress:
        result = convert(
            values.input,
            output=values.output,
            calibration_data=values.calibration_data,
            granularity=values.granularity,
            time_steps=values.time_steps,
            calibration_samples=values.calibration_samples,
            random_calibration=values.random_calibration,
            seed=values.seed,
            progress=progress,
        )
    _print_report(result)


def _progress(verbose: bool) -> contextlib.AbstractContextManager[Progress]:
    """Our own warnings and, on a terminal, the steps; everything only if `verbose`."""
    if verbose:
        return contextlib.nullcontext(
            lambda step: print(f"{COMMAND.program}: {step}", file=sys.stderr)
        )
    return COMMAND.quiet_progress(ConversionWarning)


def _print_report(result: ConversionResult) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    console.print(*tables(result), sep="\n")


if __name__ == "__main__":
    run()
