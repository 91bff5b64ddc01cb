"""The straight road: speech, Keras model, wq_convert, delegate, here, on ARMv7 and on Android."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.support import matrix, runtimes
from tests.support.corpus import Entry
from tests.support.environment import ROOT, require
from tests.support.limited import run_limited
from tools.rig import count, run_model
from wqlite import converter, delegate
from wqlite.models import checkpoints, features, speech

MODELS = {
    # name: (model, activation, Conv1D layers)
    "tiny_relu": ("tiny_wav2letter", "relu", 9),
    "tiny_leaky_relu": ("tiny_wav2letter", "leaky_relu", 9),
    "wav2letter": ("wav2letter", "relu", 11),
}


@dataclass(frozen=True)
class Road:
    """A converted model with windows of real features, float32 [windows, 296, 39]."""

    model: Path
    windows: npt.NDArray[np.float32]
    layers: int


@pytest.fixture(scope="module")
def windows() -> npt.NDArray[np.float32]:
    spoken = [speech.speak_at_random(text, seed=7) for text in speech.SENTENCES[:3]]
    return np.concatenate(
        [features.split_windows(features.extract(u.audio)).features for u in spoken]
    )


@pytest.fixture(scope="module", params=MODELS)
def road(
    request: pytest.FixtureRequest,
    windows: npt.NDArray[np.float32],
    tmp_path_factory: pytest.TempPathFactory,
) -> Road:
    from wqlite.models import wav2letter

    name, activation, layers = MODELS[request.param]
    path = tmp_path_factory.mktemp("road") / f"{request.param}.tflite"
    model = getattr(wav2letter, name)(activation=activation)
    result = converter.convert(model, output=path, calibration_data=windows[:2])
    assert result.conv1d_count == layers
    return Road(path, windows[2:], layers)


def outputs(road: Road, runtime: str, **arguments: Any) -> npt.NDArray[np.int8]:
    return run_model.run(road.model, road.windows, repeat=1, runtime=runtime, **arguments)[0]


@pytest.mark.parametrize("runtime", runtimes.RUNTIMES)
def test_same_bytes_on_this_machine(
    road: Road, runtime: str, capfd: pytest.CaptureFixture[str]
) -> None:
    want = outputs(road, runtime, use_delegate=False)
    assert want.std() > 1  # an output that is all one value would prove nothing
    for options in ({}, {"num_threads": 2}, {"memory_budget_mb": 0}, {"algorithm": "direct"}):
        capfd.readouterr()
        got = outputs(road, runtime, use_delegate=True, strict=True, log_level="info", **options)
        np.testing.assert_array_equal(got, want, str(options))
        assert len(runtimes.plans(capfd.readouterr().err)) == road.layers


def test_winograd_runs_where_it_should(road: Road) -> None:
    script = f"""
from wqlite import delegate
delegate.interpreter({str(road.model)!r}, log_level="info")
"""
    kernels = [
        kernel for _, kernel, _ in runtimes.plans(run_limited(script, isa="portable").stderr)
    ]
    wide = road.layers - 2  # all but the two of width 1
    assert kernels == ["winograd_s16"] * wide + ["direct"] * 2


def test_same_bytes_on_armv7(road: Road, tmp_path: Path) -> None:
    python, library = ROOT / "tools/rig/python", ROOT / "build/armv7/libwq_delegate.so"
    require(library, f"{library}; run tools/rig/setup.sh")
    np.save(tmp_path / "windows.npy", road.windows[:1])
    results = []
    for arguments in ([], ["--delegate"]):
        output = tmp_path / "output.npy"
        command: list[str | Path] = [python, "-m", "tools.rig.run_model", road.model]
        environment = {**os.environ, delegate.LIBRARY_VARIABLE: str(library)}
        done = subprocess.run(
            [*command, tmp_path / "windows.npy", output, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        results.append(np.load(output))
    assert len(runtimes.plans(done.stderr)) == road.layers
    np.testing.assert_array_equal(results[1], results[0])


def check_on_android(
    runtime: matrix.Runtime, model: Path, window: npt.NDArray[np.float32], folder: Path
) -> str:
    """The delegate changes no byte in Android's library; returns its log."""
    (detail,) = delegate.interpreter(model, delegate=False).get_input_details()
    scale, zero_point = detail["quantization"]
    values = np.clip(np.round(window / scale) + zero_point, -128, 127).astype(np.int8)
    options = {"auto": {"log_level": "info"}, "unlimited": dict(count.UNLIMITED)}
    entry = Entry(model.name, model.read_bytes(), values)
    results = matrix.run(runtime, [entry], options, folder)
    want = results.output(matrix.BUILT_IN, 0)
    assert np.frombuffer(want, np.int8).std() > 1
    for name in options:
        assert results.output(name, 0) == want, name
    return results.log("auto", 0)


@pytest.mark.parametrize("runtime", matrix.ANDROID, ids=lambda runtime: runtime.name)
def test_same_bytes_on_android(road: Road, runtime: matrix.Runtime, tmp_path: Path) -> None:
    log = check_on_android(runtime, road.model, road.windows[0], tmp_path)
    assert len(runtimes.plans(log)) == road.layers


@pytest.mark.parametrize("runtime", matrix.ANDROID, ids=lambda runtime: runtime.name)
@pytest.mark.parametrize("name", [name for name in checkpoints.names() if name.endswith(".tflite")])
def test_same_bytes_of_trained_models_on_android(
    name: str,
    runtime: matrix.Runtime,
    windows: npt.NDArray[np.float32],
    tmp_path: Path,
) -> None:
    log = check_on_android(runtime, checkpoints.path(name), windows[0], tmp_path)
    assert runtimes.plans(log)
