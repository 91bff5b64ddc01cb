"""tools/check_sources.py finds every way in which the source lists can be wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = ROOT / "tools/check_sources.py"
    command = [sys.executable, str(script), "--root", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The build files of this checkout, put right, beside empty copies of its sources."""
    for folder in ("delegate", "tests"):
        for file in ("sources.cmake", "BUILD"):
            (tmp_path / folder).mkdir(exist_ok=True)
            shutil.copy(ROOT / folder / file, tmp_path / folder / file)
        for source in (ROOT / folder).rglob("*"):
            if source.suffix in (".cc", ".h"):
                copy = tmp_path / source.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.touch()
    assert run(tmp_path, "--fix").returncode == 0
    return tmp_path


def test_right_lists_pass(checkout: Path) -> None:
    done = run(checkout)
    assert (done.returncode, done.stderr) == (0, "")


def test_new_file_is_missed_by_both_lists(checkout: Path) -> None:
    (checkout / "delegate/kernels/gemm_u4_avx2.cc").touch()
    done = run(checkout)
    assert done.returncode == 1
    assert "delegate/sources.cmake: WQ_AVX2_SOURCES lacks kernels/gemm_u4_avx2.cc" in done.stderr
    assert "delegate/BUILD: WQ_AVX2_SOURCES lacks kernels/gemm_u4_avx2.cc" in done.stderr


def test_removed_file_is_still_listed(checkout: Path) -> None:
    (checkout / "delegate/base/status.h").unlink()
    done = run(checkout)
    assert done.returncode == 1
    assert "delegate/BUILD: WQ_CORE_SOURCES holds base/status.h" in done.stderr


def test_file_in_one_list_only(checkout: Path) -> None:
    build = checkout / "delegate/BUILD"
    build.write_text(build.read_text().replace('    "base/status.h",\n', ""))
    done = run(checkout)
    assert done.returncode == 1
    assert "delegate/BUILD: WQ_CORE_SOURCES lacks base/status.h" in done.stderr
    assert "delegate/sources.cmake" not in done.stderr


def test_file_that_belongs_nowhere(checkout: Path) -> None:
    (checkout / "delegate/attic").mkdir()
    (checkout / "delegate/attic/old.cc").touch()
    done = run(checkout)
    assert done.returncode == 1
    assert "delegate/attic/old.cc: fits none of the source lists" in done.stderr


def test_list_that_is_gone(checkout: Path) -> None:
    build = checkout / "tests/BUILD"
    build.write_text(build.read_text().replace("WQ_TEST_HELPERS = [", "OTHER = ["))
    done = run(checkout)
    assert done.returncode == 1
    assert "tests/BUILD: there is no list WQ_TEST_HELPERS" in done.stderr


def test_fix_rewrites_lists_in_order(checkout: Path) -> None:
    before = (checkout / "delegate/BUILD").read_text()
    (checkout / "delegate/base/aaa.cc").touch()
    (checkout / "tests/delegate/aaa_test.cc").touch()
    assert run(checkout, "--fix").returncode == 0
    assert run(checkout).returncode == 0
    after = (checkout / "delegate/BUILD").read_text()
    assert after == before.replace("SOURCES = [\n", 'SOURCES = [\n    "base/aaa.cc",\n', 1)
    assert '    "delegate/aaa_test.cc",\n' in (checkout / "tests/BUILD").read_text()
