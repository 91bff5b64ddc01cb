"""Word and letter error rate of the validation set, after each epoch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from wqlite.models.ctc import greedy_decode, labels_to_text

Dataset = Any


class ErrorRates(keras.callbacks.Callback):
    """Adds `val_wer` and `val_ler`, both 0 to 1 and more, to the logs of each epoch.

    Args:
        student: features to logits.
        validation: batches of `wqlite.models.corpus`.
    """

    def __init__(self, student: keras.Model, validation: Dataset) -> None:
        super().__init__()
        self._student = student
        self._validation = validation

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Decodes the best label of each frame."""
        del epoch
        rates = error_rates(self._student, self._validation)
        if logs is not None:
            logs.update(val_wer=rates[0], val_ler=rates[1])


def error_rates(model: keras.Model, dataset: Dataset) -> tuple[float, float]:
    """Word and letter error rate of greedy decoding.

    Raises:
        ValueError: the dataset is empty.
    """
    import jiwer  # Of wqlite[audio]; nothing but this needs it here.

    said: list[str] = []
    heard: list[str] = []
    for inputs, targets in dataset:
        features = inputs["features"].numpy()
        logits = np.asarray(model.predict_on_batch(features), np.float32)
        stride = round(features.shape[1] / logits.shape[1])
        frames = -(-inputs["frames"].numpy() // stride)
        heard += [greedy_decode(row[:length]) for row, length in zip(logits, frames, strict=True)]
        rows = zip(targets["labels"].numpy(), targets["label_lengths"].numpy(), strict=True)
        said += [labels_to_text(row[:length]) for row, length in rows]
    if not said:
        raise ValueError("The data set is empty: it has no error rate.")
    return jiwer.wer(said, heard), jiwer.cer(said, heard)
