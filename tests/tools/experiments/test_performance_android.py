"""The page of figures in Android's library is written from what was counted."""

from __future__ import annotations

import datetime

from tools.experiments import performance_android
from tools.rig.count import Block, Counts


def test_page_holds_what_was_counted() -> None:
    block = Block("", 0, 4, (0, 0, 0, 0, 1))
    millions = dict(zip(performance_android.RUNS, (900, 375, 300), strict=True))
    runs = {name: Counts({block: value * 1_000_000}) for name, value in millions.items()}
    page = performance_android.report({"Some model": runs}, datetime.date(2026, 1, 2))
    assert "Made on 2026-01-02 by `python -m tools.experiments.performance_android`" in page
    assert "| Some model | 900.0 | 375.0 (2.40) | 300.0 (3.00) |" in page
    assert "| scalar | 900.00 | 375.00 | 300.00 |" in page
    assert "XNNPACK" in page
