"""Invokes models one after the other under the rig, for sweep.py beside it.

    tools/rig/python -m tools.rig.invoke_each FOLDER [LIBRARY [KEY=VALUE ...]]

Takes the .tflite files of the folder in the order of their names, and invokes each of them twice,
the second time for it to be counted: sweep.py marks where Invoke and where ResetVariableTensors is
entered. Before it loads a model it prints its name to stderr, where the delegate's log goes.
LIBRARY is the delegate; without it TFLite's built-in kernels run.
"""

import sys
from pathlib import Path

from tools.rig.invoke import prepare


def main(folder: str, library: str = "", *options: str) -> None:
    """Loads and invokes model after model."""
    for model in sorted(Path(folder).glob("*.tflite")):
        print(f"model: {model.name}", file=sys.stderr, flush=True)
        interpreter = prepare(str(model), library, *options)
        interpreter.invoke()
        interpreter.invoke()
        interpreter.reset_all_variables()


if __name__ == "__main__":
    main(*sys.argv[1:])
