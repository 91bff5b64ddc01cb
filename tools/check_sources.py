#!/usr/bin/env python3
"""Checks that the source lists of CMake and Bazel agree with each other and with the files.

`delegate/sources.cmake` and `delegate/BUILD` hold the same lists, one for each build system, and so
do the two files in `tests/`. Which list a file belongs in follows from its name, so this script
knows what each list must be: it reports every difference, or rewrites the lists with `--fix`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Delegate's lists by the pattern of a path below delegate/; the first that matches counts.
DELEGATE_LISTS = {
    "WQ_NEON32_SOURCES": r"kernels/.*_neon32(_woven)?\.cc",
    "WQ_NEON32DOT_SOURCES": r"kernels/.*_neon32_dot(_woven)?\.cc",
    "WQ_NEON64_SOURCES": r"kernels/.*_neon64\.cc",
    "WQ_NEON64DOT_SOURCES": r"kernels/.*_neon64_dot\.cc",
    "WQ_NEON64I8MM_SOURCES": r"kernels/.*_neon64_i8mm\.cc",
    "WQ_NEON_SOURCES": r"kernels/.*_neon\.cc",
    "WQ_AVX2_SOURCES": r"kernels/.*_avx2\.cc",
    "WQ_AVX512VNNI_SOURCES": r"kernels/.*_avx512vnni\.cc",
    "WQ_TFLITE_SOURCES": r"tflite/.*",
    "WQ_JNI_SOURCES": r"android/jni/.*",
    "WQ_PUBLIC_HEADERS": r"include/.*",
    "WQ_PYTHON_SOURCES": r"python/.*",
    "WQ_CORE_SOURCES": r"(base|kernels|winograd|conv1d|plan)/[^/]*",
}
TEST_LISTS = {
    "WQ_FUZZER_SOURCES": r"fuzz/.*",
    "WQ_TEST_SOURCES": r".*_test\.cc",
    "WQ_TEST_HELPERS": r".*",
}

# A program of its own, which has build files of its own.
EXAMPLE = "example/"

# Bazel builds neither the modules for Python and Java nor the fuzz targets.
CMAKE_ONLY = {"WQ_PYTHON_SOURCES", "WQ_JNI_SOURCES", "WQ_FUZZER_SOURCES"}

Lists = dict[str, list[str]]
Spelling = Callable[[str, list[str]], str]


def lists_on_disk(folder: Path, patterns: dict[str, str]) -> tuple[Lists, list[str]]:
    """Sorts a folder's C++ files into lists; the second result is those that fit none."""
    lists: Lists = {name: [] for name in patterns}
    homeless = []
    for file in sorted(folder.rglob("*")):
        if file.suffix not in (".cc", ".h"):
            continue
        path = file.relative_to(folder).as_posix()
        if path.startswith(EXAMPLE):
            continue
        for name, pattern in patterns.items():
            if re.fullmatch(pattern, path):
                lists[name].append(path)
                break
        else:
            homeless.append(path)
    return lists, homeless


def cmake_list(name: str, files: list[str]) -> str:
    """A list as sources.cmake spells it."""
    return f"set({name}\n" + "".join(f"  {file}\n" for file in files) + ")"


def bazel_list(name: str, files: list[str]) -> str:
    """A list as a BUILD file spells it."""
    return f"{name} = [\n" + "".join(f'    "{file}",\n' for file in files) + "]"


def lists_in(text: str, names: list[str], spell: Spelling) -> Lists:
    """The named lists as they stand in a build file; a missing one is left out."""
    found: Lists = {}
    for name in names:
        match = list_pattern(name, spell).search(text)
        if match:
            found[name] = [line.strip(' ",') for line in match[1].splitlines() if line.strip()]
    return found


def with_list(text: str, name: str, files: list[str], spell: Spelling) -> str:
    """A build file with one list put right."""
    return list_pattern(name, spell).sub(lambda _: spell(name, files), text)


def list_pattern(name: str, spell: Spelling) -> re.Pattern[str]:
    """Matches a list in the given spelling, with its lines as group 1."""
    head, end = spell(name, []).rsplit("\n", 1)
    return re.compile(f"^{re.escape(head)}\n(.*?)^{re.escape(end)}$", re.MULTILINE | re.DOTALL)


def differences(file: str, found: Lists, expected: Lists) -> list[str]:
    """One sentence for each file that a list lacks, or has too many, or in the wrong place."""
    problems = []
    for name, files in expected.items():
        if name not in found:
            problems.append(f"{file}: there is no list {name}")
            continue
        problems += [f"{file}: {name} lacks {path}" for path in files if path not in found[name]]
        problems += [
            f"{file}: {name} holds {path}, which is not there or belongs in another list"
            for path in found[name]
            if path not in files
        ]
        if not problems and found[name] != files:
            problems.append(f"{file}: {name} is not in alphabetical order")
    return problems


def check(root: Path, folder: str, patterns: dict[str, str], fix: bool) -> list[str]:
    """Compares (or rewrites) the two build files of one folder; returns what is wrong."""
    expected, homeless = lists_on_disk(root / folder, patterns)
    problems = [f"{folder}/{path}: fits none of the source lists" for path in homeless]
    for file, spell, left_out in (
        ("sources.cmake", cmake_list, set()),
        ("BUILD", bazel_list, CMAKE_ONLY),
    ):
        path = root / folder / file
        wanted = {name: files for name, files in expected.items() if name not in left_out}
        text = path.read_text()
        if fix:
            for name, files in wanted.items():
                text = with_list(text, name, files, spell)
            path.write_text(text)
        problems += differences(f"{folder}/{file}", lists_in(text, list(wanted), spell), wanted)
    return problems


def main(arguments: list[str]) -> int:
    """Runs the check on this checkout; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fix", action="store_true", help="rewrite the lists after the files")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout (default: this one)")
    options = parser.parse_args(arguments)

    problems = check(options.root, "delegate", DELEGATE_LISTS, options.fix)
    problems += check(options.root, "tests", TEST_LISTS, options.fix)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("tools/check_sources.py --fix rewrites the lists", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
