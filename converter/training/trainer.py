"""Trains a float model or its quantised twin, with Keras's own `fit`."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras

from .checkpoints import Checkpoints, architecture
from .distillation import DistillationModel, LossWeights
from .distribution import is_first_worker, number_of_workers
from .error_rates import ErrorRates

Dataset = Any
"""A `tf.data.Dataset` of `wqlite.models.corpus.dataset.make_dataset`."""

WEIGHT_DECAY = 1e-4
CLIP_NORM = 1.0
WARM_UP = 0.1


class Trainer:
    """AdamW with a warm-up and a cosine, clipped gradients, checkpoints and logs.

    Args:
        student: features [batch, time, 39] to logits [batch, output frames, 29]; trained in place.
        teacher: the float model that a quantised one comes from; None trains on transcripts only.
        ctc_weight: of the CTC loss; this weight and the next two switch their part off with 0.
        kl_weight: of the divergence from the teacher's logits; counts as 0 without a teacher.
        layer_weight: of the distance to the teacher's layers; counts as 0 without a teacher.
        temperature: of the logits in the divergence.
        learning_rate: at its highest, after the first tenth of the steps; then it falls to 0.
        mixed_precision: convolutions in bfloat16, for float models: several times as fast where
            the processor has instructions for it. The weights stay float32.
        checkpoint_dir: where each finished epoch is kept, for `fit(resume=True)`.
        log_dir: for TensorBoard and `epochs.csv`.

    Raises:
        ValueError: a weight, the temperature or the learning rate is out of range.
    """

    def __init__(
        self,
        student: keras.Model,
        teacher: keras.Model | None = None,
        *,
        ctc_weight: float = 1.0,
        kl_weight: float = 1.0,
        layer_weight: float = 0.1,
        temperature: float = 1.0,
        learning_rate: float = 1e-3,
        mixed_precision: bool = False,
        checkpoint_dir: str | Path | None = None,
        log_dir: str | Path | None = None,
    ) -> None:
        if not 0 < learning_rate < math.inf:
            raise ValueError(f"The learning rate must be above 0, not {learning_rate}.")
        self._student = student
        self._teacher = teacher
        self._weights = LossWeights(
            ctc_weight, kl_weight if teacher else 0.0, layer_weight if teacher else 0.0, temperature
        )
        self._learning_rate = learning_rate
        self._mixed_precision = mixed_precision
        self._checkpoint_dir = Path(checkpoint_dir) if checkpoint_dir else None
        self._log_dir = Path(log_dir) if log_dir else None

    def fit(
        self,
        dataset: Dataset,
        validation: Dataset | None = None,
        *,
        epochs: int,
        resume: bool = False,
        callbacks: tuple[keras.callbacks.Callback, ...] = (),
    ) -> keras.callbacks.History:
        """Trains for `epochs` in all.

        Args:
            dataset: to learn from. Where its length is unknown, it is read once to count it.
            validation: its losses and error rates are in the logs of each epoch.
            epochs: those before a resumed checkpoint included.
            resume: continue after the last epoch in `checkpoint_dir`, with its weights, optimizer
                and schedule; a shuffled dataset starts its orders anew.
            callbacks: others of Keras.

        Raises:
            ConversionError: the checkpoint folder cannot be used (see `Checkpoints`).
        """
        steps = _number_of_batches(dataset)
        precision = "mixed_bfloat16" if self._mixed_precision else None
        with _computing_in(precision, self._student, self._teacher):
            model = DistillationModel(self._student, self._teacher, self._weights)
            _build(model, dataset)
            model.compile(
                optimizer=self._optimizer(model, steps * epochs),
                # TensorFlow's CTC kernel does not run under XLA.
                jit_compile=keras.backend.backend() != "tensorflow",
            )
            checkpoints = self._checkpoints(steps * epochs)
            done = checkpoints.begin(model, resume=resume) if checkpoints else 0
            return model.fit(
                dataset,
                validation_data=validation,
                epochs=epochs,
                initial_epoch=done,
                shuffle=False,  # The dataset's own affair.
                callbacks=[
                    *self._error_rates(validation),
                    *([checkpoints] if checkpoints else []),
                    *self._logs(resumed=done > 0),
                    *callbacks,
                ],
                verbose=_verbosity(),
            )

    def _optimizer(self, model: keras.Model, steps: int) -> keras.optimizers.Optimizer:
        optimizer = keras.optimizers.AdamW(
            learning_rate_schedule(self._learning_rate, steps),
            weight_decay=WEIGHT_DECAY,
            global_clipnorm=CLIP_NORM,
        )
        # Biases, scales and normalisation have one axis; decay is for kernels.
        optimizer.exclude_from_weight_decay(
            var_list=[v for v in model.trainable_variables if len(v.shape) < 2]
        )
        return optimizer

    def _checkpoints(self, steps: int) -> Checkpoints | None:
        if self._checkpoint_dir is None:
            return None
        settings = {
            "model": architecture(self._student),
            "teacher": architecture(self._teacher) if self._teacher else None,
            "loss": asdict(self._weights),
            "learning rate": self._learning_rate,
            "number of steps": steps,
        }
        return Checkpoints(self._checkpoint_dir, settings)

    def _error_rates(self, validation: Dataset | None) -> list[keras.callbacks.Callback]:
        if validation is None or number_of_workers() > 1:
            return []
        return [ErrorRates(self._student, validation)]

    def _logs(self, *, resumed: bool) -> list[keras.callbacks.Callback]:
        if self._log_dir is None or not is_first_worker():
            return []
        self._log_dir.mkdir(parents=True, exist_ok=True)
        return [
            keras.callbacks.CSVLogger(str(self._log_dir / "epochs.csv"), append=resumed),
            keras.callbacks.TensorBoard(str(self._log_dir), write_graph=False),
        ]


def learning_rate_schedule(
    highest: float, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Rises to `highest` over the first tenth of the steps, then falls to 0 along a cosine."""
    warm_up = min(steps - 1, math.ceil(WARM_UP * steps))
    return keras.optimizers.schedules.CosineDecay(
        highest / max(1, warm_up),
        decay_steps=max(1, steps - warm_up),
        warmup_target=highest if warm_up else None,
        warmup_steps=warm_up,
    )


def _number_of_batches(dataset: Dataset) -> int:
    known = int(dataset.cardinality())
    return known if known >= 0 else sum(1 for _ in dataset)


def _verbosity() -> int:
    """A bar on a terminal, one line for each epoch in a pipe, nothing from other workers."""
    if not is_first_worker():
        return 0
    return 1 if sys.stdout.isatty() else 2


def _build(model: keras.Model, dataset: Dataset) -> None:
    """Runs one batch through the model, so that its variables are there to be restored."""
    inputs, _ = next(iter(dataset.take(1)))
    model({name: keras.ops.convert_to_tensor(value[:1].numpy()) for name, value in inputs.items()})


@contextlib.contextmanager
def _computing_in(policy: str | None, *models: keras.Model | None) -> Iterator[None]:
    """Lets all layers but the logits' compute in another precision meanwhile."""
    layers = [
        layer
        for model in models
        if model is not None and policy is not None
        for layer in model.layers
        if layer.output is not model.outputs[0]
    ]
    before = [layer.dtype_policy for layer in layers]
    try:
        for layer in layers:
            layer.dtype_policy = policy
        yield
    finally:
        for layer, own in zip(layers, before, strict=True):
            layer.dtype_policy = own
