"""Columns of options, and the table of instructions and cycles."""

from __future__ import annotations

import pytest

from tools.rig import columns, compare, cycles, flags
from tools.rig.count import Block, Counts


def parsed(*arguments: str) -> dict[str, columns.Options]:
    return flags.parse(flags.models_and_options("What."), ["m.tflite", *arguments])[1]


def test_columns_of_options() -> None:
    assert parsed() == {"wqlite": {}}
    assert parsed("--option", "tile=F(5,4)xF(2,2)") == {"wqlite": {"tile": "F(5,4)xF(2,2)"}}
    assert parsed("--option", "a=1", "--options", "", "--options", "b=2; c=F(2,2)") == {
        "wqlite": {"a": "1"},
        "b=2; c=F(2,2)": {"a": "1", "b": "2", "c": "F(2,2)"},
    }


def test_option_without_a_value_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--options", "b=2;c")
    assert "--options c is not of the form KEY=VALUE" in capsys.readouterr().err


CORES = ("cortex-a9", "cortex-a55")


def compared(title: str, **millions: int) -> compare.Compared:
    block = Block("", 0, 4, (0, 0, 0, 0, 1))
    return compare.Compared(
        title,
        {
            core: {name: Counts({block: value * 1_000_000}) for name, value in millions.items()}
            for core in CORES
        },
        {
            core: {name: cycles.Cycles(value * 2e6, 0.99, {}) for name, value in millions.items()}
            for core in CORES
        },
    )


def test_table_of_models_with_different_columns() -> None:
    table = compare.table([compared("a", TFLite=100, XNNPACK=50), compared("b", TFLite=10, s8=4)])
    lines = table.splitlines()
    assert lines[0] == "| (ratio to TFLite) | TFLite | XNNPACK | s8 |"
    assert lines[2] == "| a, cortex-a9: M instructions | 100.0 | 50.0 (2.00) |  |"
    assert lines[3] == "| a, cortex-a9: M cycles | 200.0 | 100.0 (2.00) |  |"
    assert lines[6] == "| b, cortex-a9: M instructions | 10.0 |  | 4.0 (2.50) |"
    assert len(lines) == 2 + 2 * 2 * len(CORES)
