"""The functions of ARM programs and libraries: what lies where in a file, under its C++ name."""

from __future__ import annotations

import bisect
import functools
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection


@dataclass(frozen=True, order=True)
class Function:
    """A function of a file.

    Attributes:
        begin: offset of its first byte in the file.
        end: offset behind its last byte.
        name: as the linker knows it; a local one behind its source file, "gemm.cc: name".
        thumb: whether its instructions are Thumb's, not ARM's.
    """

    begin: int
    end: int
    name: str
    thumb: bool


def function_at(path: str, offset: int) -> Function | None:
    """The function that covers an offset in a file; None where there is none."""
    functions = functions_of(path)
    index = bisect.bisect_right(functions, offset, key=lambda f: f.begin) - 1
    if index >= 0 and offset < functions[index].end:
        return functions[index]
    return None


@functools.cache
def is_aarch64(path: str) -> bool:
    """Whether an ELF file is of AArch64."""
    with Path(path).open("rb") as file:
        return file.read(4) == b"\x7fELF" and ELFFile(file)["e_machine"] == "EM_AARCH64"


@functools.cache
def functions_of(path: str) -> Sequence[Function]:
    """The functions of an ELF file by offset; a file that is none has no functions."""
    with Path(path).open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return []
        elf = ELFFile(file)
        segments = [segment for segment in elf.iter_segments() if segment["p_type"] == "PT_LOAD"]
        tables = [s for s in elf.iter_sections() if isinstance(s, SymbolTableSection)]
        functions = [
            Function(begin, begin + size, name, thumb)
            for table in tables
            for name, address, size, thumb in _symbols(table)
            for segment in segments
            if 0 <= address - segment["p_vaddr"] < segment["p_filesz"]
            for begin in [address - segment["p_vaddr"] + segment["p_offset"]]
        ]
    return sorted(set(functions))  # dynamic symbols are listed twice


def _symbols(table: SymbolTableSection) -> Iterable[tuple[str, int, int, bool]]:
    """(name, address, size, thumb) of the functions in a symbol table."""
    source = ""
    for symbol in table.iter_symbols():
        kind, value = symbol["st_info"]["type"], symbol["st_value"]
        if kind == "STT_FILE":  # the local symbols of this source follow
            source = symbol.name if symbol.name.endswith((".c", ".cc", ".cpp")) else ""
        elif kind == "STT_FUNC" and symbol["st_size"]:
            local = source and symbol["st_info"]["bind"] == "STB_LOCAL"
            name = f"{source}: {symbol.name}" if local else symbol.name
            yield name, value & ~1, symbol["st_size"], bool(value & 1)


def demangled(names: Sequence[str]) -> list[str]:
    """The C++ names, without parameters, of mangled ones; also inside of longer texts."""
    done = subprocess.run(
        ["c++filt", "--no-params"],
        input="\n".join(names),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\n")[: len(names)]
