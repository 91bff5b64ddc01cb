"""tools/android/check_library.py: each refusal really happens, on small libraries made here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.support.environment import ROOT, require
from tools.android import check_library
from tools.android.check_library import documented_exports, problems

ARM64 = "aarch64-linux-android21"
ARMV7 = "armv7a-linux-androideabi21"
X86_64 = "x86_64-linux-android21"

PAGES = {ARM64: 16384, ARMV7: 4096, X86_64: 16384}
EXPORTED = "".join(f"void {name}(void) {{}}\n" for name in sorted(documented_exports()))


def make(
    folder: Path,
    source: str = EXPORTED,
    target: str = ARM64,
    page: int = 0,
    options: tuple[str, ...] = ("-fPIC",),
) -> Path:
    """A shared library."""
    require(shutil.which("clang-19"), "clang-19; run tools/android/setup.sh")
    require(shutil.which("ld.lld-19"), "lld-19; run tools/android/setup.sh")
    (folder / "made.c").write_text(source)
    made = folder / "made.so"
    command = ["clang-19", f"--target={target}", "-O1", "-shared", "-nostdlib", "-fuse-ld=lld"]
    command += [f"-Wl,-z,max-page-size={page or PAGES[target]}", *options]
    subprocess.run([*command, str(folder / "made.c"), "-o", str(made)], check=True)
    return made


@pytest.mark.parametrize("target", PAGES)
def test_a_good_library_passes(target: str, tmp_path: Path) -> None:
    source = EXPORTED + "int strcmp(const char*, const char*); int (*used)() = strcmp;\n"
    made = make(tmp_path, source.replace("int (*used)", "static int (*used)"), target)
    assert problems(made) == []
    check_library.main(str(made))


def test_an_import_that_api_level_21_lacks(tmp_path: Path) -> None:
    source = EXPORTED + "void aligned_alloc(void); static void f(void) { aligned_alloc(); }\n"
    source += "__attribute__((used)) static void (*kept)(void) = f;\n"
    assert problems(make(tmp_path, source)) == [
        "it imports aligned_alloc, which is not in tools/android/api21.txt"
    ]


def test_a_tls_segment(tmp_path: Path) -> None:
    source = EXPORTED + "__attribute__((used)) static _Thread_local int own = 1;\n"
    (problem,) = problems(make(tmp_path, source, options=("-fPIC", "-fno-emulated-tls")))
    assert "TLS segment" in problem


def test_text_relocations(tmp_path: Path) -> None:
    source = EXPORTED + '__asm__(".text\\n.quad __dso\\n__dso:\\n");\n'
    (problem,) = problems(make(tmp_path, source, X86_64, options=("-fPIC", "-Wl,-z,notext")))
    assert "text relocations" in problem


@pytest.mark.parametrize("target", (ARM64, X86_64))
def test_small_pages_on_64_bits(target: str, tmp_path: Path) -> None:
    found = problems(make(tmp_path, target=target, page=4096))
    assert set(found) == {"a segment is aligned to 4096 bytes; it must be 16384"}


def test_exports_that_are_not_documented_or_missing(tmp_path: Path) -> None:
    source = EXPORTED.replace("JNI_OnLoad", "Java_org_wqlite_Other_call")
    assert problems(make(tmp_path, source)) == [
        "it exports Java_org_wqlite_Other_call, which is not in delegate/exports.lds",
        "it does not export JNI_OnLoad",
    ]


def test_a_library_that_not_every_android_has(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make(other).rename(tmp_path / "libc++_shared.so")
    options = ("-fPIC", "-Wl,--no-as-needed", f"-L{tmp_path}", "-l:libc++_shared.so")
    (problem,) = problems(make(tmp_path, options=options))
    assert problem.startswith("it needs libc++_shared.so; permitted: libc.so, ")


def test_a_library_that_is_too_large(tmp_path: Path) -> None:
    source = EXPORTED + "__attribute__((used)) static char data[450000] = {1};\n"
    (problem,) = problems(make(tmp_path, source, ARMV7))
    assert problem.endswith("bytes; permitted: 450000")
    assert problems(make(tmp_path, source, ARM64)) == []


def test_what_is_no_library_of_android(tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("text")
    (problem,) = problems(tmp_path / "text.so")
    assert problem.startswith("it is no library")
    (problem,) = problems(make(tmp_path, "", "riscv64-linux-android35", 4096))
    assert problem.startswith("it is for EM_RISCV; permitted: EM_ARM, ")


def test_the_command_fails_with_one_line_for_each_problem(tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("text")
    with pytest.raises(SystemExit, match=r"text\.so: it is no library"):
        check_library.main(str(tmp_path / "text.so"))


ABIS = ("armeabi-v7a", "arm64-v8a", "x86_64")
# That bionic has had them for longer is in the tables of Android's source which api21.txt names.
NOT_IN_TFLITE = {
    ("liblog.so", "__android_log_write"),
    ("libdl.so", "dladdr"),
    ("libm.so", "llround"),
    ("libc.so", "strdup"),
    ("libc.so", "sched_yield"),
}


def imports(library: Path) -> set[tuple[str, str]]:
    """(library, name); the library is empty where the import has no version."""
    with library.open("rb") as file:
        elf = ELFFile(file)
        files = {
            version["vna_other"]: needed.name
            for needed, versions in elf.get_section_by_name(".gnu.version_r").iter_versions()
            for version in versions
        }
        symbols = elf.get_section_by_name(".dynsym").iter_symbols()
        numbers = elf.get_section_by_name(".gnu.version").iter_symbols()
        return {
            (files.get(number["ndx"], ""), symbol.name)
            for symbol, number in zip(symbols, numbers, strict=True)
            if symbol["st_shndx"] == "SHN_UNDEF"
        }


def test_permitted_imports_are_those_of_tflites_own_library() -> None:
    theirs: set[tuple[str, str]] = set()
    for abi in ABIS:
        library = ROOT / "build/android" / abi / "libtensorflowlite_jni.so"
        require(library, f"{library}; run tools/rig/android/setup.sh")
        theirs |= imports(library)
    lines = [line.split() for line in check_library.IMPORTS.read_text().splitlines()]
    ours = {(line[0], line[1], line[2]) for line in lines if line[0].startswith("lib")}
    wanted = {(name if version == "LIBC" else "", symbol) for name, symbol, version in ours}
    known = {(name, symbol) for name, symbol, version in ours} & NOT_IN_TFLITE
    assert known == NOT_IN_TFLITE
    assert wanted - theirs - NOT_IN_TFLITE == {("", "__android_log_write")}


@pytest.mark.parametrize("abi", ABIS)
def test_our_libraries(abi: str) -> None:
    library = ROOT / "build/android" / abi / "libwq_delegate.so"
    require(library, f"{library}; run tools/android/build_library.sh {abi}")
    assert problems(library) == []
