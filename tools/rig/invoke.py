"""Invokes a model a number of times under the rig, for count.py and memory.py beside it.

    tools/rig/python -m tools.rig.invoke MODEL RUNS [LIBRARY [KEY=VALUE ...]]

LIBRARY is the delegate; without it TFLite's built-in kernels run, and with the word xnnpack what
the runtime uses by default. The runtime is ai_edge_litert where it is there, otherwise
tflite_runtime. The input is random, the same
each time. Prints the peak of the process's resident memory above what Python, numpy and TFLite took
before the model was loaded, in KiB.
"""

import sys
from pathlib import Path

import numpy as np

try:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType, load_delegate
except ModuleNotFoundError:
    from tflite_runtime.interpreter import Interpreter, OpResolverType, load_delegate


def resident_kib(key: str) -> int:
    """VmRSS (now) or VmHWM (the peak) of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))


def prepare(model: str, library: str, *options: str) -> Interpreter:
    """An interpreter that is ready to be invoked on random input."""
    delegates = []
    resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    if library == "xnnpack":
        resolver = OpResolverType.BUILTIN
    elif library:
        delegates = [load_delegate(library, dict(option.split("=", 1) for option in options))]
    interpreter = Interpreter(
        model,
        num_threads=1,
        experimental_delegates=delegates,
        experimental_op_resolver_type=resolver,
    )
    interpreter.allocate_tensors()
    generator = np.random.default_rng(0)
    for detail in interpreter.get_input_details():
        values = generator.integers(-128, 128, detail["shape"], dtype=np.int8)
        interpreter.set_tensor(detail["index"], values.astype(detail["dtype"]))
    return interpreter


def main(model: str, runs: str, library: str = "", *options: str) -> None:
    """Loads the model once and invokes it `runs` times."""
    before = resident_kib("VmRSS")
    interpreter = prepare(model, library, *options)
    for _ in range(int(runs)):
        interpreter.invoke()
    print(resident_kib("VmHWM") - before)


if __name__ == "__main__":
    main(*sys.argv[1:])
