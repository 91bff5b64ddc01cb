"""The Keras model that is trained: a student, its teacher, and the losses between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from . import losses
from .losses import Tensor


@dataclass(frozen=True)
class LossWeights:
    """How much each part of the loss counts; a part of weight 0 is not computed.

    Attributes:
        ctc: of the transcripts, in nats per letter.
        kl: of the divergence from the teacher's logits, in nats per frame.
        layer: of the mean distance to the teacher's layers, relative to their power.
        temperature: of the logits in the divergence.
    """

    ctc: float = 1.0
    kl: float = 0.0
    layer: float = 0.0
    temperature: float = 1.0

    def __post_init__(self) -> None:
        for name in ("ctc", "kl", "layer"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"The weight of the {name} loss must be 0 or more, not {getattr(self, name)}."
                )
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"The temperature must be above 0, not {self.temperature}.")
        if self.ctc == self.kl == self.layer == 0:
            raise ValueError("All weights of the loss are 0: there is nothing to learn.")

    @property
    def need_teacher(self) -> bool:
        """Whether a part compares with a teacher."""
        return self.kl > 0 or self.layer > 0


@keras.saving.register_keras_serializable("wqlite")
class DistillationModel(keras.Model):
    """Trains a student with `fit`, on the batches that `wqlite.models.corpus` makes.

    Args:
        student: features [batch, time, 39] to logits [batch, output frames, 29].
        teacher: the same, with the same layers; it is not trained.
        weights: of the parts of the loss.
    """

    def __init__(
        self, student: keras.Model, teacher: keras.Model | None, weights: LossWeights
    ) -> None:
        super().__init__(name="distillation")
        self._weights = weights
        names = common_layers(student, teacher) if teacher and weights.layer else []
        self._student = _with_layers(student, names)
        self._teacher = _with_layers(teacher, names) if teacher and weights.need_teacher else None
        if self._teacher is not None:
            self._teacher.trainable = False
        parts = [name for name in ("ctc", "kl", "layer") if getattr(weights, name)]
        self._parts = {name: keras.metrics.Mean(name=name) for name in parts}

    def call(self, inputs: dict[str, Tensor], training: bool | None = None) -> dict[str, Any]:
        """Logits, then the compared layers, of student and teacher."""
        features = inputs["features"]
        results = {"student": keras.tree.flatten(self._student(features, training=training))}
        if self._teacher is not None:
            teacher = keras.tree.flatten(self._teacher(features, training=False))
            results["teacher"] = [ops.stop_gradient(tensor) for tensor in teacher]
        return results

    def compute_loss(
        self,
        x: dict[str, Tensor],
        y: dict[str, Tensor],
        y_pred: dict[str, Any],
        sample_weight: Tensor | None = None,
        training: bool = True,
    ) -> Tensor:
        """The weighted sum of the parts, a mean over the batch."""
        del sample_weight, training
        total = ops.zeros(())
        for name, value in self._losses_of_batch(x, y, y_pred).items():
            self._parts[name].update_state(value)
            total = total + getattr(self._weights, name) * ops.mean(value)
        for loss in self.losses:
            total = total + ops.sum(ops.cast(loss, total.dtype))
        return self._aggregate_additional_loss(total)

    def _losses_of_batch(
        self, x: dict[str, Tensor], y: dict[str, Tensor], y_pred: dict[str, Any]
    ) -> dict[str, Tensor]:
        """[batch] of each part whose weight is not 0."""
        logits, *layers = y_pred["student"]
        parts = {}
        if self._weights.ctc:
            frames = _valid_frames(x, logits)
            parts["ctc"] = losses.ctc(y["labels"], y["label_lengths"], logits, frames)
        if self._weights.kl:
            parts["kl"] = losses.kl_divergence(
                y_pred["teacher"][0], logits, _mask(x, logits), self._weights.temperature
            )
        if self._weights.layer:
            distances = [
                losses.layer_distance(expected, actual, _mask(x, actual))
                for actual, expected in zip(layers, y_pred["teacher"][1:], strict=True)
            ]
            parts["layer"] = sum(distances) / len(distances)
        return parts


def _valid_frames(x: dict[str, Tensor], output: Tensor) -> Tensor:
    """int32 [batch]: the frames of `output` [batch, frames, ...] that are not padding.

    The stride is found from the lengths of input and output, rounded: exact for inputs of SAME
    layers of at least stride^2 frames.
    """
    time, length = ops.shape(x["features"])[1], ops.shape(output)[1]
    return losses.output_frames(x["frames"], (time + length // 2) // length)


def _mask(x: dict[str, Tensor], output: Tensor) -> Tensor:
    return losses.frame_mask(_valid_frames(x, output), ops.shape(output)[1])


def _with_layers(model: keras.Model, names: list[str]) -> keras.Model:
    """The model, with the outputs of some of its layers after its own."""
    outputs = [model.outputs[0], *[model.get_layer(name).output for name in names]]
    return keras.Model(model.inputs[0], outputs, name=model.name)


def common_layers(student: keras.Model, teacher: keras.Model) -> list[str]:
    """Names of the student's layers with weights whose namesakes in the teacher mean the same.

    That is so in what `quantize_model` makes. The logits are left out: they have a loss of their
    own.
    """
    shapes = {layer.name: layer.output.shape for layer in teacher.layers}
    return [
        layer.name
        for layer in student.layers
        if layer.weights
        and shapes.get(layer.name) == layer.output.shape
        and layer.output is not student.outputs[0]
    ]
