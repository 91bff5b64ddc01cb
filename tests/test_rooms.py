"""The rooms of the house and the arrows between them, which all point down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Floors from the ground up, each with its rooms: folders with all that is in them. A room uses
# itself and those on the floors below it, none beside it or above.
Floors = Sequence[Sequence[str]]
CPP_FLOORS: Floors = (
    ("delegate/base",),
    ("delegate/kernels",),
    ("delegate/winograd",),
    ("delegate/conv1d",),
    ("delegate/plan",),
    ("delegate/tflite", "delegate/python"),
)
PYTHON_FLOORS: Floors = (
    ("delegate/python", "models"),
    ("converter",),
    ("tools/evaluation",),
    ("tools/rig", "tools/commands"),
    ("tools/experiments",),
)
# Where the packages lie whose imports count.
PACKAGES: Mapping[str, str] = {
    "wqlite.converter": "converter",
    "wqlite.delegate": "delegate/python",
    "wqlite.models": "models",
    "wqlite.tools.commands": "tools/commands",
    "wqlite.tools.evaluation": "tools/evaluation",
    "tools.rig": "tools/rig",
    "tools.experiments": "tools/experiments",
}

INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')


@dataclass(frozen=True)
class Use:
    """One file uses another file or a folder; paths are relative to the root."""

    file: str
    line: int
    target: str


def includes(root: Path, folder: str) -> Iterator[Use]:
    """What the C++ files below `folder` include by a path from the root."""
    for file in sorted((root / folder).rglob("*")):
        if file.suffix not in (".cc", ".h"):
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if match := INCLUDE.match(line):
                yield Use(file.relative_to(root).as_posix(), number, match[1])


def imports(root: Path, packages: Mapping[str, str]) -> Iterator[Use]:
    """What the Python files of `packages` import of them, wherever in a file that stands."""
    for package, folder in packages.items():
        for file in sorted((root / folder).rglob("*.py")):
            inside = file.relative_to(root / folder).with_suffix("").parts
            module = ".".join((package, *inside))
            for node in ast.walk(ast.parse(file.read_text())):
                for name in imported_names(node, module.removesuffix(".__init__"), file):
                    target = path_of(name, packages)
                    if target is not None:
                        assert isinstance(node, ast.stmt)
                        yield Use(file.relative_to(root).as_posix(), node.lineno, target)


def imported_names(node: ast.AST, module: str, file: Path) -> list[str]:
    """Full names of what a statement imports: "from a import b" may mean the module a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = [node.module] if node.module else []
    if node.level > 0:
        # One dot is the package that the module lies in, which an __init__ is itself.
        dots = node.level - (file.name == "__init__.py")
        parts = module.split(".")
        base = parts[: len(parts) - dots] + base
    return [".".join([*base, alias.name]) for alias in node.names]


def path_of(name: str, packages: Mapping[str, str]) -> str | None:
    """The path of a module or of something in it; None outside the packages."""
    for package, folder in packages.items():
        if name == package or name.startswith(package + "."):
            return "/".join([folder, *name.removeprefix(package).split(".")[1:]])
    return None


def broken_arrows(uses: Iterator[Use], floors: Floors) -> list[str]:
    """A sentence for each use that does not stay in its room or point down."""
    floor_of = {room: floor for floor, rooms in enumerate(floors) for room in rooms}

    def room_of(path: str) -> str | None:
        inside = [room for room in floor_of if path == room or path.startswith(room + "/")]
        return max(inside, key=len, default=None)

    broken = []
    for use in uses:
        where = f"{use.file}:{use.line}"
        room, target = room_of(use.file), room_of(use.target)
        if room is None:
            broken.append(f"{where}: {use.file} lies in no room")
        elif target is None:
            broken.append(f"{where}: {use.target}, which it uses, lies in no room")
        elif room != target and floor_of[target] >= floor_of[room]:
            broken.append(f"{where}: {room} uses {use.target}, which is not below it")
    return broken


def test_cpp_arrows_point_down() -> None:
    uses = list(includes(ROOT, "delegate"))
    rooms = {room for floor in CPP_FLOORS for room in floor}
    assert {"/".join(use.file.split("/")[:2]) for use in uses} == rooms
    assert broken_arrows(iter(uses), CPP_FLOORS) == []


def test_python_arrows_point_down() -> None:
    uses = list(imports(ROOT, PACKAGES))
    using = {room for floor in PYTHON_FLOORS for room in floor} - {"delegate/python", "models"}
    assert {room for room in using if any(use.file.startswith(f"{room}/") for use in uses)} == using
    assert broken_arrows(iter(uses), PYTHON_FLOORS) == []


def test_only_the_commands_have_flags() -> None:
    below = ("converter", "models", "tools/evaluation")
    files = [file for folder in below for file in (ROOT / folder).rglob("*.py")]
    assert files
    parsing = re.compile(r"^\s*(from|import) (absl|argparse)\b", re.MULTILINE)
    assert [file for file in files if parsing.search(file.read_text())] == []


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def test_an_include_that_points_up_is_found(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "delegate/base/a.h": '#include <vector>\n#include "delegate/base/b.h"\n',
            "delegate/base/b.h": '\n  #  include "delegate/plan/p.h"\n',
            "delegate/plan/p.h": '#include "delegate/base/a.h"\n',
            "delegate/tflite/t.cc": '#include "delegate/python/c.h"\n',
            "delegate/python/core.cc": '#include "delegate/plan/p.h"\n#include "tests/t.h"\n',
            "delegate/flat.cc": '#include "delegate/base/a.h"\n',
        },
    )
    assert broken_arrows(includes(tmp_path, "delegate"), CPP_FLOORS) == [
        "delegate/base/b.h:2: delegate/base uses delegate/plan/p.h, which is not below it",
        "delegate/flat.cc:1: delegate/flat.cc lies in no room",
        "delegate/python/core.cc:2: tests/t.h, which it uses, lies in no room",
        "delegate/tflite/t.cc:1: delegate/tflite uses delegate/python/c.h, which is not below it",
    ]


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        ("import wqlite.upper.deep", "upper/deep"),
        ("from wqlite.upper import deep", "upper/deep"),
        ("from wqlite import upper", "upper"),
        ("from ..upper import deep", "upper/deep"),
        ("from .. import upper", "upper"),
        ("def later():\n    from wqlite.upper.deep import thing", "upper/deep/thing"),
    ],
)
def test_an_import_that_points_up_is_found(statement: str, target: str, tmp_path: Path) -> None:
    packages = {"wqlite.lower": "lower", "wqlite.upper": "upper"}
    write(
        tmp_path,
        {
            "lower/__init__.py": "from . import low\nimport os",
            "lower/low.py": statement,
            "upper/deep/__init__.py": "from wqlite.lower.low import thing\nfrom .near import x",
            "upper/deep/near.py": "from .. import near",
        },
    )
    line = statement.count("\n") + 1
    assert broken_arrows(imports(tmp_path, packages), [["lower"], ["upper"]]) == [
        f"lower/low.py:{line}: lower uses {target}, which is not below it"
    ]
