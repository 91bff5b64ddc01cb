"""Counts the ARMv7 instructions that one inference executes, with and without the delegate.

    python -m tools.rig.count MODEL.tflite... [--runtime NAME] [--core NAME]... [--compare]
                              [--option KEY=VALUE]... [--options "KEY=VALUE;..."]...
                              [--top N] [--json FILE]

The model runs under qemu-arm with the plug-in icount.c. Loading and preparing are left out by
taking a difference: (3 inferences - 1 inference) / 2. Counts say nothing of caches, memory or the
order in which a core issues instructions; they are the same on every machine and, to 0.1 %, in
every run. --compare adds a column of XNNPACK and one with unlimited memory for transformed weights;
each --options adds a column with these options of the delegate.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tools.rig import symbols
from tools.rig.phases import by_phase

CLASSES = ("neon_multiply", "neon_other", "load", "store", "scalar")
PLUGIN = "build/armv7/libicount.so"
DELEGATE = "build/armv7/libwq_delegate.so"
TFLITE = "build/armv7/site/tflite_runtime/_pywrap_tensorflow_interpreter_wrapper.so"
UNLIMITED = {"memory_budget_mb": "100000"}
# A layer begins where one of these is entered: our graph's Run, the Eval of TFLite's CONV_2D.
LAYER_FUNCTIONS = re.compile(
    r"^(?:\S+: )?_ZN6wqlite5Graph3RunERKNS_10GraphLayerE"
    r"|^_ZN6tflite3ops7builtin4conv8EvalImplI"
)


class RigError(Exception):
    """The rig is not there, or a program failed under it; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Block:
    """Straight-line code with one entry, as QEMU translates it.

    Attributes:
        path: of the file that it was mapped from; empty for generated code.
        offset: of its first byte in that file.
        bytes: its length.
        classes: how many instructions of each of CLASSES it has.
    """

    path: str
    offset: int
    bytes: int
    classes: tuple[int, ...]

    @property
    def instructions(self) -> int:
        """Instructions of all classes."""
        return sum(self.classes)


@dataclasses.dataclass(frozen=True)
class Counts:
    """Executed instructions.

    Attributes:
        blocks: how often each block ran.
        parts: what ran from each visit of a mark to the next, in the order of execution: of an
            inference, from the begin of each Conv1D layer to the begin of the next.
    """

    blocks: Mapping[Block, int]
    parts: Sequence[Counts] = ()

    @property
    def instructions(self) -> int:
        """Executed instructions of all classes."""
        return sum(block.instructions * runs for block, runs in self.blocks.items())

    @functools.cached_property
    def classes(self) -> Mapping[str, int]:
        """Executed instructions by class."""
        sums: Counter[str] = Counter()
        for block, runs in self.blocks.items():
            for name, count in zip(CLASSES, block.classes, strict=True):
                sums[name] += count * runs
        return {name: sums[name] for name in CLASSES}

    @functools.cached_property
    def functions(self) -> Mapping[str, int]:
        """Executed instructions by function.

        The key is "FILE: FUNCTION" or "FILE: SOURCE: FUNCTION", and "FILE" where the file has no
        symbol for the place.
        """
        blocks = list(self.blocks)
        sums: Counter[str] = Counter()
        for block, name in zip(blocks, names_of(blocks), strict=True):
            sums[name] += block.instructions * self.blocks[block]
        return dict(sums)

    @property
    def phases(self) -> Mapping[str, int]:
        """Executed instructions by phase (phases.py)."""
        return by_phase(self.functions)

    def per_run(self, once: Counts, runs: int) -> Counts:
        """What one of the `runs` further runs took that these counts hold more than `once`.

        Its parts are those of the second run of these counts: the first has TFLite's own
        preparations in it, and behind the last comes the end of the program.
        """
        blocks = {
            block: round((self.blocks.get(block, 0) - once.blocks.get(block, 0)) / runs)
            for block in {*self.blocks, *once.blocks}
        }
        parts = len(self.parts) // (runs + 1)
        return Counts(
            blocks={block: count for block, count in blocks.items() if count > 0},
            parts=self.parts[parts : 2 * parts],
        )

    @classmethod
    def sum(cls, parts: Sequence[Counts]) -> Counts:
        """All of the parts together, and each by itself."""
        blocks: Counter[Block] = Counter()
        for part in parts:
            blocks.update(part.blocks)
        return cls(dict(blocks), parts)


def names_of(blocks: Sequence[Block]) -> list[str]:
    """The functions that blocks belong to, as in the keys of Counts.functions."""
    names = []
    for block in blocks:
        if not block.path:
            names.append("generated code")
            continue
        function = symbols.function_at(block.path, block.offset)
        name = Path(block.path).name
        names.append(f"{name}: {function.name}" if function else name)
    return symbols.demangled(names)


def count_inference(
    model: str | os.PathLike[str],
    *,
    delegate: bool,
    options: Mapping[str, str] | None = None,
    core: str = "",
) -> Counts:
    """Counts one inference of a model on random input under the rig.

    Args:
        model: a `.tflite` file.
        delegate: whether the ARMv7 delegate of this checkout takes what it can; otherwise TFLite's
            built-in kernels run (not XNNPACK).
        options: the delegate's options.
        core: what the rig pretends to be (core.sh); empty: what WQ_RIG_CORE says, if anything.

    Raises:
        RigError: the rig is not set up, or the model does not run.
    """
    marks = marks_of(find_checkout() / (DELEGATE if delegate else TFLITE), LAYER_FUNCTIONS)
    # Checked while the model is prepared, layers would be taken for those of an inference.
    options = {"verify": "off", **(options or {})}
    return count_difference(lambda runs: invocation(model, runs, delegate, options), marks, core)


