"""How much faster threads are, by the pieces that they share out (tools/rig/speedup.py)."""

from __future__ import annotations

import pytest

from tools.rig import count, speedup

PROGRAM = "/layer"
BEGINNINGS = {(PROGRAM, 0): "run", (PROGRAM, 10): "piece", (PROGRAM, 20): "end"}


def part(offset: int, instructions: int) -> count.Counts:
    """What ran from the visit of a mark on, with code of another file at the same offsets."""
    begin = count.Block(PROGRAM, offset, 4, (0, 0, 0, 0, instructions))
    other = [count.Block("/lib", at, 4, (0,) * 5) for _, at in BEGINNINGS]
    return count.Counts(dict.fromkeys([*other, begin], 1))


@pytest.mark.parametrize(
    ("pieces", "speeds", "expected"),
    [
        ([], (1, 1), 0),
        ([3, 3, 3], (1,), 9),
        ([3, 3, 3], (1, 1), 6),
        ([4, 1, 1, 1, 1], (1, 1), 4),  # the free one takes all that is left
        ([1, 1, 1, 1], (1, 1 / 3), 3),  # three are done while the slow one is at its first
        ([2], (1 / 2, 1), 2),  # who comes first is free first
    ],
)
def test_pieces_go_to_the_thread_that_is_free_first(
    pieces: list[int], speeds: tuple[float, ...], expected: float
) -> None:
    assert speedup.finish(pieces, speeds) == pytest.approx(expected)


def test_the_second_of_three_runs_is_taken_apart() -> None:
    run = [part(0, 5), part(10, 7), part(10, 3), part(20, 2), part(10, 4), part(20, 1)]
    work = speedup.work_of([part(10, 99), part(20, 99), *run, *run, *run], BEGINNINGS)
    assert work == speedup.Work(serial=8, loops=[[7, 3], [4]])
    assert work.total == 22
    assert work.time((1, 1)) == 8 + 7 + 4


def test_the_table_compares_with_one_thread() -> None:
    works = dict.fromkeys(speedup.TEAMS, speedup.Work(100, [[100] * 9]))
    for row in speedup.table({"a layer": works}).splitlines()[2:]:
        assert row.split(" | ")[1:] == ["0.00", "1.67", "2.50", "2.00 |"]
