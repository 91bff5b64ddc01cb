"""Keeps the chatter of C++ libraries, which write to file descriptors 1 and 2, off the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import TextIO


@contextlib.contextmanager
def captured_output() -> Iterator[TextIO]:
    """Sends both standard streams of the process to a temporary file meanwhile.

    Yields:
        The real standard error, for one's own messages.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(1), os.dup(2)]
    terminal = os.fdopen(os.dup(2), "w")
    with terminal, tempfile.TemporaryFile() as chatter:
        try:
            for descriptor in (1, 2):
                os.dup2(chatter.fileno(), descriptor)
            yield terminal
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, original in zip((1, 2), saved, strict=True):
                os.dup2(original, descriptor)
                os.close(original)
