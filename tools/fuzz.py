#!/usr/bin/env python3
"""Fuzzes the delegate under ASan and UBSan, each target for a while.

    tools/fuzz.py [--seconds N] [--seed N] [--keep] [TARGET...]

Targets are tests/fuzz/*_fuzzer.cc, built by CMake with WQ_BUILD_FUZZERS; two run at a time. Each
begins with its inputs in tests/fuzz/corpus; --keep puts back there some of the fewest inputs that
reach all code that was reached. The exit code is 1 where a target found something.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests/fuzz/corpus"
KEPT = 24  # inputs of a target; from them a fuzzer finds its way to all others in seconds
FOUND = "found-"  # How libFuzzer's files of inputs that found something begin.
LIMITS = (
    "-timeout=25",  # seconds for one input
    "-rss_limit_mb=2048",
    "-max_len=256",
    "-len_control=0",  # long inputs from the beginning
    "-print_final_stats=1",
)
# An allocation beyond 256 MiB fails, as on a phone: a container that a file can make so large
# ends the target, a buffer must say so.
SANITIZERS = {
    "ASAN_OPTIONS": "allocator_may_return_null=1:max_allocation_size_mb=256:quarantine_size_mb=16",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


def targets() -> list[str]:
    """The names of all targets."""
    sources = (ROOT / "tests/fuzz").glob("*_fuzzer.cc")
    return sorted(source.name.removesuffix("_fuzzer.cc") for source in sources)


def read_corpus(target: str) -> list[bytes]:
    """The inputs that are kept for a target, one a line in hexadecimal."""
    path = CORPUS / f"{target}.txt"
    return [bytes.fromhex(line) for line in path.read_text().split()] if path.exists() else []


def write_corpus(target: str, inputs: Iterable[bytes]) -> None:
    """Replaces the inputs that are kept for a target: KEPT of these at most, of all lengths."""
    CORPUS.mkdir(exist_ok=True)
    lines = sorted({data.hex() for data in inputs if data}, key=lambda line: (len(line), line))
    kept = lines[:: -(-len(lines) // KEPT) or 1]
    (CORPUS / f"{target}.txt").write_text("".join(line + "\n" for line in kept))


class Target:
    """A fuzz target of a build folder, and its inputs below the same folder.

    Args:
        build: where CMake built it.
        name: one of targets().
    """

    def __init__(self, build: Path, name: str) -> None:
        self.name = name
        self.program = build / "tests/fuzz" / f"{name}_fuzzer"
        self.folder = build / "inputs" / name
        self.inputs = self.folder / "all"

    def run(self, seconds: int, seed: int) -> bool:
        """Fuzzes, prints how it went, and returns whether nothing was found."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.inputs.mkdir(parents=True)
        for i, data in enumerate(read_corpus(self.name)):
            (self.inputs / f"corpus-{i}").write_bytes(data)
        artifacts = f"-artifact_prefix={self.folder}/{FOUND}"
        log = self._call(f"-max_total_time={seconds}", f"-seed={seed}", artifacts, self.inputs)
        found = sorted(self.folder.glob(f"{FOUND}*"))
        runs = re.search(r"number_of_executed_units: (\d+)", log)
        reached = re.findall(r"cov: (\d+)", log)
        good = not found and runs is not None
        if good and runs is not None:
            print(f"{self.name}: {runs[1]} inputs, {reached[-1]} edges reached, nothing found")
        else:
            print(f"{self.name}: FOUND\n{log[-6000:]}")
            for path in found:
                print(f"{self.name}: {path} holds {path.read_bytes().hex()}")
        sys.stdout.flush()
        return good

    def keep(self) -> None:
        """Keeps in the corpus some of the fewest inputs that reach what all of them reach."""
        fewest = self.folder / "fewest"
        fewest.mkdir()
        self._call("-set_cover_merge=1", fewest, self.inputs)
        write_corpus(self.name, (path.read_bytes() for path in fewest.iterdir()))

    def _call(self, *arguments: str | Path) -> str:
        done = subprocess.run(
            [self.program, *LIMITS, *arguments],
            env={**os.environ, **SANITIZERS},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        return done.stdout


def main() -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/asan", help="CMake's folder")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument("--seed", type=int, default=1, help="0: another one each time (default: 1)")
    parser.add_argument("--keep", action="store_true", help="update tests/fuzz/corpus")
    parser.add_argument("target", nargs="*", help="default: all of " + ", ".join(targets()))
    options = parser.parse_args()
    chosen = [Target(options.build, name) for name in options.target or targets()]
    for target in chosen:
        if not target.program.exists():
            parser.error(f"there is no {target.program}; docs/development.md says how to build it")
    with ThreadPoolExecutor(2) as pool:
        good = list(pool.map(lambda target: target.run(options.seconds, options.seed), chosen))
        if options.keep and all(good):
            list(pool.map(Target.keep, chosen))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
