#!/usr/bin/env python3
"""Counts the ARMv7 instructions that one inference executes, with and without the delegate.

    python tools/armv7/count.py MODEL.tflite... [--compare] [--option KEY=VALUE]... [--top N]
                                [--json FILE]

The model runs under qemu-arm with the plug-in icount.c. Loading and preparing are left out by
taking a difference: (3 inferences - 1 inference) / 2. Counts say nothing of caches, memory or the
order in which a core issues instructions; they are the same on every machine and, to 0.1 %, in
every run. --compare adds a column with unlimited memory for transformed weights.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from wqlite.tools.armv7 import symbols
from wqlite.tools.armv7.phases import by_phase

CLASSES = ("neon_multiply", "neon_other", "load", "store", "scalar")
DELEGATE = "build/armv7/libwq_delegate.so"
TFLITE = "build/armv7/site/tflite_runtime/_pywrap_tensorflow_interpreter_wrapper.so"
UNLIMITED = {"memory_budget_mb": "100000"}
# A layer begins where one of these is entered: our operator's Run, the Eval of TFLite's CONV_2D.
LAYER_FUNCTIONS = re.compile(
    r"^(?:\S+: )?_ZNK?6wqlite12_GLOBAL__N_1\d+\w*Conv1D3RunE"
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
        layers: instructions from the begin of each Conv1D layer to the begin of the next, in the
            order of execution.
    """

    blocks: Mapping[Block, int]
    layers: Sequence[int] = ()

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

        Its layers are those of the second run of these counts: the first has TFLite's own
        preparations in it, and behind the last comes the end of the program.
        """
        blocks = {
            block: round((self.blocks.get(block, 0) - once.blocks.get(block, 0)) / runs)
            for block in {*self.blocks, *once.blocks}
        }
        layers = len(self.layers) // (runs + 1)
        return Counts(
            blocks={block: count for block, count in blocks.items() if count > 0},
            layers=self.layers[layers : 2 * layers],
        )


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
    model: str | os.PathLike[str], *, delegate: bool, options: Mapping[str, str] | None = None
) -> Counts:
    """Counts one inference of a model on random input under the rig.

    Args:
        model: a `.tflite` file.
        delegate: whether the ARMv7 delegate of this checkout takes what it can; otherwise TFLite's
            built-in kernels run (not XNNPACK).
        options: the delegate's options.

    Raises:
        RigError: the rig is not set up, or the model does not run.
    """
    marks = layer_marks(find_checkout() / (DELEGATE if delegate else TFLITE))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        commands = [invocation(model, runs, delegate, options) for runs in (1, 3)]
        once, thrice = pool.map(lambda command: count_command(command, marks), commands)
    return thrice.per_run(once, 2)


def invocation(
    model: str | os.PathLike[str], runs: int, delegate: bool, options: Mapping[str, str] | None
) -> list[str]:
    """The command that runs invoke.py under the rig.

    Raises:
        RigError: the rig is not set up, or there is no such file.
    """
    model = Path(model)
    if not model.is_file():
        raise RigError(f"there is no model file {model}")
    checkout = find_checkout()
    guest = [checkout / "tools/armv7/python", checkout / "tools/armv7/invoke.py", model.resolve()]
    command = [*map(str, guest), str(runs)]
    if delegate:
        command.append(str(checkout / DELEGATE))
        command += [f"{key}={value}" for key, value in (options or {}).items()]
    return command


def layer_marks(library: Path) -> list[str]:
    """The plug-in's arguments that split a run into layers."""
    path = str(library.resolve())
    return [
        f"mark={function.begin}:{path}"
        for function in symbols.functions_of(path)
        if LAYER_FUNCTIONS.match(function.name)
    ]


def count_program(program: str | os.PathLike[str], *arguments: str) -> Counts:
    """Counts a whole run of an ARMv7 program under the rig."""
    return count_command([find_checkout() / "tools/armv7/run", program, *arguments])


