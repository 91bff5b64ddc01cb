"""Instructions in Android's TensorFlow Lite under qemu-arm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.environment import ROOT, require
from tests.support.random_layers import random_case
from tools.rig.android import count
from tools.rig.columns import TFLITE, XNNPACK, Kernels
from tools.rig.count import RigError

MULTIPLICATIONS_AN_INSTRUCTION = 16
"""No kernel does more."""


@pytest.mark.parametrize(
    "kernels", [TFLITE, XNNPACK, {"algorithm": "direct"}], ids=["built in", "XNNPACK", "direct"]
)
def test_counts_an_inference(kernels: Kernels, tmp_path: Path) -> None:
    folder = ROOT / count.FOLDER.format(abi="armeabi-v7a")
    require(folder / "run_models", f"{folder}; run tools/rig/android/setup.sh")
    case = random_case(0)
    model = tmp_path / "model.tflite"
    model.write_bytes(case.model)
    out_channels, width, in_channels = case.layer.filter.shape
    work = width * in_channels * out_channels
    counted = count.count_inference(model, kernels, "cortex-a53").instructions
    steps = case.layer.out_time(max(case.input.shape[1:3]))
    assert work * steps / MULTIPLICATIONS_AN_INSTRUCTION < counted < 100 * work * steps


def test_a_file_that_is_no_model_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.tflite"
    path.write_bytes(b"broken")
    with pytest.raises(RigError, match="broken"):
        count.count_inference(path, TFLITE)
