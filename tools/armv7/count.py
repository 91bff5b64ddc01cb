#!/usr/bin/env python3
"""Counts the ARMv7 instructions that one inference executes, with and without the delegate.

    python tools/armv7/count.py MODEL.tflite [--option KEY=VALUE]... [--top N] [--json FILE]

The model runs under qemu-arm with the plug-in icount.c. Loading and preparing are left out by
taking a difference: (3 inferences - 1 inference) / 2. Counts say nothing of caches, memory or the
order in which a core issues instructions; they are the same on every machine and, to 0.1 %, in
every run.
"""

from __future__ import annotations

import argparse
import bisect
import dataclasses
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

CLASSES = ("neon_multiply", "neon_other", "load", "store", "scalar")


class RigError(Exception):
    """The rig is not there, or a program failed under it; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Counts:
    """Executed instructions: in total, by class (see CLASSES) and by function.

    A function's key is "FILE: FUNCTION", or "FILE" where the file has no symbol for the place.
    """

    classes: Mapping[str, int]
    functions: Mapping[str, int]

    @property
    def instructions(self) -> int:
        """Executed instructions of all classes."""
        return sum(self.classes.values())

    def per_run(self, once: Counts, runs: int) -> Counts:
        """What one of the `runs` further runs took that these counts hold more than `once`."""

        def share(more: Mapping[str, int], less: Mapping[str, int]) -> dict[str, int]:
            differences = {key: more.get(key, 0) - less.get(key, 0) for key in {*more, *less}}
            return {key: round(value / runs) for key, value in differences.items() if value}

        return Counts(
            classes={name: share(self.classes, once.classes).get(name, 0) for name in CLASSES},
            functions=share(self.functions, once.functions),
        )


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
    model = Path(model)
    if not model.is_file():
        raise RigError(f"there is no model file {model}")
    checkout = find_checkout()
    guest = [checkout / "tools/armv7/python", checkout / "tools/armv7/invoke.py", model.resolve()]
    arguments: list[str | Path] = []
    if delegate:
        arguments.append(checkout / "build/armv7/libwq_delegate.so")
        arguments += [f"{key}={value}" for key, value in (options or {}).items()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        once, thrice = pool.map(lambda n: count_command([*guest, n, *arguments]), ("1", "3"))
    return thrice.per_run(once, 2)


def count_program(program: str | os.PathLike[str], *arguments: str) -> Counts:
    """Counts a whole run of an ARMv7 program under the rig."""
    return count_command([find_checkout() / "tools/armv7/run", program, *arguments])


def count_command(command: Sequence[str | os.PathLike[str]]) -> Counts:
    """Runs a command that starts qemu-arm, with the plug-in, and returns what it counted."""
    plugin = find_checkout() / "build/armv7/libicount.so"
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "counts.json"
        # QEMU separates arguments by commas; a doubled one stands for itself.
        escaped = [str(path).replace(",", ",,") for path in (plugin, output)]
        environment = {
            **os.environ,
            "QEMU_PLUGIN": f"file={escaped[0]},out={escaped[1]}",
            "PYTHONHASHSEED": "0",  # the guest's Python does the same in every run
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            name = Path(command[0]).name
            raise RigError(f"{name} failed under the rig (code {done.returncode}): {lines[-1]}")
        return read_counts(json.loads(output.read_text()))


def read_counts(document: Mapping[str, Any]) -> Counts:
    """Adds up what the plug-in wrote (icount.c describes it)."""
    classes: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for block in document["blocks"]:
        file, offset, executions, *counts = block
        for name, count in zip(CLASSES, counts, strict=True):
            classes[name] += count * executions
        path = document["files"][file] if file >= 0 else ""
        functions[function_at(path, offset)] += sum(counts) * executions
    return Counts(dict(classes), demangled(functions))


def function_at(path: str, offset: int) -> str:
    """Names the function at an offset in a file, as in the keys of Counts.functions."""
    if not path:
        return "generated code"
    name = Path(path).name
    symbol = symbols_of(path).at(offset)
    return f"{name}: {symbol}" if symbol else name


@dataclasses.dataclass(frozen=True)
class Symbols:
    """The functions of an ELF file by offset: (begin, end, name), sorted."""

    ranges: Sequence[tuple[int, int, str]]

    def at(self, offset: int) -> str | None:
        """The function that covers an offset; None where there is none."""
        index = bisect.bisect_right(self.ranges, offset, key=lambda r: r[0]) - 1
        if index >= 0 and offset < self.ranges[index][1]:
            return self.ranges[index][2]
        return None


@functools.cache
def symbols_of(path: str) -> Symbols:
    """Reads the functions of an ELF file; a file that is none has no functions."""
    ranges = []
    with Path(path).open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return Symbols([])
        elf = ELFFile(file)
        segments = [segment for segment in elf.iter_segments() if segment["p_type"] == "PT_LOAD"]
        for section in elf.iter_sections():
            if not isinstance(section, SymbolTableSection):
                continue
            for symbol in section.iter_symbols():
                if symbol["st_info"]["type"] != "STT_FUNC" or not symbol["st_size"]:
                    continue
                address = symbol["st_value"] & ~1  # bit 0 says Thumb
                for segment in segments:
                    begin = address - segment["p_vaddr"] + segment["p_offset"]
                    if 0 <= address - segment["p_vaddr"] < segment["p_filesz"]:
                        ranges.append((begin, begin + symbol["st_size"], symbol.name))
    return Symbols(sorted(ranges))


def demangled(functions: Mapping[str, int]) -> dict[str, int]:
    """The same counts under the C++ names of the functions."""
    keys = list(functions)
    done = subprocess.run(
        ["c++filt", "--no-params"],
        input="\n".join(keys),
        capture_output=True,
        text=True,
        check=True,
    )
    result: Counter[str] = Counter()
    for key, name in zip(keys, done.stdout.split("\n"), strict=True):
        result[name] += functions[key]
    return dict(result)


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

    row("all", [counts.instructions for counts in columns.values()])
    for name in CLASSES:
        row(f"  {name}", [counts.classes[name] for counts in columns.values()])
    for name, counts in columns.items():
        lines += ["", f"{name}, by function"]
        largest = sorted(counts.functions.items(), key=lambda item: -item[1])[:top]
        lines += [f"{value / 1e6:12.2f}  {shortened(function)}" for function, value in largest]
    return "\n".join(lines)


def shortened(name: str, width: int = 100) -> str:
    """Cuts the names of C++ templates to something that fits a line."""
    return name if len(name) <= width else name[: width - 3] + "..."


def main(arguments: Sequence[str]) -> int:
    """Counts a model both ways and prints a table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="a .tflite file")
    parser.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="a delegate option"
    )
    parser.add_argument("--top", type=int, default=10, help="how many functions (default: 10)")
    parser.add_argument("--json", type=Path, help="also write the counts to this file")
    flags = parser.parse_args(arguments)
    for option in flags.option:
        if "=" not in option:
            parser.error(f"--option {option} is not of the form KEY=VALUE")

    columns: dict[str, Counts] = {}
    try:
        for name, delegate in (("TFLite", False), ("wqlite", True)):
            if sys.stderr.isatty():
                print(f"counting {name} ...", file=sys.stderr)
            options = dict(option.split("=", 1) for option in flags.option)
            columns[name] = count_inference(flags.model, delegate=delegate, options=options)
    except RigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(columns, flags.top))
    if flags.json:
        document = {name: dataclasses.asdict(counts) for name, counts in columns.items()}
        flags.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