def count_difference(
    command: Callable[[int], Sequence[str | os.PathLike[str]]],
    plugin_arguments: Sequence[str] = (),
    core: str = "",
    variables: Mapping[str, str] | None = None,
) -> Counts:
    """Counts one inference: half of what 3 of them take more than 1.

    Args:
        command: for a number of inferences, the command of the rig that runs them.
        plugin_arguments: further ones of the plug-in.
        core: what the rig pretends to be.
        variables: of the environment.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        once, thrice = pool.map(
            lambda runs: count_command(command(runs), plugin_arguments, core, variables), (1, 3)
        )
    return thrice.per_run(once, 2)


def invocation(
    model: str | os.PathLike[str],
    runs: int,
    delegate: bool = False,
    options: Mapping[str, str] | None = None,
) -> list[str]:
    """The command that runs invoke.py under the rig.

    Raises:
        RigError: the rig is not set up, or there is no such file.
    """
    model = Path(model)
    if not model.is_file():
        raise RigError(f"there is no model file {model}")
    checkout = find_checkout()
    python = str(checkout / "tools/rig/python")
    command = [python, "-m", "tools.rig.invoke", str(model.resolve()), str(runs)]
    if delegate:
        command.append(str(checkout / DELEGATE))
        command += [f"{key}={value}" for key, value in (options or {}).items()]
    return command


def marks_of(library: Path, functions: re.Pattern[str]) -> list[str]:
    """The plug-in's arguments that begin a part of a run where one of the functions is entered."""
    path = str(library.resolve())
    return [
        f"mark={function.begin}:{path}"
        for function in symbols.functions_of(path)
        if functions.match(function.name)
    ]


def count_program(program: str | os.PathLike[str], *arguments: str) -> Counts:
    """Counts a whole run of an ARMv7 program under the rig."""
    return count_command([find_checkout() / "tools/rig/run", program, *arguments])


def count_command(
    command: Sequence[str | os.PathLike[str]],
    plugin_arguments: Sequence[str] = (),
    core: str = "",
    variables: Mapping[str, str] | None = None,
) -> Counts:
    """Runs a command of the rig with the plug-in, on a core, and returns what it counted."""
    return count_logged_command(command, plugin_arguments, core, variables)[0]


def count_logged_command(
    command: Sequence[str | os.PathLike[str]],
    plugin_arguments: Sequence[str] = (),
    core: str = "",
    variables: Mapping[str, str] | None = None,
) -> tuple[Counts, str]:
    """The same, and what the command wrote to stderr."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "counts.json"
        log = run_with_plugin(
            command, PLUGIN, [f"out={output}", *plugin_arguments], core, variables
        )
        return read_counts(json.loads(output.read_text())), log


def run_with_plugin(
    command: Sequence[str | os.PathLike[str]],
    plugin: str,
    arguments: Sequence[str],
    core: str = "",
    variables: Mapping[str, str] | None = None,
) -> str:
    """Runs a command of the rig with one of its plug-ins, on a core; returns its stderr.

    Raises:
        RigError: the command fails; with its last line of output.
    """
    library = find_checkout() / plugin
    # QEMU separates arguments by commas; a doubled one stands for itself.
    escaped = [argument.replace(",", ",,") for argument in (f"file={library}", *arguments)]
    emulated = {"WQ_RIG_CORE": core} if core else {}
    return run_command(
        command, {"QEMU_PLUGIN": ",".join(escaped), **emulated, **(variables or {})}
    ).stderr


def run_command(
    command: Sequence[str | os.PathLike[str]], variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Runs a command under the rig with further environment variables.

    Raises:
        RigError: the command fails; with its last line of output.
    """
    # The guest's Python does the same in every run.
    environment = {**os.environ, "PYTHONHASHSEED": "0", **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        name = Path(command[0]).name
        raise RigError(f"{name} failed under the rig (code {done.returncode}): {lines[-1]}")
    return done


def read_counts(document: Mapping[str, Any]) -> Counts:
    """Reads what the plug-in wrote (icount.c describes it)."""
    rows = [
        (Block(document["files"][file] if file >= 0 else "", offset, length, tuple(classes)), runs)
        for file, offset, length, runs, *classes in document["blocks"]
    ]
    parts = [[(rows[row][0], runs) for row, runs in part] for part in document["parts"]]
    return Counts(_summed(rows), [Counts(_summed(part)) for part in parts])


def write_counts(counts: Counts) -> dict[str, Any]:
    """The document that read_counts reads."""
    blocks = list(dict.fromkeys(b for part in (counts, *counts.parts) for b in part.blocks))
    rows = {block: row for row, block in enumerate(blocks)}
    files = list(dict.fromkeys(block.path for block in blocks if block.path))
    return {
        "files": files,
        "blocks": [
            [
                files.index(block.path) if block.path else -1,
                block.offset,
                block.bytes,
                counts.blocks.get(block, 0),
                *block.classes,
            ]
            for block in blocks
        ],
        "parts": [[[rows[b], runs] for b, runs in part.blocks.items()] for part in counts.parts],
    }


def _summed(rows: Iterable[tuple[Block, int]]) -> dict[Block, int]:
    """QEMU may translate a block again, and then lists it once more."""
    sums: Counter[Block] = Counter()
    for block, runs in rows:
        sums[block] += runs
    return {block: runs for block, runs in sums.items() if runs}


def find_checkout() -> Path:
    """This checkout, whose rig is used.

    Raises:
        RigError: it has no rig.
    """
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / PLUGIN).is_file():
        raise RigError("there is no ARMv7 rig here; run tools/rig/setup.sh first")
    return checkout


if __name__ == "__main__":
    from tools.rig import count_table, flags  # not above: they import this module

    flags.run(count_table.main)
