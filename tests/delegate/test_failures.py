"""Memory or threads that cannot be had: an error or the right bytes, never a signal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.conv_model import ConvLayer, ModelBuilder, Quantisation
from tests.support.environment import ROOT, require
from tests.support.random_rsq import BAND, range_scaled
from wqlite import delegate

SOURCE = Quantisation(0.1, -5)


def layer(in_channels: int, out_channels: int, width: int) -> ConvLayer:
    rng = np.random.default_rng(width)
    return ConvLayer(
        filter=rng.integers(-127, 128, (out_channels, width, in_channels)).astype(np.int8),
        bias=rng.integers(-999, 999, out_channels).astype(np.int32),
        filter_scale=rng.uniform(0.001, 0.003, out_channels).astype(np.float32),
        output=Quantisation(2.0, 3),
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two partitions, with a table and a new shape between two convolutions of the first.

    The second convolution can run on winograd_s8.
    """
    builder = ModelBuilder()
    banded = replace(layer(8, 16, 7), output=BAND, activation="RELU6")
    first = builder.conv(builder.input([1, 1, 40, 8], SOURCE), banded, "first")
    shaped = builder.reshape(builder.unary(first, "RELU"), [1, 1, -1, 16])
    second = builder.conv(shaped, range_scaled(layer(16, 8, 3)), "second")
    third = builder.conv(builder.unary(second, "ABS"), layer(8, 4, 5), "third")
    path = tmp_path_factory.mktemp("model") / "model.tflite"
    path.write_bytes(builder.build(third))
    return path


@dataclass(frozen=True)
class Machine:
    """Where the delegate runs.

    preload: what makes it load another library first.
    step: of the allocations, one in so many is tried.
    """

    compiler: str
    python: str
    library: Path
    preload: str
    step: int = 1


HOST = Machine("cc", sys.executable, delegate.library_path(), "LD_PRELOAD={}")
ARMV7 = Machine(
    "arm-linux-gnueabihf-gcc",
    str(ROOT / "tools/rig/python"),
    ROOT / "build/armv7/libwq_delegate.so",
    "QEMU_SET_ENV=LD_PRELOAD={}",
    step=3,  # emulated; its allocations are those of the host, which tries them all
)


def run(machine: Machine, folder: Path, model: Path, what: str, **options: str) -> None:
    compiler = shutil.which(machine.compiler)
    require(compiler, f"{machine.compiler}; tools/setup.sh installs it")
    require(machine.library, f"{machine.library}; run tools/rig/setup.sh")
    shim = folder / "failing.so"
    source = ROOT / "tests/support/failing.c"
    command = [str(compiler), "-shared", "-fPIC", "-O1", "-Wall", "-Werror", str(source)]
    subprocess.run([*command, "-o", str(shim)], check=True)
    variable, value = machine.preload.format(shim).split("=", 1)
    command = [machine.python, "-m", "tests.support.failing"]
    command += [str(shim), str(machine.library), str(model), what, str(machine.step)]
    done = subprocess.run(
        [*command, *(f"{key}={option}" for key, option in options.items())],
        cwd=ROOT,
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
    )
    last = "\n".join(done.stdout.splitlines()[-2:] + done.stderr.splitlines()[-5:])
    assert done.returncode == 0, f"exit code {done.returncode} after {last}"


@pytest.mark.parametrize(
    ("machine", "algorithm"),
    [
        pytest.param(HOST, "auto", id="auto"),
        pytest.param(HOST, "winograd_s16", id="winograd_s16"),
        pytest.param(HOST, "winograd_s8", id="winograd_s8"),
        pytest.param(ARMV7, "auto", id="armv7"),
    ],
)
def test_no_allocation_that_fails_ends_the_process(
    machine: Machine, algorithm: str, model: Path, tmp_path: Path
) -> None:
    run(machine, tmp_path, model, "allocations", algorithm=algorithm, log_level="silent")


@pytest.mark.parametrize(
    "machine", [pytest.param(HOST, id="host"), pytest.param(ARMV7, id="armv7")]
)
def test_without_threads_it_runs_on_fewer(machine: Machine, model: Path, tmp_path: Path) -> None:
    run(machine, tmp_path, model, "threads", num_threads="4", log_level="silent")
