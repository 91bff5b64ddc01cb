"""docs/api.md lists what is public, all of it and nothing else."""

from __future__ import annotations

import importlib
import re

import pytest

from tests.support.environment import ROOT

PACKAGES = (
    "wqlite.delegate",
    "wqlite.converter",
    "wqlite.converter.rsq",
    "wqlite.converter.training",
    "wqlite.models.corpus",
)
ROW = re.compile(r"\| (?P<way>[^|]+) \| (?P<public>[^|]+) \|")
CODE = re.compile(r"`([^`]+)`")


def listed(way: str) -> set[str]:
    """The names in the row of docs/api.md for a way in."""
    rows = [
        match["public"]
        for match in ROW.finditer((ROOT / "docs/api.md").read_text())
        if match["way"] == way
    ]
    assert len(rows) == 1, f"docs/api.md has {len(rows)} rows for {way}"
    return set(CODE.findall(rows[0]))


@pytest.mark.parametrize("package", PACKAGES)
def test_python_packages(package: str) -> None:
    assert listed(f"Python: `{package}`") == set(importlib.import_module(package).__all__)


def test_java_classes() -> None:
    sources = (ROOT / "delegate/android/java/org/wqlite").glob("*.java")
    declared = re.compile(r"^public (?:final )?(?:class|enum|interface) (\w+)", re.MULTILINE)
    public = {match[1] for path in sources for match in declared.finditer(path.read_text())}
    assert listed("Java, Kotlin") - {"org.wqlite"} == public


def test_c_functions_and_types() -> None:
    header = (ROOT / "delegate/include/wqlite/delegate.h").read_text()
    code = re.sub(r"//.*|/\*.*?\*/", "", header, flags=re.DOTALL if "/*" in header else 0)
    declared = set(re.findall(r"\bWq\w+", code))
    assert {name for name in listed("C and C++") if name.startswith("Wq")} == declared


def test_commands() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    scripts = set(re.findall(r'^(wq_\w+) = "', project, re.MULTILINE))
    assert {name for name in listed("commands") if name.startswith("wq_")} == scripts
