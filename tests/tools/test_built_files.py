"""What the builds leave behind is what a phone, and a user's Python, can load."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.constants import P_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.enums import ENUM_DT_FLAGS_1
from elftools.elf.segments import Segment

from tests.support.environment import ROOT, require

LIBRARIES = {
    "aarch64": ROOT / "build/aarch64/libwq_delegate.so",
    "armv7": ROOT / "build/armv7/libwq_delegate.so",
    "bazel": ROOT / "build/bazel-bin/delegate/libwq_delegate.so",
    "host": ROOT / "build/host/delegate/libwq_delegate.so",
}


@pytest.fixture(params=sorted(LIBRARIES))
def library(request: pytest.FixtureRequest) -> Iterator[ELFFile]:
    path = LIBRARIES[request.param]
    require(path, f"{path.relative_to(ROOT)}; tools/test.sh builds it")
    with path.open("rb") as file:
        yield ELFFile(file)


PUBLIC = {
    "tflite_plugin_create_delegate",
    "tflite_plugin_destroy_delegate",
    # delegate/include/wqlite/delegate.h
    "WqDelegateCreate",
    "WqDelegateDelete",
    "WqDelegateLastError",
    "WqDelegatePlan",
    "WqDelegateVersion",
}


def test_exports_the_public_functions_only(library: ELFFile) -> None:
    exported = {
        symbol.name
        for symbol in library.get_section_by_name(".dynsym").iter_symbols()
        if symbol["st_shndx"] != "SHN_UNDEF" and symbol["st_info"]["bind"] != "STB_LOCAL"
    }
    assert exported == PUBLIC


def test_needs_the_c_library_only(library: ELFFile) -> None:
    needed = {
        tag.needed.split(".so")[0]
        for tag in library.get_section_by_name(".dynamic").iter_tags("DT_NEEDED")
    }
    loaders = {"ld-linux-aarch64", "ld-linux-armhf", "ld-linux-x86-64"}
    assert needed <= {"libc", "libm", "libpthread"} | loaders


def segment(library: ELFFile, kind: str) -> Segment:
    """The only program header of that kind."""
    (found,) = library.iter_segments(kind)
    return found


def test_what_the_loader_wrote_is_read_only(library: ELFFile) -> None:
    flags = {
        tag["d_val"] for tag in library.get_section_by_name(".dynamic").iter_tags("DT_FLAGS_1")
    }
    assert segment(library, "PT_GNU_RELRO")["p_memsz"] > 0
    assert any(value & ENUM_DT_FLAGS_1["DF_1_NOW"] for value in flags)


def test_stack_is_not_executable(library: ELFFile) -> None:
    assert not segment(library, "PT_GNU_STACK")["p_flags"] & P_FLAGS.PF_X


def test_stack_is_guarded(library: ELFFile) -> None:
    imported = {symbol.name for symbol in library.get_section_by_name(".dynsym").iter_symbols()}
    assert "__stack_chk_fail" in imported


def test_armv7_library_is_for_neon_and_hard_float() -> None:
    path = LIBRARIES["armv7"]
    require(path, "the ARMv7 rig; run tools/rig/setup.sh")
    with path.open("rb") as file:
        elf = ELFFile(file)
        assert elf["e_machine"] == "EM_ARM"
        section = elf.get_section_by_name(".ARM.attributes")
        attributes = {
            attribute.tag: attribute.value
            for subsection in section.iter_subsections()
            for part in subsection.iter_subsubsections()
            for attribute in part.iter_attributes()
        }
    # ARMv7 and its NEON, or what the kernels with dot products make of it, ARMv8.1; no loader looks
    # at it, and tests on emulated cores see that the others have none of that (test_rig_cores.py).
    assert attributes["TAG_CPU_ARCH"] in (10, 14)
    assert attributes["TAG_ADVANCED_SIMD_ARCH"] in (1, 4)
    assert attributes["TAG_ABI_VFP_ARGS"] == 1  # hard float


KERNELS = {
    ROOT / "build/aarch64/libwq_delegate.so": b"gemm_s8_10x8__neon64_i8mm",
    ROOT / "build/android/arm64-v8a/libwq_delegate.so": b"gemm_s8_10x8__neon64_i8mm",
    ROOT / "build/android/armeabi-v7a/libwq_delegate.so": b"gemm_s8_5x8__neon32_dot",
}


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.parent.name)
def test_kernels_for_newer_processors_are_in(path: Path) -> None:
    require(path, f"{path.relative_to(ROOT)}; tools/test.sh builds it")
    assert KERNELS[path] in path.read_bytes()


# Instruction sets that not every processor of a build has.
OPTIONAL_ISAS = [
    ("host", "avx2"),
    ("host", "avx512vnni"),
    ("armv7/cmake", "neon32_dot"),
    ("aarch64/cmake", "neon64_dot"),
    ("aarch64/cmake", "neon64_i8mm"),
]


@pytest.mark.parametrize(("build", "isa"), OPTIONAL_ISAS)
def test_kernels_of_one_isa_share_no_code_with_others(build: str, isa: str) -> None:
    # The linker keeps one copy of an inline function, and if it is the one compiled for this
    # instruction set, a machine without it stops with an illegal instruction.
    objects = sorted((ROOT / "build" / build / "delegate").rglob(f"*_{isa}*.cc.o"))
    if not objects:
        pytest.skip(f"no {isa} kernel is built on this machine")
    for path in objects:
        with path.open("rb") as file:
            weak = [
                symbol.name
                for symbol in ELFFile(file).get_section_by_name(".symtab").iter_symbols()
                if symbol["st_info"]["bind"] == "STB_WEAK"
                and symbol["st_info"]["type"] == "STT_FUNC"
                and symbol["st_shndx"] != "SHN_UNDEF"
            ]
        assert not weak, f"{path.name} emits inline functions: {weak}"


def test_package_holds_python_libraries_and_trained_models_only() -> None:
    try:
        files = importlib.metadata.files("wqlite") or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("wqlite is not installed")
    names = [str(file) for file in files if file.parts[0] == "wqlite" and file.suffix != ".pyc"]
    trained = [name for name in names if name.startswith("wqlite/models/checkpoints/")]
    others = set(names) - set(trained)
    assert {Path(name).suffix for name in trained} <= {".keras", ".md", ".py", ".tflite"}
    assert {Path(name).suffix for name in others} <= {".py", ".pyi", ".so", ".typed"}
    assert "wqlite/delegate/libwq_delegate.so" in names
    assert "wqlite/delegate/__init__.py" in names
    assert any(name.startswith("wqlite/delegate/_core") for name in names)
    for source in ROOT.glob("converter/*.py"):
        assert f"wqlite/converter/{source.name}" in names


def test_of_the_tools_only_what_users_run_is_installed() -> None:
    try:
        files = importlib.metadata.files("wqlite") or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("wqlite is not installed")
    rooms = {file.parts[2] for file in files if file.parts[:2] == ("wqlite", "tools")}
    assert rooms == {"commands", "evaluation"}


def test_commands_are_installed() -> None:
    try:
        entry_points = importlib.metadata.distribution("wqlite").entry_points
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("wqlite is not installed")
    commands = {entry.name: entry for entry in entry_points if entry.group == "console_scripts"}
    assert "wq_convert" in commands
    for entry in commands.values():
        assert callable(entry.load())
