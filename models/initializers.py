"""Weights that are drawn from a seed, the same way in all models here."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

LEAKY_SLOPE = 0.2
_GAINS = {"linear": 1.0, "relu": 2.0, "leaky_relu": 2.0 / (1.0 + LEAKY_SLOPE**2)}


def scale_keeping(activation: str, seed: int) -> keras.initializers.Initializer:
    """Variance `gain / fan_in` with the gain that the activation takes away (He et al., 2015).

    A plain normal distribution, as in the paper: Keras's default cuts it at two deviations, which
    quantised weights of trained networks do not look like.

    Args:
        activation: what follows the layer: "linear", "relu" or "leaky_relu" (slope 0.2).
        seed: of the random numbers.
    """
    return keras.initializers.VarianceScaling(
        _GAINS[activation], mode="fan_in", distribution="untruncated_normal", seed=seed
    )


def independent_seeds(seed: int, count: int) -> Iterator[int]:
    """One seed per layer, so that equal layers differ, also between models of nearby seeds."""
    return iter(np.random.SeedSequence(seed).generate_state(count).tolist())
