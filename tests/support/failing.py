"""Running a model while the delegate's allocations, or its threads, fail.

`python -m tests.support.failing` is what tests/delegate/test_failures.py starts, with failing.c
preloaded: a signal then ends this process and not the tests.
"""

from __future__ import annotations

import ctypes
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.runtimes import infer, make_interpreter, module_of

RUNTIME = "tflite_runtime"


class Shim:
    """The functions of failing.c."""

    def __init__(self, path: str) -> None:
        library = ctypes.CDLL(path)
        self.allocations: Callable[[], int] = library.wq_allocations
        self._fail = library.wq_fail
        self._fail.argtypes = [ctypes.c_long] * 3

    def fail(self, at: int = 0, first: int = 0, threads: bool = False) -> None:
        """Fails allocation number `at`, all from `first` on, or all threads; by default none."""
        self._fail(at, first, threads)


class Life:
    """A model from loading the delegate to an output, for the same input each time."""

    def __init__(self, model: bytes, library: str, options: dict[str, str]) -> None:
        self.model = model
        self.library = library
        self.options = options
        details = make_interpreter(RUNTIME, model).get_input_details()[0]
        rng = np.random.default_rng(0)
        self.input = rng.integers(-128, 128, details["shape"]).astype(np.int8)

    def __call__(self, delegated: bool = True) -> bytes | None:
        """The output, or None where something said that it failed."""
        delegates: list[Any] = []
        try:
            if delegated:
                delegates = [module_of(RUNTIME).load_delegate(self.library, self.options)]
            return infer(make_interpreter(RUNTIME, self.model, delegates), self.input).tobytes()
        except (MemoryError, RuntimeError, ValueError):
            return None


def sweep(shim: Shim, life: Life, step: int) -> None:
    """Fails one allocation, and all from one on, until there are no more; every `step`th one."""
    right = life(delegated=False)
    refused = 0
    for number in itertools.count(1, step):
        for mode in ("at", "first"):
            print(f"allocation {number}, {mode}", flush=True)
            shim.fail(at=number) if mode == "at" else shim.fail(first=number)
            output = life()
            reached = shim.allocations() >= number
            shim.fail()
            assert output in (None, right), "other bytes"
            assert reached or output is not None, "refused though nothing failed"
            refused += output is None
        if not reached:
            print(f"refused {refused} of {2 * (1 + number // step)}")
            return


def main() -> None:
    """Arguments: the shim, the delegate, a model, "allocations" or "threads", a step, options."""
    shim_path, library, model, what, step, *pairs = sys.argv[1:]
    ctypes.CDLL(library)  # So that the shim finds it before its first allocation.
    shim = Shim(shim_path)
    options = dict(pair.split("=", 1) for pair in pairs)
    life = Life(Path(model).read_bytes(), library, options)
    if what == "threads":
        shim.fail(threads=True)
        assert life() == life(delegated=False), "no threads: other bytes, or refused"
    else:
        sweep(shim, life, int(step))


if __name__ == "__main__":
    main()
