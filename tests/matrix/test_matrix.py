"""In each runtime: the delegate's bytes are those of the runtime's own built-in kernels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest

from tests.support import matrix, random_unary, rounding_oracle
from tests.support.corpus import Entry
from tests.support.matrix import BUILT_IN, RUNTIMES, Results, Runtime
from tests.support.random_layers import Case, random_case
from tests.support.random_rsq import random_rsq_case
from tests.support.random_ties import random_tie_case
from tests.support.rounding_oracle import Rules
from tests.support.runtimes import plans

OPTIONS = {
    "auto": {},
    "two_pipe": {"core": "two_pipe"},
    "direct": {"algorithm": "direct"},
    "winograd_s16": {"algorithm": "winograd_s16"},
    "winograd_s8": {"algorithm": "winograd_s8"},
}

_TAKEN = re.compile(r"took (\d+) of (\d+) Conv1D layers")
_RULES = re.compile(r"rounding: (\w+), with one output step (\w+)")
_TABLE = re.compile(r"(\w+) as a table")


@dataclass(frozen=True)
class Sample:
    """A model with its input.

    kind: what it is an example of.
    overflows: it has weights of -128, for which the sums of TFLite's ARM kernels are too large.
    """

    kind: str
    entry: Entry
    overflows: bool = False


def layer_samples(kind: str, cases: Iterable[Case]) -> Iterator[Sample]:
    for case in cases:
        entry = Entry(f"{kind}: {case}", case.model, case.input)
        yield Sample(kind, entry, bool(case.layer.filter.min() == -128))


def table_samples(code: str, seeds: Iterable[int]) -> Iterator[Sample]:
    for case in map(partial(random_unary.random_case, code), seeds):
        yield Sample(code, Entry(case.description, case.model, case.input))


@cache
def samples(layers: int) -> list[Sample]:
    """The rounding oracle, and after it `layers` random layers and fewer of everything else."""
    third, tenth = range(layers // 3), range(layers // 10)
    one_step = partial(random_tie_case, one_step=True)
    return [
        Sample("oracle", rounding_oracle.model()),
        *layer_samples("random", map(random_case, range(layers))),
        *layer_samples("ties", map(random_tie_case, third)),
        *layer_samples("one step", map(one_step, third)),
        *layer_samples("RSQ", map(random_rsq_case, tenth)),
        *(sample for code in random_unary.OPERATORS for sample in table_samples(code, tenth)),
    ]


def check_bytes(results: Results, name: str, chosen: list[Sample]) -> None:
    """The same from the delegate with the options `name` as from the built-in kernels."""
    lines = []
    for i, sample in enumerate(chosen):
        assert "XNNPACK" not in results.log(BUILT_IN, i)
        ours, theirs = (np.frombuffer(results.output(run, i), np.int8) for run in (name, BUILT_IN))
        assert ours.size == theirs.size, sample.entry.description
        if count := np.count_nonzero(ours != theirs):
            lines.append(f"{count} of {ours.size} bytes differ: {sample.entry.description}")
    some = "\n".join(lines[:10])
    assert not lines, f"{name}: {len(lines)} of {len(chosen)} models differ:\n{some}"


def check_taken(runtime: Runtime, results: Results, name: str, chosen: list[Sample]) -> None:
    """No layer was left to TFLite that the delegate should have run."""
    for i, sample in enumerate(chosen):
        log = results.log(name, i)
        taken = _TAKEN.search(log)
        wanted = "0" if runtime.arm and sample.overflows else taken and taken[2]
        assert taken and taken[1] == wanted, f"{name}: {sample.entry.description}\n{log}"


def check_rules(results: Results, name: str, chosen: list[Sample]) -> None:
    """The delegate found how this runtime rounds, in each model: the oracle says the same."""
    rules = rounding_oracle.rules(results.output(BUILT_IN, 0))
    for i, sample in enumerate(chosen):
        log = results.log(name, i)
        if plans(log):
            found = {Rules(*pair) for pair in _RULES.findall(log)}
            assert found == {rules}, f"{name}: {sample.entry.description}\n{log}"


def check_kernels(results: Results, chosen: list[Sample]) -> None:
    """Each kernel ran for the samples that are there for it, but for three in ten or one."""

    def most(indices: list[int]) -> float:
        return min(0.7 * len(indices), len(indices) - 1)

    convolutions = [i for i, sample in enumerate(chosen) if sample.kind in ("random", "ties")]
    for name, indices in {
        "direct": convolutions,
        "winograd_s16": convolutions,
        "winograd_s8": [i for i, sample in enumerate(chosen) if sample.kind == "RSQ"],
    }.items():
        ran = sum(
            any(kernel.startswith(name) for _, kernel, _ in plans(results.log(name, i)))
            for i in indices
        )
        assert ran >= most(indices), f"{name} ran for {ran} of {len(indices)}"
    for code in random_unary.OPERATORS:
        indices = [i for i, sample in enumerate(chosen) if sample.kind == code]
        ran = sum(code in _TABLE.findall(results.log("auto", i)) for i in indices)
        assert ran >= most(indices), f"{code} was a table for {ran} of {len(indices)}"


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda runtime: runtime.name)
def test_the_delegate_changes_nothing(runtime: Runtime, sweep: int, tmp_path: Path) -> None:
    drawn = samples(runtime.layers * sweep)
    chosen = [sample for sample in drawn if sample.kind not in runtime.lacks]
    options = {name: {"log_level": "info", **values} for name, values in OPTIONS.items()}
    results = matrix.run(runtime, [sample.entry for sample in chosen], options, tmp_path)
    rules = rounding_oracle.rules(results.output(BUILT_IN, 0))
    assert rules == (runtime.rules or rules)
    for name in OPTIONS:
        check_taken(runtime, results, name, chosen)
        check_rules(results, name, chosen)
    check_kernels(results, chosen)
    for name in OPTIONS:
        check_bytes(results, name, chosen)
