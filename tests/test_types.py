"""Type hints of wqlite.delegate: what a type checker knows of it, also of the compiled module."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import wqlite
from tests.support.environment import ROOT

STUB = "delegate/python/_core.pyi"

PROGRAM = """
import numpy as np
import numpy.typing as npt

from wqlite import delegate

def run(x: npt.NDArray[np.int8], w: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    plan: delegate.Plan = delegate.plan_conv1d(w, time_steps=x.shape[1])
    names: list[str] = [tile["name"] for tile in delegate.tiles()]
    print(plan.cost + 1.0, plan.kernel.upper(), plan.proof["exact"], names, delegate.isa())
    delegate.conv1d(x, w, padding=3)  # type: ignore[arg-type]
    return delegate.conv1d(x, w, padding="valid", bias=None)

interpreter = delegate.interpreter("model.tflite", num_threads=2, log_level="info")
interpreter.invoke()
"""


def test_a_users_program_passes(tmp_path: Path) -> None:
    """Far from this checkout and its settings. --strict also wants what is ignored to be wrong."""
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_is_marked() -> None:
    assert wqlite.__file__ is not None
    assert Path(wqlite.__file__).with_name("py.typed").is_file()


def test_the_stub_is_that_of_the_module(tmp_path: Path) -> None:
    generate = [sys.executable, "-m", "nanobind.stubgen", "-m", "wqlite.delegate._core", "-o"]
    subprocess.run([*generate, tmp_path / "_core.pyi"], check=True, capture_output=True)
    generated, committed = (
        ast.unparse(ast.parse(path.read_text())) for path in (tmp_path / "_core.pyi", ROOT / STUB)
    )
    renew = f"python -m nanobind.stubgen -m wqlite.delegate._core -o {STUB}; tools/check.sh --fix"
    assert committed == generated, f"{STUB} is out of date: {renew}"
