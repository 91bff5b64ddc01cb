"""tools/release/deb.sh: the Debian packages say what they are, and what they hold works on ARM."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.support.environment import ROOT, require, version
from tests.support.random_layers import random_case

PROGRAM = r"""
#include <stdio.h>
#include <wqlite/delegate.h>
int main(void) {
  WqDelegateOptions options = WqDelegateOptionsDefault();
  struct TfLiteDelegate* delegate = WqDelegateCreate(&options);
  printf("%s %d %zu\n", WqDelegateVersion(), delegate != NULL, WqDelegatePlan(delegate, NULL, 0));
  WqDelegateDelete(delegate);
  options.tile = "F(9,9)";
  if (WqDelegateCreate(&options) == NULL) puts(WqDelegateLastError());
  return 0;
}
"""
# Runs one layer in the rig's tflite_runtime with the delegate and without.
INFERENCE = """
import sys
import numpy as np
from wqlite import delegate

outputs = []
for ours in (False, True):
    interpreter = delegate.interpreter(sys.argv[1], delegate=ours)
    (detail,) = interpreter.get_input_details()
    values = np.random.default_rng(0).integers(-128, 128, detail["shape"], np.int8)
    interpreter.set_tensor(detail["index"], values)
    interpreter.invoke()
    outputs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
print(delegate.library_path(), np.count_nonzero(outputs[0] != outputs[1]))
"""


@dataclass(frozen=True)
class Machine:
    """Of one architecture of Debian: its rig, its triple, and what starts programs."""

    rig: str
    triple: str
    elf: str
    runner: Sequence[str | Path]


MACHINES = {
    "armhf": Machine(
        "armv7", "arm-linux-gnueabihf", "EM_ARM", ["qemu-arm", "-L", ROOT / "build/armv7/root"]
    ),
    "arm64": Machine(
        "aarch64",
        "aarch64-linux-gnu",
        "EM_AARCH64",
        ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"],
    ),
}


def output_of(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_control(package: Path, architecture: str, library: Path) -> None:
    fields = dict(
        line.split(": ", 1)
        for line in output_of("dpkg-deb", "--field", package).splitlines()
        if not line.startswith(" ")
    )
    assert fields["Package"] == "libwq-delegate"
    assert fields["Version"] == version()
    assert fields["Architecture"] == architecture
    assert fields["Multi-Arch"] == "same"
    assert re.fullmatch(r".+ <.+@.+>", fields["Maintainer"])
    with library.open("rb") as file:
        elf = ELFFile(file)
        assert elf["e_machine"] == MACHINES[architecture].elf
        assert elf.get_section_by_name(".symtab") is None, "not stripped"
        needed = {
            tuple(map(int, auxiliary.name.removeprefix("GLIBC_").split(".")))
            for _, auxiliaries in elf.get_section_by_name(".gnu.version_r").iter_versions()
            for auxiliary in auxiliaries
        }
    assert fields["Depends"] == f"libc6 (>= {'.'.join(map(str, max(needed)))})"


def check_contents(package: Path, folder: Path, libraries: Path) -> None:
    listing = output_of("dpkg-deb", "--contents", package).splitlines()
    assert all(line.split()[1] == "root/root" for line in listing)
    assert {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} == {
        Path("include/wqlite/delegate.h"),
        libraries / "libwq_delegate.so",
        libraries / "cmake/wqlite/wqliteConfig.cmake",
        libraries / "cmake/wqlite/wqliteConfig-release.cmake",
        libraries / "cmake/wqlite/wqliteConfigVersion.cmake",
        libraries / "pkgconfig/wqlite.pc",
        Path("share/doc/libwq-delegate/changelog.gz"),
        Path("share/doc/libwq-delegate/copyright"),
    }


def check_program(machine: Machine, folder: Path, library: Path, build: Path) -> None:
    """What was unpacked to `folder` is enough to compile a program in C and run it."""
    source, program = build / "program.c", build / "program"
    source.write_text(PROGRAM)
    output_of(
        *(f"{machine.triple}-gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", source),
        *("-o", program, f"-I{folder / 'include'}", f"-L{library.parent}", "-lwq_delegate"),
    )
    search = f"LD_LIBRARY_PATH={library.parent}"
    said = output_of(*machine.runner, "-E", search, program).splitlines()
    assert said[0] == f"{version()} 1 0"
    assert said[1].startswith("option tile: 'F(9,9)' is not permitted; permitted: auto, ")


def check_inference(library: Path, folder: Path) -> None:
    """In the rig's tflite_runtime, which exists for armhf only."""
    (folder / "model.tflite").write_bytes(random_case(0).model)
    python = ("tools/rig/python", "-c", INFERENCE, folder / "model.tflite")
    said = output_of(*python, WQLITE_DELEGATE=str(library))
    assert said.split() == [str(library), "0"]


@pytest.mark.parametrize("architecture", MACHINES)
def test_package(architecture: str, tmp_path: Path) -> None:
    machine = MACHINES[architecture]
    built = ROOT / "build" / machine.rig / "cmake/delegate/libwq_delegate.so"
    require(built, f"{built}; run tools/rig/setup.sh")
    for tool in ("dpkg-deb", f"{machine.triple}-gcc", machine.runner[0]):
        require(shutil.which(tool), str(tool))
    output_of("tools/release/deb.sh", architecture)
    package = ROOT / f"build/release/libwq-delegate_{version()}_{architecture}.deb"
    output_of("dpkg-deb", "--extract", package, tmp_path / "root")
    folder, libraries = tmp_path / "root/usr", Path("lib", machine.triple)
    library = folder / libraries / "libwq_delegate.so"
    check_control(package, architecture, library)
    check_contents(package, folder, libraries)
    check_program(machine, folder, library, tmp_path)
    if architecture == "armhf":
        check_inference(library, tmp_path)


def test_an_unknown_architecture_is_refused() -> None:
    done = subprocess.run([ROOT / "tools/release/deb.sh", "amd64"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "error: usage: tools/release/deb.sh armhf|arm64\n"
