"""Counts one inference of each of many small models in a single run of the rig."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tools.rig import count, log
from tools.rig.columns import Options

# Each model visits these three times (invoke_each.py); the second visit begins what counts.
MARKS = re.compile(
    r"^_ZN6tflite19interpreter_wrapper18InterpreterWrapper(6InvokeEi|20ResetVariableTensorsEv)$"
)
VISITS = 3


@dataclass(frozen=True)
class Inference:
    """One inference of one model.

    Attributes:
        counts: what it executed: a whole Invoke, and about a thousand instructions of Python's.
        plans: (kernel, tile) of each 1-D convolution that the delegate took.
    """

    counts: count.Counts
    plans: list[tuple[str, str]]


def count_folder(folder: Path, options: Options | None) -> dict[str, Inference]:
    """Counts each .tflite file of a folder; without options, with TFLite's built-in kernels.

    Returns:
        The inferences by the names of the files.

    Raises:
        count.RigError: the rig is not set up, or a model does not run.
    """
    checkout = count.find_checkout()
    command: list[str | Path] = [
        checkout / "tools/rig/python",
        *("-m", "tools.rig.invoke_each"),
        folder.resolve(),
    ]
    if options is not None:
        command.append(checkout / count.DELEGATE)
        command += [f"{key}={value}" for key, value in {"log_level": "info", **options}.items()]
    marks = count.marks_of(checkout / count.TFLITE, MARKS)
    counts, text = count.count_logged_command(command, marks)
    logs = re.split(r"^model: (.*)$", text, flags=re.MULTILINE)[1:]
    names, texts, parts = logs[::2], logs[1::2], counts.parts[1::VISITS]
    if len(names) != len(parts):
        raise count.RigError(
            f"{len(parts)} of {len(names)} models were seen to be invoked: sweep.py does not know "
            "this TFLite"
        )
    return {
        name: Inference(part, [(layer.kernel, layer.tile) for layer in log.layers(text)])
        for name, part, text in zip(names, parts, texts, strict=True)
    }
