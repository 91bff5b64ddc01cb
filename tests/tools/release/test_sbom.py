"""The bill of materials of a release (tools/release/sbom.py)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from packageurl import PackageURL

from tools.release import sbom

PARTS = [
    sbom.Part("gmp", "6.2", "LGPL-3.0", PackageURL("deb", "debian", "gmp", "6.2"), r"\.whl$"),
    sbom.Part("zlib", "1.3", "Zlib", PackageURL("generic", name="zlib", version="1.3"), r"\.deb$"),
]


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "wqlite-1.2.3-py3-none-any.whl"
    path.write_bytes(b"content")
    return path


def test_each_file_is_listed_with_its_hash_and_with_what_it_contains(wheel: Path) -> None:
    bom = json.loads(sbom.bill([wheel], "1.2.3", PARTS))
    assert bom["bomFormat"] == "CycloneDX"
    assert bom["metadata"]["component"]["version"] == "1.2.3"
    (file,) = (part for part in bom["components"] if part["type"] == "file")
    assert file["name"] == wheel.name
    assert file["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"content").hexdigest()}]
    inside = {entry["ref"]: entry.get("dependsOn", []) for entry in bom["dependencies"]}
    assert inside[wheel.name] == ["pkg:deb/debian/gmp@6.2#gmp"]
    assert inside["wqlite"] == [wheel.name]


def test_notice_names_all_that_is_compiled_in() -> None:
    notice = (Path(__file__).parents[3] / "NOTICE").read_text().lower()
    compiled_in = [part for part in sbom.parts() if part.name != "tensorflow-lite"]
    assert compiled_in
    for part in compiled_in:
        assert part.name in notice
        assert part.license.lower() in notice


def test_a_folder_without_files_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sbom.main([str(tmp_path), "1.2.3"]) == 1
    assert f"{tmp_path} holds no file of a release" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
