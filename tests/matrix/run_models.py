"""Runs a folder of models in the TFLite runtime of this Python.

    run_models.py MODULE RESOLVER FOLDER TIMES RUN...

Does what tools/rig/android/run_models.c does with FOLDER, TIMES and RUN. MODULE has Interpreter and
OpResolverType, of which RESOLVER is a member.

Alone in this folder and without wqlite, for Pythons that are older than wqlite takes.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np


@contextmanager
def standard_error_to(path: Path) -> Iterator[None]:
    """Also what C and C++ write there."""
    before = os.dup(2)
    with path.open("wb") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def outputs(
    module: Any, resolver: str, model: Path, times: int, library: str, options: dict[str, str]
) -> bytes:
    """All outputs of one model, one after the other."""
    made = module.Interpreter(
        str(model),
        num_threads=1,
        experimental_op_resolver_type=module.OpResolverType[resolver],
        experimental_delegates=[module.load_delegate(library, options)] if library else [],
    )
    made.allocate_tensors()
    source = made.get_input_details()[0]
    values = np.fromfile(model.with_suffix(".in"), np.int8).reshape(source["shape"])
    made.set_tensor(source["index"], values)
    for _ in range(times):
        made.invoke()
    return b"".join(made.get_tensor(out["index"]).tobytes() for out in made.get_output_details())


def main(module_name: str, resolver: str, folder: str, times: str, *runs: str) -> None:
    """See the module."""
    warnings.simplefilter("ignore")  # TensorFlow announces the end of its interpreter
    module = importlib.import_module(module_name)
    models = Path(folder)
    for run in runs:
        name, *delegate = run.split(";")
        library = delegate[0] if delegate else ""
        options = dict(setting.split("=", 1) for setting in delegate[1:])
        for i in range(len(list(models.glob("*.tflite")))):
            with standard_error_to(models / name / f"{i}.log"):
                model = models / f"{i}.tflite"
                got = outputs(module, resolver, model, int(times), library, options)
            (models / name / f"{i}.out").write_bytes(got)
    distribution = module_name.partition(".")[0].replace("_", "-")
    print(importlib.metadata.version(distribution))


if __name__ == "__main__":
    main(*sys.argv[1:])
