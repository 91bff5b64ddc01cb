"""Several workers that train one model on shares of each batch, through `keras.distribution`.

    KERAS_BACKEND=jax wq_train ... --workers=host1:7000,host2:7000 --worker=0     # on host1
    KERAS_BACKEND=jax wq_train ... --workers=host1:7000,host2:7000 --worker=1     # on host2

Only Keras's JAX backend: its TensorFlow backend cannot `fit` under MultiWorkerMirroredStrategy
(Keras 3.15 hands a PerReplica value to an operator that takes tensors).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from ..errors import ConversionError

Dataset = Any


def join_workers(addresses: Sequence[str], index: int) -> None:
    """Makes this process one of several workers; to be called before any model is built.

    Waits until all of them have come. Every worker then runs the same program.

    Args:
        addresses: "host:port" of each worker; the first one coordinates.
        index: which of them this process is.

    Raises:
        ConversionError: the backend is not JAX, the index has no address, or a worker did not come.
    """
    if keras.backend.backend() != "jax":
        raise ConversionError(
            f"Keras runs on {keras.backend.backend()}, but several workers need its JAX backend: "
            "set KERAS_BACKEND=jax."
        )
    if not 0 <= index < len(addresses):
        raise ConversionError(
            f"Worker {index} has no address: {len(addresses)} workers count from 0."
        )
    _jax().config.update("jax_cpu_collectives_implementation", "gloo")  # Else CPUs have none.
    try:
        keras.distribution.initialize(",".join(addresses), len(addresses), index)
    except RuntimeError as error:
        raise ConversionError(
            f"Workers {', '.join(addresses)} did not come together: {error}."
        ) from error
    keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))


def number_of_workers() -> int:
    """1 unless `join_workers` was called."""
    return _jax().process_count() if _distributed() else 1


def worker_index() -> int:
    """Which of the workers this process is; 0 unless `join_workers` was called."""
    return _jax().process_index() if _distributed() else 0


def is_first_worker() -> bool:
    """Whether this process is the one that writes files."""
    return worker_index() == 0


def own_share(dataset: Dataset) -> Dataset:
    """Every n-th utterance of each batch, where there are n workers.

    All workers read the same batches. Shares are equal: up to n - 1 utterances are left out at the
    end of a batch, and batches of less than n.
    """
    workers, index = number_of_workers(), worker_index()
    if workers == 1:
        return dataset
    import tensorflow as tf

    def size(inputs: Any) -> Any:
        return tf.shape(inputs["frames"])[0]

    def share(inputs: Any, targets: Any) -> Any:
        kept = size(inputs) // workers * workers
        return tf.nest.map_structure(lambda rows: rows[:kept][index::workers], (inputs, targets))

    large_enough = dataset.filter(lambda inputs, _: size(inputs) >= workers)
    batches = sum(1 for _ in large_enough)
    return large_enough.map(share).apply(tf.data.experimental.assert_cardinality(batches))


def _distributed() -> bool:
    return keras.backend.backend() == "jax" and keras.distribution.distribution() is not None


def _jax() -> Any:
    import jax

    return jax
