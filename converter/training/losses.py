"""What training minimises: CTC, and the distances to a teacher. One number for each utterance.

All functions take float logits or activations [batch, output frames, channels] and return float32
[batch], so that the mean over a batch does not depend on how it is shared out to workers. They run
on Keras's TensorFlow and JAX backends.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from wqlite.models.ctc import BLANK

Tensor = Any
"""A tensor of the Keras backend."""

LARGEST_DIFFERENCE = 60.0
"""Of a frame's logits: the unlikeliest label has at least the probability e^-60."""


def output_frames(frames: Tensor, stride: int) -> Tensor:
    """Output frames [batch] of utterances of so many input frames, by a model of SAME layers."""
    return (ops.cast(frames, "int32") + stride - 1) // stride


def frame_mask(frames: Tensor, length: Tensor | int) -> Tensor:
    """float32 [batch, length]: 1 for the frames of each utterance, 0 for its padding."""
    return ops.cast(ops.arange(length)[None, :] < frames[:, None], "float32")


def ctc(labels: Tensor, label_lengths: Tensor, logits: Tensor, frames: Tensor) -> Tensor:
    """Connectionist temporal classification (Graves et al., 2006), in nats per letter.

    An utterance whose letters do not fit into its frames (each needs one, and equal neighbours a
    blank between them) counts as 0 and has no gradient.

    Args:
        labels: int [batch, letters], padded with anything.
        label_lengths: int [batch].
        logits: [batch, output frames, labels]; the last label is the blank.
        frames: int [batch], the output frames that are not padding.
    """
    logits = ops.cast(logits, "float32")
    # Beyond that, probabilities are 0 in float32, and no path has one.
    logits = ops.maximum(logits, ops.max(logits, axis=-1, keepdims=True) - LARGEST_DIFFERENCE)
    labels = ops.cast(labels, "int32")
    label_lengths = ops.cast(label_lengths, "int32")
    fits = _needed_frames(labels, label_lengths) <= frames
    loss = _negative_log_likelihood(labels, label_lengths, logits, frames)
    letters = ops.cast(ops.maximum(label_lengths, 1), "float32")
    return ops.where(fits, loss / letters, 0.0)


def _needed_frames(labels: Tensor, label_lengths: Tensor) -> Tensor:
    inside = ops.arange(1, ops.shape(labels)[1])[None, :] < label_lengths[:, None]
    repeated = ops.logical_and(labels[:, 1:] == labels[:, :-1], inside)
    return label_lengths + ops.sum(ops.cast(repeated, "int32"), axis=1)


def _negative_log_likelihood(
    labels: Tensor, label_lengths: Tensor, logits: Tensor, frames: Tensor
) -> Tensor:
    if keras.backend.backend() != "tensorflow":
        return ops.ctc_loss(labels, logits, label_lengths, frames, mask_index=BLANK)
    import tensorflow as tf

    # TensorFlow's own kernel, whose blank is the last label; Keras's loop of small operators
    # takes ten times as long on a CPU.
    letters = tf.where(tf.sequence_mask(label_lengths, tf.shape(labels)[1]))
    sparse = tf.SparseTensor(
        letters, tf.gather_nd(labels, letters), tf.shape(labels, out_type=tf.int64)
    )
    return tf.compat.v1.nn.ctc_loss(
        sparse, logits, frames, time_major=False, ignore_longer_outputs_than_inputs=True
    )


def kl_divergence(teacher: Tensor, student: Tensor, mask: Tensor, temperature: float) -> Tensor:
    """Kullback-Leibler divergence of the student's labels from the teacher's, in nats per frame.

    Both logits are divided by the temperature first, and the result is multiplied by its square,
    which keeps the size of the gradient (Hinton et al., 2015).

    Args:
        teacher: logits [batch, output frames, labels].
        student: the same.
        mask: [batch, output frames], of `frame_mask`.
        temperature: above 0; the higher, the more the unlikely labels count.
    """
    expected = ops.log_softmax(ops.cast(teacher, "float32") / temperature)
    actual = ops.log_softmax(ops.cast(student, "float32") / temperature)
    divergence = ops.sum(ops.exp(expected) * (expected - actual), axis=-1)
    return temperature**2 * _masked_mean(divergence, mask)


def layer_distance(teacher: Tensor, student: Tensor, mask: Tensor) -> Tensor:
    """Mean square of a layer's difference from the teacher's, in units of the teacher's power.

    Args:
        teacher: activations [batch, frames of the layer, channels].
        student: the same.
        mask: [batch, frames of the layer], of `frame_mask`.
    """
    teacher, student = ops.cast(teacher, "float32"), ops.cast(student, "float32")
    noise = ops.sum(_mean_square(student - teacher) * mask, axis=1)
    power = ops.sum(_mean_square(teacher) * mask, axis=1)
    return noise / (power + keras.config.epsilon())


def _mean_square(x: Tensor) -> Tensor:
    return ops.mean(ops.square(x), axis=-1)


def _masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    return ops.sum(x * mask, axis=1) / ops.maximum(ops.sum(mask, axis=1), 1.0)
