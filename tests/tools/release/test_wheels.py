"""The wheels of tools/release/wheels.sh: each is installed where it is for, and runs there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from tests.support.environment import ROOT, require
from tests.support.random_layers import random_case

RELEASE = ROOT / "build/release"

# Prints how many bytes differ between the delegate and TFLite's kernels, and what conv1d says.
PROGRAM = """
import sys
import numpy as np
from wqlite import delegate

model, values = sys.argv[1], np.load(sys.argv[2])

def answer(**options):
    interpreter = delegate.interpreter(model, **options)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

ours, theirs = answer(strict=True), answer(delegate=False)
print(ours.size, np.count_nonzero(ours != theirs))
ones = np.ones((1, 5, 3), np.int8)
print(delegate.conv1d(ones, np.ones((2, 1, 3), np.int8)).ravel().tolist())
"""


@dataclass(frozen=True)
class Target:
    """A machine that there is a wheel for.

    elf: its name in ELF files.
    glibc: the oldest C library, 2.N, that docs/linux.md promises.
    python: makes virtual environments.
    emulator: runs programs of a virtual environment.
    environment: variables for the emulator.
    """

    name: str
    elf: str
    glibc: int
    python: Sequence[str | Path]
    emulator: Sequence[str | Path] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *command: str | Path) -> str:
        """Runs a command there without a trace of this checkout; returns what it prints."""
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run(
            [*self.emulator, *command],
            env=environment | dict(self.environment),
            cwd="/",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def emulated(machine: str, name: str, elf: str, glibc: int, triple: str) -> Target:
    """A machine of the rig, with Debian's numpy."""
    root = ROOT / "build" / machine / "root"
    libraries = root / "usr/lib" / triple
    return Target(
        name,
        elf,
        glibc,
        [root / "usr/bin/python3.11", "-m", "venv", "--system-site-packages"],
        [ROOT / "tools/rig/run"],
        {
            "WQ_RIG": machine,
            # Where Debian reaches BLAS and LAPACK through links that the root lacks.
            "QEMU_SET_ENV": f"LD_LIBRARY_PATH={libraries}/blas:{libraries}/lapack",
        },
    )


TARGETS = [
    Target("x86_64", "EM_X86_64", 35, [sys.executable, "-m", "venv"]),
    emulated("aarch64", "aarch64", "EM_AARCH64", 35, "aarch64-linux-gnu"),
    emulated("armv7", "armv7l", "EM_ARM", 34, "arm-linux-gnueabihf"),
]
each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def only(files: Sequence[Path], what: str) -> Path:
    require(files[0] if files else None, f"{what}; tools/release/wheels.sh makes it")
    assert len(files) == 1, files
    return files[0]


def wheel_for(target: Target) -> Path:
    return only(list(RELEASE.glob(f"wqlite-*_{target.name}.whl")), f"the wheel for {target.name}")


@each_target
def test_the_name_says_where_it_runs(target: Target) -> None:
    name = wheel_for(target).name
    parts = re.fullmatch(r"wqlite-[\d.]+-cp311-cp311-manylinux_2_(\d+)_(\w+)\.whl", name)
    assert parts, name
    assert parts[2] == target.name
    assert int(parts[1]) <= target.glibc


@each_target
def test_it_holds_stripped_libraries_for_that_machine(target: Target) -> None:
    with zipfile.ZipFile(wheel_for(target)) as wheel:
        names = [entry.filename for entry in wheel.infolist() if not entry.is_dir()]
        libraries = [name for name in names if name.endswith(".so")]
        assert len(libraries) == 2
        for library in libraries:
            with wheel.open(library) as file:
                elf = ELFFile(file)
                assert elf["e_machine"] == target.elf
                assert elf.get_section_by_name(".symtab") is None
    assert {"wqlite/py.typed", "wqlite/delegate/_core.pyi"} < set(names)
    suffixes = {Path(name).suffix for name in names if name.startswith("wqlite/")}
    assert suffixes <= {".keras", ".md", ".py", ".pyi", ".so", ".tflite", ".typed"}


@each_target
def test_it_installs_and_runs(target: Target, tmp_path: Path) -> None:
    wheel, wheelhouse = wheel_for(target), ROOT / "build/wheelhouse" / target.name
    require(wheelhouse, f"{wheelhouse}; run tools/release/wheelhouse.sh")
    require(target.python[0], f"{target.python[0]}; run tools/rig/setup.sh")
    environment = tmp_path / "environment"
    target.run(*target.python, "--without-pip", environment)
    python = environment / "bin/python3"
    pip = ROOT / "build/wheelhouse/pip/pip"
    install = ["install", "--no-index", "--no-compile", "--only-binary=:all:"]
    target.run(python, pip, *install, "--find-links", wheelhouse, wheel)

    (library,) = environment.glob("lib/python3.11/site-packages/wqlite/delegate/libwq_delegate.so")
    assert target.run(python, "-m", "wqlite.delegate") == f"{library}\n"
    assert "num_threads: " in target.run(python, "-m", "wqlite.delegate", "--options")

    case = next(case for case in map(random_case, range(100)) if case.layer.filter.min() > -128)
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "model.tflite").write_bytes(case.model)
    np.save(tmp_path / "input.npy", case.input)
    said = target.run(
        python, *(tmp_path / name for name in ("program.py", "model.tflite", "input.npy"))
    )
    compared, answers = said.splitlines()
    size, differing = map(int, compared.split())
    assert size > 0
    assert differing == 0
    assert answers == str([3] * 10)


def test_the_source_archive_holds_what_git_does() -> None:
    archive = only(list(RELEASE.glob("wqlite-*.tar.gz")), "the source archive")
    git = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    tracked = subprocess.run(git, capture_output=True, text=True, check=True).stdout.splitlines()
    with tarfile.open(archive) as files:
        names = {member.name.partition("/")[2] for member in files if not member.isdir()}
    assert names - {"PKG-INFO"} == {name for name in tracked if (ROOT / name).is_file()}, (
        f"{archive} is of other sources; run tools/release/wheels.sh again"
    )


def test_an_unknown_architecture_is_refused() -> None:
    script = ROOT / "tools/release/wheels.sh"
    done = subprocess.run([script, "mips"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    wanted = "error: no wheels are made for 'mips'; there are x86_64, aarch64 and armv7l\n"
    assert done.stderr == wanted
