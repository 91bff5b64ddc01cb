"""A map on all processors, in order, that stops when its caller does.

Threads do: the work is in other processes (espeak-ng) or in libraries that release Python's lock.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextlib.contextmanager
def parallel_map(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None
) -> Iterator[Iterator[Result]]:
    """The results of a function, in the order of the items; leaving the context stops the work.

    Args:
        function: may raise: then so does the iterator.
        items: of the function.
        workers: threads; None: as many as the machine has processors.

    Example:
    ```python
    with parallel_map(load, paths) as results:
        for result in results: ...
    ```
    """
    pool = ThreadPoolExecutor(workers or os.cpu_count())
    try:
        yield pool.map(function, items)
    finally:
        pool.shutdown(cancel_futures=True)