def count_command(
    command: Sequence[str | os.PathLike[str]], plugin_arguments: Sequence[str] = ()
) -> Counts:
    """Runs a command that starts qemu-arm, with the plug-in, and returns what it counted."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "counts.json"
        run_with_plugin(command, "libicount.so", [f"out={output}", *plugin_arguments])
        return read_counts(json.loads(output.read_text()))


def run_with_plugin(
    command: Sequence[str | os.PathLike[str]], plugin: str, arguments: Sequence[str]
) -> None:
    """Runs a command that starts qemu-arm, with one of the rig's plug-ins.

    Raises:
        RigError: the command fails; with its last line of output.
    """
    library = find_checkout() / "build/armv7" / plugin
    # QEMU separates arguments by commas; a doubled one stands for itself.
    escaped = [argument.replace(",", ",,") for argument in (f"file={library}", *arguments)]
    run_command(command, {"QEMU_PLUGIN": ",".join(escaped)})


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
    blocks: Counter[Block] = Counter()
    for file, offset, length, executions, *classes in document["blocks"]:
        path = document["files"][file] if file >= 0 else ""
        blocks[Block(path, offset, length, tuple(classes))] += executions
    total = sum(block.instructions * runs for block, runs in blocks.items())
    begins = [instructions for _, instructions in document["marks"]]
    ends = [*begins[1:], total]
    return Counts(dict(blocks), [end - begin for begin, end in zip(begins, ends, strict=False)])


@functools.cache
def find_checkout() -> Path:
    """The checkout whose rig is used: this file's own, or the current folder.

    Raises:
        RigError: neither has a rig.
    """
    for folder in (Path(__file__).resolve().parents[2], Path.cwd()):
        if (folder / "build/armv7/libicount.so").is_file():
            return folder
    raise RigError("there is no ARMv7 rig here; run tools/armv7/setup.sh in the checkout first")


def table(columns: Mapping[str, Counts], top: int) -> str:
    """Formats counts side by side, in million instructions, with the `top` functions of each."""
    lines = ["".join([f"{'million instructions':40}", *(f"{name:>12}" for name in columns)])]

    def row(name: str, values: Sequence[int]) -> None:
        lines.append("".join([f"{name:40}", *(f"{value / 1e6:12.2f}" for value in values)]))

    totals = [counts.instructions for counts in columns.values()]
    row("all", totals)
    ratios = (f"{totals[0] / total:12.2f}" for total in totals)
    lines.append("".join([f"{'ratio':40}", *ratios]))
    for title, sums in (
        ("by class", [counts.classes for counts in columns.values()]),
        ("by phase", [counts.phases for counts in columns.values()]),
    ):
        lines.append(title)
        for name in sums[0]:
            row(f"  {name}", [column[name] for column in sums])
    layers = [counts.layers for counts in columns.values()]
    if layers[0] and len({len(column) for column in layers}) == 1:
        lines.append("by layer")
        for number, values in enumerate(zip(*layers, strict=True), start=1):
            row(f"  {number}", values)
    for name, counts in columns.items():
        lines += ["", f"{name}, by function"]
        largest = sorted(counts.functions.items(), key=lambda item: -item[1])[:top]
        lines += [f"{value / 1e6:12.2f}  {shortened(function)}" for function, value in largest]
    return "\n".join(lines)


def shortened(name: str, width: int = 100) -> str:
    """Cuts the names of C++ templates to something that fits a line."""
    return name if len(name) <= width else name[: width - 3] + "..."


def count_columns(model: Path, options: Mapping[str, str], compare: bool) -> dict[str, Counts]:
    """Counts a model with TFLite, with the delegate and, to compare, with unlimited memory."""
    runs: dict[str, tuple[bool, Mapping[str, str]]] = {
        "TFLite": (False, {}),
        "wqlite": (True, options),
    }
    if compare:
        runs["unlimited"] = (True, {**options, **UNLIMITED})
    columns = {}
    for name, (delegate, column_options) in runs.items():
        if sys.stderr.isatty():
            print(f"counting {model.name}, {name} ...", file=sys.stderr)
        columns[name] = count_inference(model, delegate=delegate, options=column_options)
    return columns


def as_document(counts: Counts) -> dict[str, Any]:
    """Counts for a JSON file."""
    return {
        "instructions": counts.instructions,
        "classes": counts.classes,
        "phases": counts.phases,
        "layers": counts.layers,
        "functions": counts.functions,
    }


def model_parser(description: str | None) -> argparse.ArgumentParser:
    """The flags of every instrument: models, and options of the delegate.

    Args:
        description: the instrument's docstring, whose first line says what it does.
    """
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="model", help="a .tflite file")
    parser.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="a delegate option"
    )
    return parser


def parse_flags(
    parser: argparse.ArgumentParser, arguments: Sequence[str]
) -> tuple[argparse.Namespace, dict[str, str]]:
    """Parses the flags of a model_parser; returns them and the delegate's options.

    An option without a value ends the program with a sentence and exit code 2.
    """
    flags = parser.parse_args(arguments)
    for option in flags.option:
        if "=" not in option:
            parser.error(f"--option {option} is not of the form KEY=VALUE")
    return flags, dict(option.split("=", 1) for option in flags.option)


def main(arguments: Sequence[str]) -> int:
    """Counts models and prints a table for each; returns the exit code."""
    parser = model_parser(__doc__)
    parser.add_argument("--compare", action="store_true", help="also with unlimited memory")
    parser.add_argument("--top", type=int, default=10, help="how many functions (default: 10)")
    parser.add_argument("--json", type=Path, help="also write the counts to this file")
    flags, options = parse_flags(parser, arguments)
    document = {}
    try:
        for model in flags.models:
            columns = count_columns(model, options, flags.compare)
            print(f"{model.name}\n{table(columns, flags.top)}\n")
            document[str(model)] = {name: as_document(c) for name, c in columns.items()}
    except RigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if flags.json:
        flags.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
