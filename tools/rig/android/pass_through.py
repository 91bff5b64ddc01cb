"""Hands to glibc what Android libraries want of bionic and bionic.c does not define.

    pass_through.py OBJECT LIBRARY...

Prints assembly: for each function that a LIBRARY imports with the version LIBC and OBJECT
(bionic.c, compiled) lacks, a jump to glibc's function of the same name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from elftools.elf.elffile import ELFFile

VERSION = "@LIBC"
JUMP = {
    "EM_X86_64": "jmp {name}@PLT",
    "EM_ARM": ".arm\n b {name}(PLT)",
    "EM_AARCH64": "b {name}",
}


def wanted(library: ELFFile) -> set[str]:
    """What the library imports with a version; bionic has no other than LIBC."""
    symbols = library.get_section_by_name(".dynsym").iter_symbols()
    versions = library.get_section_by_name(".gnu.version").iter_symbols()
    local, unversioned = "VER_NDX_LOCAL", "VER_NDX_GLOBAL"
    return {
        symbol.name
        for symbol, version in zip(symbols, versions, strict=True)
        if symbol["st_shndx"] == "SHN_UNDEF" and version["ndx"] not in (local, unversioned)
    }


def defined(compiled: ELFFile) -> set[str]:
    """What bionic.c defines."""
    names = (symbol.name for symbol in compiled.get_section_by_name(".symtab").iter_symbols())
    return {name.removesuffix(VERSION) for name in names if name.endswith(VERSION)}


def main(object_path: str, *library_paths: str) -> None:
    """See the module."""
    with Path(object_path).open("rb") as compiled:
        elf = ELFFile(compiled)
        jump, here = JUMP[elf["e_machine"]], defined(elf)
    names = set()
    for path in library_paths:
        with Path(path).open("rb") as library:
            names |= wanted(ELFFile(library)) - here
    print(".text")
    for name in sorted(names):
        print(f".globl pass_{name}\n.type pass_{name}, %function\npass_{name}:")
        print(f" {jump.format(name=name)}\n.symver pass_{name}, {name}{VERSION}, remove")
    print('.section .note.GNU-stack,"",%progbits')


if __name__ == "__main__":
    main(*sys.argv[1:])
