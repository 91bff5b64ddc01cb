"""WQLITE_MAX_ISA: a processor that does as a lesser one would."""

from __future__ import annotations

import pytest

from tests.support.limited import MAX_ISA, run_limited
from wqlite import delegate

PRINT_ISA = "from wqlite import delegate; print(delegate.isa())"
PRINT_KERNELS = """
import numpy as np
from wqlite import delegate
rng = np.random.default_rng(0)
for width in (1, 7):
    weights = rng.integers(-127, 128, (250, width, 250)).astype(np.int8)
    print(delegate.plan_conv1d(weights, time_steps=148).kernel)
"""


def test_portable_kernels_run_everywhere() -> None:
    assert run_limited(PRINT_ISA, isa="portable").stdout.split() == ["portable"]


def test_a_limit_above_this_processor_changes_nothing() -> None:
    without = run_limited(PRINT_ISA, isa="").stdout
    assert run_limited(PRINT_ISA, isa="avx512vnni").stdout == without


def test_the_planner_takes_winograd_where_it_pays() -> None:
    assert run_limited(PRINT_KERNELS, isa="portable").stdout.split() == [
        "direct",
        "winograd_s16",
    ]


def test_an_unknown_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_ISA, "avx3")
    with pytest.raises(
        delegate.DelegateError, match=f"{MAX_ISA}: 'avx3' is not permitted; permitted: portable"
    ):
        delegate.load()
