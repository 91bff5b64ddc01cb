"""Options and fixtures that all Python tests share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for tests.support

SWEEPS = {"light": 1, "heavy": 10}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sweep",
        choices=sorted(SWEEPS),
        default="light",
        help="heavy: ten times as many random layers",
    )


def pytest_configure(config: pytest.Config) -> None:
    # tflite_runtime crashes where TensorFlow was imported before it, whatever test does so.
    from tests.support import runtimes

    runtimes.import_in_order()


@pytest.fixture(scope="session")
def sweep(request: pytest.FixtureRequest) -> int:
    """By how much a random test multiplies its number of cases."""
    return SWEEPS[request.config.getoption("--sweep")]
