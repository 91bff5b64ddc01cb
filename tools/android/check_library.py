"""Checks that every Android from API level 21 on can load a library of ours.

    check_library.py LIBRARY...

Prints one sentence for each thing that is wrong, and fails if there is any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = ROOT / "tools/android/api21.txt"
EXPORTS = ROOT / "delegate/exports.lds"
JNI_EXPORT = "JNI_OnLoad"

LIBRARIES = frozenset({"libc.so", "libm.so", "libdl.so", "liblog.so"})
"""On every Android, and open to applications."""

PAGE_BYTES = {"EM_ARM": 4096, "EM_AARCH64": 16384, "EM_X86_64": 16384}
"""From Android 15 on, a 64-bit processor's pages may have 16 KB."""

MOST_BYTES = {"EM_ARM": 450_000}
"""How large a stripped library may be, where that is limited."""

_DF_TEXTREL = 4


def permitted_imports() -> set[str]:
    """The names in api21.txt."""
    lines = IMPORTS.read_text().splitlines()
    return {line.split()[1] for line in lines if line and not line.startswith("#")}


def documented_exports() -> set[str]:
    """What exports.lds lists, and what Java's System.loadLibrary calls."""
    listed = re.findall(r"^\s*(\w+);$", EXPORTS.read_text(), re.M)
    return {*listed, JNI_EXPORT}


def _loading(elf: ELFFile) -> Iterator[str]:
    """What keeps the loader from mapping it."""
    page = PAGE_BYTES[elf["e_machine"]]
    for segment in elf.iter_segments():
        if segment["p_type"] == "PT_TLS":
            yield "it has a TLS segment, which Android has from API level 29 on"
        if segment["p_type"] == "PT_LOAD" and segment["p_align"] % page != 0:
            yield f"a segment is aligned to {segment['p_align']} bytes; it must be {page}"
    tags = list(elf.get_section_by_name(".dynamic").iter_tags())
    if any(
        tag["d_tag"] == "DT_TEXTREL" or (tag["d_tag"] == "DT_FLAGS" and tag["d_val"] & _DF_TEXTREL)
        for tag in tags
    ):
        yield "it has text relocations, which Android refuses: compile with -fPIC"
    needed = {tag.needed for tag in tags if tag["d_tag"] == "DT_NEEDED"}
    for name in sorted(needed - LIBRARIES):
        yield f"it needs {name}; permitted: {', '.join(sorted(LIBRARIES))}"


def _names(elf: ELFFile) -> Iterator[str]:
    """Names that are missing on some Android, or that others would see."""
    symbols = [
        symbol for symbol in elf.get_section_by_name(".dynsym").iter_symbols() if symbol.name
    ]
    imports = {symbol.name for symbol in symbols if symbol["st_shndx"] == "SHN_UNDEF"}
    exports = {symbol.name for symbol in symbols if symbol["st_shndx"] != "SHN_UNDEF"}
    for name in sorted(imports - permitted_imports()):
        yield f"it imports {name}, which is not in {IMPORTS.relative_to(ROOT)}"
    documented = documented_exports()
    for name in sorted(exports - documented):
        yield f"it exports {name}, which is not in {EXPORTS.relative_to(ROOT)}"
    for name in sorted(documented - exports):
        yield f"it does not export {name}"


def problems(library: Path) -> list[str]:
    """One sentence for each thing that is wrong with a library; empty if all is well.

    Raises:
        OSError: it cannot be read.
    """
    with library.open("rb") as file:
        try:
            elf = ELFFile(file)
        except ELFError as error:
            return [f"it is no library: {error}"]
        machine = elf["e_machine"]
        if machine not in PAGE_BYTES:
            return [f"it is for {machine}; permitted: {', '.join(PAGE_BYTES)}"]
        found = [*_loading(elf), *_names(elf)]
    size = library.stat().st_size
    most = MOST_BYTES.get(machine, size)
    if size > most:
        found.append(f"it has {size} bytes; permitted: {most}")
    return found


def main(*libraries: str) -> None:
    """See the module."""
    found = [f"{library}: {text}" for library in libraries for text in problems(Path(library))]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
