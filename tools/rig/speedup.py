"""Says how much faster several threads make each layer of a model, from counted instructions.

    python -m tools.rig.speedup MODEL.tflite [--option KEY=VALUE]... [--json FILE]

Each layer runs as a program of its own (layer.cc), as the delegate plans it, under qemu-arm with
the plug-in icount.c, which begins a part at every piece of a loop that threads share and at every
loop's end. Which pieces there are depends on the number of threads only, but who takes them depends
on the moment; so here the first thread takes all, the others being busy, and they are dealt out
afterwards as the pool does it: each goes to the thread that is free first. Between two barriers
(the loop's begin and end) counts what the last one to finish took; what is in no loop counts for
all. Waking threads and the memory that cores share are left out, as is all that TFLite does itself.
"""

from __future__ import annotations

import argparse
import heapq
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.rig import count, flags, log, markdown, symbols
from wqlite.converter.files import write_whole

PROGRAM = "build/armv7/cmake/tests/layer"
# Speeds of threads by column: of one kind, and two fast cores with two slow ones. How many times as
# fast they are is said against the first.
ALONE = "1 thread"
TEAMS: Mapping[str, Sequence[float]] = {
    ALONE: (1,),
    "2 threads": (1, 1),
    "4 threads": (1, 1, 1, 1),
    "2 fast, 2 slow (a third)": (1, 1, 1 / 3, 1 / 3),
}
_MARKS = {
    "run": re.compile(r".*RunLayer"),
    "piece": re.compile(r".*4Loop8RunPieceE"),
    "end": re.compile(r".*10ThreadPool7Helpers5CloseE"),
}
_SHAPE = re.compile(r"width (\d+) stride (\d+) (\d+)->(\d+), (\d+)->")
_PLAN = re.compile(r"^wqlite: plan: override=(\S+)$", re.MULTILINE)


@dataclass
class Work:
    """What a run of a layer executes, in instructions.

    Attributes:
        serial: outside of all loops.
        loops: the pieces of each loop, in the order in which they are taken.
    """

    serial: int = 0
    loops: list[list[int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All of it."""
        return self.serial + sum(map(sum, self.loops))

    def time(self, speeds: Sequence[float]) -> float:
        """How long threads of these speeds take, where a thread of speed 1 takes 1 for each."""
        return self.serial / max(speeds) + sum(finish(pieces, speeds) for pieces in self.loops)


def finish(pieces: Iterable[int], speeds: Sequence[float]) -> float:
    """When the last piece is done, if each is taken by the thread that is free first."""
    free = sorted((0.0, -speed) for speed in speeds)  # of two that are free the faster one is first
    for piece in pieces:
        time, speed = free[0]
        heapq.heapreplace(free, (time - piece / speed, speed))
    return max(time for time, _ in free)


def planned_layers(model: Path, options: Mapping[str, str]) -> list[tuple[log.Layer, str]]:
    """The layers that the delegate takes of a model, and the request that makes it plan them so."""
    command = count.invocation(model, 1, True, {"log_level": "info", **options})
    text = count.run_command(command, {}).stderr
    layers = log.layers(text)
    plan = _PLAN.findall(text)
    requests = [part.split("=", 1)[1] for part in plan[-1].split("+")] if plan else []
    if not layers or len(layers) != len(requests):
        raise count.RigError(f"{model}: no layer of it was planned once, at a fixed length")
    return list(zip(layers, requests, strict=True))


def count_layer(layer: str, request: str, threads: int) -> Work:
    """Counts what a layer of a plan executes piece by piece, cut for so many threads.

    Args:
        layer: its shape, as the delegate logs it.
        request: a kernel, as in the delegate's option `override`.
        threads: for whom loops are cut; all pieces are counted, whoever would take them.
    """
    program = (count.find_checkout() / PROGRAM).resolve()
    if not program.is_file():
        raise count.RigError(f"there is no {program}; run tools/rig/setup.sh first")
    shape = _SHAPE.match(layer)
    if shape is None:
        raise count.RigError(f"'{layer}': this layer has a form that layer.cc does not know")
    width, stride, inputs, outputs, steps = shape.groups()
    arguments = [outputs, width, inputs, stride, steps, "100000", "3", request, "one_pipe"]
    marks = [mark for pattern in _MARKS.values() for mark in count.marks_of(program, pattern)]
    command = [count.find_checkout() / "tools/rig/run", program, *arguments, str(threads), "alone"]
    return work_of(count.count_command(command, marks).parts, _beginnings(program))


def _beginnings(program: Path) -> dict[tuple[str, int], str]:
    """Which of _MARKS begins at which offset of the program."""
    return {
        (str(program), function.begin): kind
        for function in symbols.functions_of(str(program))
        for kind, pattern in _MARKS.items()
        if pattern.match(function.name)
    }


def work_of(parts: Sequence[count.Counts], beginnings: Mapping[tuple[str, int], str]) -> Work:
    """The work of the second of three runs: the first has page faults in it, the last the end."""
    kinds = [
        # Before the first run threads begin parts at once, and one may have nothing in it.
        next((beginnings[at] for b in part.blocks if (at := (b.path, b.offset)) in beginnings), "")
        for part in parts
    ]
    runs = [i for i, kind in enumerate(kinds) if kind == "run"]
    work, pieces = Work(), list[int]()
    for kind, part in list(zip(kinds, parts, strict=True))[runs[1] : runs[2]]:
        if kind == "piece":
            pieces.append(part.instructions)
            continue
        if kind == "end":
            work.loops.append(pieces)
            pieces = []
        work.serial += part.instructions
    return work


def measure(model: Path, options: Mapping[str, str]) -> dict[str, dict[str, Work]]:
    """The work of each layer of a model by column of TEAMS."""
    layers = planned_layers(model, options)
    sizes = sorted({len(speeds) for speeds in TEAMS.values()})
    jobs = {(layer, size): None for layer in layers for size in sizes}  # layers may be alike
    with ThreadPoolExecutor() as pool:
        works = pool.map(lambda job: count_layer(job[0][0].layer, job[0][1], job[1]), jobs)
    counted = dict(zip(jobs, works, strict=True))
    return {
        f"{index}: {layer[0].layer}, {layer[1]}": {
            team: counted[layer, len(speeds)] for team, speeds in TEAMS.items()
        }
        for index, layer in enumerate(layers)
    }


def table(layers: Mapping[str, Mapping[str, Work]]) -> str:
    """A row for each layer and one for all, how many times as fast in each column."""
    rows = [_row(name, [works]) for name, works in layers.items()]
    teams = [team for team in TEAMS if team != ALONE]
    return markdown.table(
        ["layer", "M instructions", *teams], [*rows, _row("all", list(layers.values()))]
    )


def _row(name: str, layers: Sequence[Mapping[str, Work]]) -> list[str]:
    times = {
        team: sum(works[team].time(speeds) for works in layers) for team, speeds in TEAMS.items()
    }
    alone = times.pop(ALONE)
    return [name, f"{alone / 1e6:.2f}", *(f"{alone / time:.2f}" for time in times.values())]


def main(arguments: Sequence[str]) -> None:
    """Prints the table of a model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="a .tflite file")
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all pieces there, too")
    values = parser.parse_args(arguments)
    options = dict(option.split("=", 1) for option in values.option)
    layers = measure(values.model, options)
    print(table(layers))
    if values.json:
        document = {
            layer: {team: vars(work) for team, work in works.items()}
            for layer, works in layers.items()
        }
        write_whole(values.json, f"{json.dumps(document, indent=1)}\n".encode())


if __name__ == "__main__":
    flags.run(main)
