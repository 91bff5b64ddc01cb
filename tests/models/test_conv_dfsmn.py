"""ConvDFSMN: its blocks, its reach in time, its refusals, and its way to INT8 and the delegate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support import runtimes
from tools.rig import run_model
from wqlite import converter

FRAMES = 40
SMALL: dict[str, Any] = {
    "depth": 3,
    "hidden": 12,
    "projection": 8,
    "look_back": 3,
    "look_ahead": 3,
    "time_steps": FRAMES,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "symmetric": {},
    "plain": {"batch_normalization": False},
    "look-ahead of one": {"look_ahead": 1},
    "causal": {"look_ahead": 0},
    "strides of memory": {"memory_stride": (1, 2, 3)},
    "causal, stride of memory 2": {"look_ahead": 0, "memory_stride": 2},
}


def make(name: str = "conv_dfsmn", **options: Any) -> Any:
    from wqlite.models import conv_dfsmn

    return getattr(conv_dfsmn, name)(**options)


def make_small(**options: Any) -> Any:
    """A small model with statistics in its normalisations, as if it were trained."""
    model = make(**{**SMALL, **options})
    random = np.random.default_rng(5)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            gamma, beta, mean, variance = (weight.shape for weight in layer.get_weights())
            layer.set_weights(
                [
                    random.uniform(0.5, 1.5, gamma),
                    random.normal(0, 0.3, beta),
                    random.normal(0, 0.3, mean),
                    random.uniform(0.5, 1.5, variance),
                ]
            )
    return model


def signal(count: int = 1, frames: int = FRAMES) -> npt.NDArray[np.float32]:
    random = np.random.default_rng(0)
    return random.standard_normal((count, frames, 39)).astype(np.float32)


def convolutions(model: Any) -> dict[str, tuple[int, ...]]:
    """Shape of the kernel of each Conv1D layer, [width, input channels, output channels]."""
    layers = [layer for layer in model.layers if type(layer).__name__ == "Conv1D"]
    return {layer.name: tuple(layer.kernel.shape) for layer in layers}


def test_a_block_is_projection_memory_expansion() -> None:
    model = make(depth=2, hidden=12, projection=8, look_back=4, look_ahead=2, front_width=5)
    assert convolutions(model) == {
        "front": (5, 39, 12),
        "block_1_projection": (1, 12, 8),
        "block_1_memory": (7, 8, 8),
        "block_1_expansion": (1, 8, 12),
        "block_2_projection": (1, 12, 8),
        "block_2_memory": (7, 8, 8),
        "block_2_expansion": (1, 8, 12),
        "logits": (1, 12, 29),
    }


def test_memories_are_added_to_each_other() -> None:
    model = make_small(batch_normalization=False)
    before, own, after = (
        model.get_layer(name).output
        for name in ("block_1_memory", "block_2_memory", "block_2_skip")
    )
    import keras

    values = keras.Model(model.inputs, [before, own, after])(signal())
    first, second, both = map(np.asarray, values)
    np.testing.assert_allclose(both, first + second, rtol=1e-6)
    assert model.get_layer("block_3_skip").input[0] is after


def test_memory_is_the_formula() -> None:
    """One block, by hand, with unequal look-back and look-ahead and a stride of the memory."""
    import keras

    options = {"look_back": 3, "look_ahead": 1, "memory_stride": 2, "depth": 1}
    model = make(**{**SMALL, **options}, batch_normalization=False)
    inner = keras.Model(
        model.inputs,
        [model.get_layer(f"block_1_{name}").output for name in ("projection", "memory")],
    )
    projection, memory = (np.asarray(values)[0] for values in inner(signal()))
    kernel, bias = model.get_layer("block_1_memory").get_weights()
    for t in range(len(memory)):
        expected = bias.copy()
        for tap in range(-3, 2):
            if 0 <= t + 2 * tap < len(memory):
                expected += projection[t + 2 * tap] @ kernel[tap + 3]
        np.testing.assert_allclose(memory[t], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_logits_have_half_of_the_frames(variant: str) -> None:
    model = make_small(**{**VARIANTS[variant], "time_steps": None})
    for frames in (1, 2, 17, 40):
        assert model(signal(2, frames)).shape == (2, -(-frames // 2), 29)


def changed_outputs(model: Any, changed_input: int) -> npt.NDArray[np.intp]:
    """The output frames that a change of one input frame reaches."""
    values = signal()
    other = values.copy()
    other[0, changed_input] += 1.0
    difference = np.asarray(model(values)) != np.asarray(model(other))
    return np.flatnonzero(difference[0].any(axis=-1))


@pytest.mark.parametrize("memory_stride", [1, 2])
def test_causal_model_does_not_look_ahead(memory_stride: int) -> None:
    model = make_small(look_ahead=0, memory_stride=memory_stride, depth=2)
    for frame in (0, 7, 20, 39):
        reached = changed_outputs(model, frame)
        # Output t stands for input frames up to 2 t.
        assert reached.min(initial=20) == -(-frame // 2)


def test_causal_model_needs_only_the_past_that_it_says() -> None:
    """A chunk with the frames that docs/conv_dfsmn.md names before it is enough for streaming."""
    options = {"look_ahead": 0, "look_back": 2, "memory_stride": (1, 2), "depth": 2}
    model = make_small(**options, front_width=3, time_steps=None)
    whole = np.asarray(model(signal()))
    past = 2 * (2 * 1 + 2 * 2) + 3 - 1
    chunk = np.asarray(model(signal()[:, 30 - past : 38]))
    np.testing.assert_allclose(chunk[:, past // 2 :], whole[:, 15:19], atol=1e-5)
    too_short = np.asarray(model(signal()[:, 30 - past + 2 : 38]))
    assert np.abs(too_short[:, past // 2 - 1] - whole[:, 15]).max() > 1e-4


def test_model_looks_ahead_as_far_as_it_says() -> None:
    model = make_small(look_back=2, look_ahead=1, memory_stride=2, depth=2, front_width=1)
    reached = changed_outputs(model, 20)
    # Two memories: each passes frame t on to frames t - 2 to t + 4, in steps of 2.
    np.testing.assert_array_equal(reached, np.arange(10 - 4, 10 + 8 + 1, 2))


def test_weights_follow_the_seed() -> None:
    def weights(seed: int) -> list[bytes]:
        return [np.asarray(w).tobytes() for w in make(**SMALL, seed=seed).get_weights()]

    assert weights(1) == weights(1)
    kernels = [w for w in weights(1) + weights(2) if len(w) > 4 * 39]
    assert len(set(kernels)) == len(kernels)


def test_narrow_model_is_small_enough_for_two_cores() -> None:
    model = make("narrow_conv_dfsmn")
    assert model.input_shape == (None, 296, 39)
    assert model.output_shape == (None, 148, 29)
    assert 200_000 < model.count_params() < 500_000
    products = 148 * sum(int(np.prod(shape)) for shape in convolutions(model).values())
    assert products < 150e6


def test_default_model_has_its_documented_size() -> None:
    model = make()
    assert sum(int(np.prod(shape)) for shape in convolutions(model).values()) == 15_833_088
    assert len(convolutions(model)) == 26


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 0}, "depth must be at least 1, not 0"),
        ({"projection": 0}, "projection must be at least 1, not 0"),
        ({"look_back": -1}, "look_back must be at least 0, not -1"),
        ({"front_width": 0}, "front_width must be at least 1"),
        ({"memory_stride": 0}, "memory_stride must be at least 1, not 0"),
        ({"memory_stride": (1, 2)}, "memory_stride must be one number or 3, one for each block"),
    ],
)
def test_impossible_sizes_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**{**SMALL, **options})


@pytest.mark.parametrize("variant", VARIANTS)
def test_whole_model_is_int8_and_on_the_delegate(variant: str, tmp_path: Path) -> None:
    model, inputs = make_small(**VARIANTS[variant]), signal(4)
    path = tmp_path / "model.tflite"
    result = converter.convert(model, output=path, calibration_data=inputs)
    assert result.conv1d_count == len(convolutions(model)) == 11
    assert set(result.operators) <= {"CONV_2D", "ADD", "PAD", "RESHAPE"}
    assert result.snr_db > 15
    runtimes.import_in_order()
    want, _ = run_model.run(path, inputs, use_delegate=False, repeat=1)
    got, _ = run_model.run(path, inputs, use_delegate=True, repeat=1, strict=True)
    assert want.std() > 1
    np.testing.assert_array_equal(got, want)
