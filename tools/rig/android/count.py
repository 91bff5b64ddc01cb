"""Counts the ARMv7 instructions that one inference executes in Android's TensorFlow Lite.

    python -m tools.rig.android.count MODEL.tflite... [--option KEY=VALUE]...
                                [--options "KEY=VALUE;..."]... [--top N]

As tools/rig/count.py, which says what such counts mean, but in the library of Android's archive
(setup.sh), whose built-in kernels are others. That library names no functions.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tools.rig import columns, count, count_table, flags
from wqlite import delegate

FOLDER = "build/android/armeabi-v7a"
RUN = ("tools/rig/android/run", "armeabi-v7a")


def count_inference(model: Path, options: Mapping[str, str] | None) -> count.Counts:
    """Counts one inference of a model on random input.

    Args:
        model: a `.tflite` file with one int8 input.
        options: of the delegate; None: the built-in kernels run.

    Raises:
        count.RigError: set-up is missing, or the model does not run.
    """
    checkout = count.find_checkout()
    folder = checkout / FOLDER
    run = ["run"]
    if options is not None:
        run.append(str(folder / "symbols/libwq_delegate.so"))
        run += [f"{key}={value}" for key, value in options.items()]
    try:
        (detail,) = delegate.interpreter(model, delegate=False).get_input_details()
    except (OSError, ValueError) as error:
        raise count.RigError(str(error)) from error
    with tempfile.TemporaryDirectory() as models:
        Path(models, run[0]).mkdir()
        Path(models, "0.tflite").symlink_to(model.resolve())
        Path(models, "0.in").write_bytes(np.random.default_rng(0).bytes(np.prod(detail["shape"])))
        command = [str(checkout / RUN[0]), RUN[1], str(folder / "run_models"), models]
        once, thrice = (
            count.count_command([*command, times, ";".join(run)]) for times in ("1", "3")
        )
    return thrice.per_run(once, 2)


def main(arguments: Sequence[str]) -> None:
    """Counts models and prints a table for each."""
    parser = flags.models_and_options(__doc__)
    parser.add_argument("--top", type=int, default=10, help="how many functions (default: 10)")
    values, delegates = flags.parse(parser, arguments)
    for model in values.models:
        counted = {columns.TFLITE: count_inference(model, None)}
        counted |= {name: count_inference(model, options) for name, options in delegates.items()}
        print(f"{model.name}\n{count_table.table(counted, values.top)}\n")


if __name__ == "__main__":
    flags.run(main)
