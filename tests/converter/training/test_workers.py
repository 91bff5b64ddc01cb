"""Two local worker processes train like one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.speech_batches import batches

TRAIN = """
import json, sys
sys.path.insert(0, sys.argv[1])
from wqlite.converter.training import distribution
if sys.argv[2]:
    distribution.join_workers(sys.argv[2].split(","), int(sys.argv[3]))
import keras
from tests.support.speech_batches import batches, small_model
from wqlite.converter.rsq import quantize_model
from wqlite.converter.training.trainer import Trainer
keras.utils.set_random_seed(0)
teacher = small_model()
trainer = Trainer(quantize_model(teacher), teacher, learning_rate=3e-3, checkpoint_dir=sys.argv[4])
history = trainer.fit(distribution.own_share(batches()), distribution.own_share(batches(seed=1)),
                      epochs=3).history
print(json.dumps([distribution.number_of_workers(), distribution.is_first_worker(), history]))
"""


def start(folder: Path, addresses: str = "", index: int = 0) -> subprocess.Popen[str]:
    root = str(Path(__file__).parents[3])
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, root, addresses, str(index), str(folder)],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> Any:
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return json.loads(output.splitlines()[-1])


def free_address() -> str:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return f"localhost:{listener.getsockname()[1]}"


def test_two_workers_have_the_losses_of_one(tmp_path: Path) -> None:
    alone = start(tmp_path / "alone")
    addresses = ",".join([free_address(), free_address()])
    both = [start(tmp_path / "both", addresses, index) for index in range(2)]
    workers, first, expected = result(alone)
    assert (workers, first) == (1, True)
    for index, process in enumerate(both):
        workers, first, history = result(process)
        assert (workers, first) == (2, index == 0)
        for part in ("loss", "ctc", "kl", "layer", "val_loss"):
            assert history[part] == pytest.approx(expected[part], rel=1e-3), part
    saved = sorted(path.name for path in (tmp_path / "both").iterdir())
    assert saved == ["epoch-00002.weights.h5", "epoch-00003.weights.h5", "settings.json"]


def test_one_worker_has_everything() -> None:
    from wqlite.converter.training.distribution import is_first_worker, number_of_workers, own_share

    dataset = batches()
    assert own_share(dataset) is dataset
    assert number_of_workers() == 1
    assert is_first_worker()


@pytest.mark.parametrize(("workers", "index", "sizes"), [(2, 0, [3, 3, 1]), (3, 2, [2, 2, 1])])
def test_shares_are_equal_and_nothing_is_in_two(
    monkeypatch: pytest.MonkeyPatch, workers: int, index: int, sizes: list[int]
) -> None:
    import numpy as np

    from wqlite.converter.training import distribution

    dataset = batches(17, 7)  # 7, 7 and 3 utterances
    monkeypatch.setattr(distribution, "number_of_workers", lambda: workers)
    shares = []
    for number in range(workers):
        monkeypatch.setattr(distribution, "worker_index", lambda number=number: number)
        shares.append(list(distribution.own_share(dataset).as_numpy_iterator()))
    assert [len(inputs["frames"]) for inputs, _ in shares[index]] == sizes
    for whole, *parts in zip(dataset.as_numpy_iterator(), *shares, strict=True):
        labels = np.concatenate([targets["labels"] for _, targets in parts])
        assert len(np.unique(labels, axis=0)) == len(labels)
        assert {row.tobytes() for row in labels} <= {row.tobytes() for row in whole[1]["labels"]}


def test_workers_need_the_jax_backend() -> None:
    from wqlite.converter import ConversionError
    from wqlite.converter.training.distribution import join_workers

    with pytest.raises(ConversionError, match=r"need its JAX backend: set KERAS_BACKEND=jax\.$"):
        join_workers(["localhost:7000", "localhost:7001"], 0)
