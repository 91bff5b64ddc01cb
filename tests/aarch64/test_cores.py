"""AArch64 cores with and without dot products and matrix products: each runs all that it has."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.support.environment import ROOT, require

BUILD = ROOT / "build/aarch64/cmake/tests"

# Kernels of int8 products by core, best first.
CORES = {
    "cortex-a53": ["neon64", "portable"],
    "cortex-a76": ["neon64_dot", "neon64", "portable"],
    "cortex-x2": ["neon64_i8mm", "neon64_dot", "neon64", "portable"],
}


def run(core: str, program: str) -> str:
    require(BUILD / program, f"{BUILD / program}; run tools/rig/setup.sh aarch64")
    return subprocess.run(
        [ROOT / "tools/rig/run", BUILD / program],
        env={**os.environ, "WQ_RIG": "aarch64", "WQ_RIG_CORE": core},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("core", CORES)
def test_int8_products(core: str) -> None:
    run(core, "gemm_s8_test")
    found = re.findall(r"gemm_s8_\w+?__(\w+)", run(core, "costs"))
    assert list(dict.fromkeys(found)) == CORES[core]
