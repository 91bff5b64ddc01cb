"""Training of float models and of their quantised twins."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.speech_batches import batches, small_model

FIRST_LOSS = """
import json, sys
import numpy
sys.path.insert(0, sys.argv[1])
from tests.support.speech_batches import batches, small_model
from wqlite.converter.rsq import quantize_model
from wqlite.converter.training.trainer import Trainer
import keras
teacher = small_model()
generator = numpy.random.default_rng(0)  # Keras's own numbers differ between backends.
teacher.set_weights([0.1 * generator.normal(size=v.shape) for v in teacher.weights])
trainer = Trainer(quantize_model(teacher), teacher, learning_rate=1e-3)
history = trainer.fit(batches(), epochs=2).history
print(json.dumps([keras.backend.backend(), history]))
"""


def train(student: Any, teacher: Any = None, *, epochs: int = 3, **options: Any) -> dict[str, Any]:
    from wqlite.converter.training.trainer import Trainer

    trainer = Trainer(student, teacher, **{"learning_rate": 3e-3, **options})
    history: dict[str, Any] = trainer.fit(batches(), epochs=epochs).history
    return history


def quantized(teacher: Any) -> Any:
    from wqlite.converter import rsq

    student = rsq.quantize_model(teacher)
    rsq.calibrate(student, batches())
    return student


@pytest.fixture(scope="module")
def teacher() -> Any:
    """A float model that has learned the sounds."""
    from wqlite.converter.training.trainer import Trainer

    model = small_model()
    Trainer(model, learning_rate=1e-2).fit(batches(), epochs=25)
    return model


def test_float_model_learns_to_read(teacher: Any) -> None:
    from wqlite.converter.training.error_rates import error_rates

    words, letters = error_rates(teacher, batches())
    assert letters < 0.05
    assert words <= 5 * letters
    assert error_rates(small_model(seed=1), batches())[1] > 0.8


def test_quantized_model_learns_from_its_teacher(teacher: Any) -> None:
    from wqlite.converter.training.error_rates import error_rates

    before = [np.array(value) for value in teacher.get_weights()]
    student = quantized(teacher)
    for layer in student.layers[-2:]:
        noise = np.random.default_rng(3).normal(1.0, 0.7, layer.kernel.shape)
        layer.kernel.assign(np.array(layer.kernel) * noise)
    assert error_rates(student, batches())[1] > 0.3
    history = train(student, teacher, epochs=12, learning_rate=3e-3)
    assert set(history) == {"loss", "ctc", "kl", "layer"}
    assert history["kl"][-1] < 0.2 * history["kl"][0]
    assert error_rates(student, batches())[1] < 0.15
    pulled = train(student, teacher, epochs=6, ctc_weight=0, kl_weight=0)
    assert pulled["layer"][-1] < 0.5 * history["layer"][-1]
    for left, right in zip(before, teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(
    ("weights", "parts"),
    [
        ({"kl_weight": 0, "layer_weight": 0}, {"ctc"}),
        ({"ctc_weight": 0, "layer_weight": 0}, {"kl"}),
        ({"ctc_weight": 0, "kl_weight": 0}, {"layer"}),
    ],
)
def test_a_weight_of_zero_switches_its_part_off(
    teacher: Any, weights: dict[str, float], parts: set[str]
) -> None:
    history = train(quantized(teacher), teacher, epochs=1, **weights)
    assert set(history) == {"loss", *parts}


def test_loss_is_the_weighted_sum_of_its_parts(teacher: Any) -> None:
    weights = {"ctc_weight": 2.0, "kl_weight": 0.5, "layer_weight": 3.0}
    history = train(quantized(teacher), teacher, epochs=1, temperature=2.0, **weights)
    total = sum(weights[f"{name}_weight"] * history[name][0] for name in ("ctc", "kl", "layer"))
    assert history["loss"][0] == pytest.approx(total, rel=1e-4)


@pytest.mark.parametrize(
    ("normalized", "names"), [(False, ["conv_1", "conv_2"]), (True, ["relu_1", "relu_2"])]
)
def test_all_hidden_layers_are_compared(normalized: bool, names: list[str]) -> None:
    from wqlite.converter.training.distillation import common_layers

    model = small_model(batch_normalization=normalized)
    assert common_layers(quantized(model), model) == names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ctc_weight": -1}, "The weight of the ctc loss must be 0 or more, not -1."),
        ({"kl_weight": float("nan")}, "The weight of the kl loss must be 0 or more, not nan."),
        ({"temperature": 0}, "The temperature must be above 0, not 0."),
        ({"learning_rate": 0}, "The learning rate must be above 0, not 0."),
        ({"ctc_weight": 0, "kl_weight": 0, "layer_weight": 0}, "All weights of the loss are 0"),
    ],
)
def test_impossible_settings_are_refused(options: dict[str, Any], message: str) -> None:
    from wqlite.converter.training.trainer import Trainer

    model = small_model()
    with pytest.raises(ValueError, match=message):
        Trainer(model, teacher=model, **options)


def test_without_a_teacher_only_transcripts_count() -> None:
    assert set(train(small_model(), epochs=1)) == {"loss", "ctc"}


def test_learning_rate_rises_then_falls_to_zero() -> None:
    from wqlite.converter.training.trainer import learning_rate_schedule

    schedule = learning_rate_schedule(0.5, 100)
    rates = [float(schedule(step)) for step in range(101)]
    assert rates[10] == max(rates) == pytest.approx(0.5)
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0, abs=1e-6)
    assert float(learning_rate_schedule(0.5, 1)(0)) == pytest.approx(0.5)


def test_mixed_precision_is_for_the_training_only() -> None:
    exact, mixed = (small_model(batch_normalization=True) for _ in range(2))
    expected = train(exact, epochs=2)["loss"]
    found = train(mixed, epochs=2, mixed_precision=True)["loss"]
    assert found == pytest.approx(expected, rel=0.05)
    assert found != expected
    assert {layer.dtype_policy.name for layer in mixed.layers} == {"float32"}
    assert {variable.dtype for variable in mixed.variables} == {"float32"}


def test_logs_are_for_tensorboard_and_for_tables(tmp_path: Path) -> None:
    from wqlite.converter.training.trainer import Trainer

    Trainer(small_model(), log_dir=tmp_path).fit(batches(), batches(seed=1), epochs=2)
    rows = list(csv.DictReader((tmp_path / "epochs.csv").open()))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert {"ctc", "val_ctc", "val_wer", "val_ler"} <= rows[0].keys()
    assert len(list(tmp_path.glob("*/events.out.tfevents.*"))) == 2


class KillError(Exception):
    """Stands for a kill."""


def killer(epoch: int) -> Any:
    import keras

    class Killer(keras.callbacks.Callback):
        def on_epoch_begin(self, number: int, logs: Any = None) -> None:
            if number == epoch:
                raise KillError

    return Killer()


def test_resumed_training_ends_like_an_unbroken_one(tmp_path: Path) -> None:
    from wqlite.converter.training.trainer import Trainer

    def trainer(model: Any, folder: str) -> Trainer:
        return Trainer(model, learning_rate=1e-2, checkpoint_dir=tmp_path / folder)

    whole = small_model()
    history = trainer(whole, "whole").fit(batches(), epochs=5).history
    with pytest.raises(KillError):
        trainer(small_model(), "killed").fit(batches(), epochs=5, callbacks=(killer(3),))
    resumed = small_model(seed=7)
    rest = trainer(resumed, "killed").fit(batches(), epochs=5, resume=True)
    assert rest.epoch == [3, 4]
    assert rest.history["loss"] == pytest.approx(history["loss"][3:], rel=1e-4)
    for left, right in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-5)
    names = sorted(path.name for path in (tmp_path / "killed").iterdir())
    assert names == ["epoch-00004.weights.h5", "epoch-00005.weights.h5", "settings.json"]


def test_checkpoints_of_another_run_are_refused(tmp_path: Path) -> None:
    from wqlite.converter import ConversionError
    from wqlite.converter.training.trainer import Trainer

    Trainer(small_model(), checkpoint_dir=tmp_path).fit(batches(), epochs=1)
    wide = Trainer(small_model(channels=32), checkpoint_dir=tmp_path)
    with pytest.raises(ConversionError, match="is of another run: its model is small with 7181 "):
        wide.fit(batches(), epochs=1, resume=True)
    faster = Trainer(small_model(), checkpoint_dir=tmp_path, learning_rate=0.1)
    with pytest.raises(ConversionError, match=r"its learning rate is 0.001, not 0.1\.$"):
        faster.fit(batches(), epochs=1, resume=True)
    assert len(list(tmp_path.glob("*.h5"))) == 1


def test_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    from wqlite.converter import ConversionError
    from wqlite.converter.training.trainer import Trainer

    trainer = Trainer(small_model(), checkpoint_dir=tmp_path)
    trainer.fit(batches(), epochs=1)
    path = tmp_path / "epoch-00001.weights.h5"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ConversionError, match=r"epoch-00001\.weights\.h5 cannot be read: remove"):
        trainer.fit(batches(), epochs=1, resume=True)


def test_without_resume_old_checkpoints_go(tmp_path: Path) -> None:
    from wqlite.converter.training.trainer import Trainer

    for epochs in (3, 1):
        Trainer(small_model(), checkpoint_dir=tmp_path).fit(batches(), epochs=epochs)
    assert [path.name for path in tmp_path.glob("*.h5")] == ["epoch-00001.weights.h5"]


def test_jax_and_tensorflow_train_alike() -> None:
    results = {}
    for backend in ("tensorflow", "jax"):
        done = subprocess.run(
            [sys.executable, "-c", FIRST_LOSS, str(Path(__file__).parents[3])],
            env={**os.environ, "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        name, results[backend] = json.loads(done.stdout.splitlines()[-1])
        assert name == backend
    for part, values in results["tensorflow"].items():
        assert results["jax"][part] == pytest.approx(values, rel=2e-3), part
