"""Prepares a model on this machine once, for prepare.py beside it.

    python -m tools.rig.prepare_once MODEL [KEY=VALUE ...]

Prints the milliseconds of processor time that this took with TFLite's built-in kernels and with the
delegate.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from wqlite import delegate


def milliseconds(model: bytes, **options: Any) -> float:
    """Processor time from creating the interpreter to the end of AllocateTensors."""
    begin = time.process_time()
    delegate.interpreter(model, **options)
    return 1e3 * (time.process_time() - begin)


def main(model: str, *options: str) -> None:
    """Prints both times."""
    content = Path(model).read_bytes()
    milliseconds(content, delegate=False)  # loads the runtime
    alone = milliseconds(content, delegate=False)
    print(alone, milliseconds(content, **dict(option.split("=", 1) for option in options)))


if __name__ == "__main__":
    main(*sys.argv[1:])
