"""Packs what build_aar.sh has built: the Android archive (AAR) and a Maven folder with it.

    package.py VERSION

Reads the libraries, Java archives and licences of the checkout, and writes
build/android/wqlite-VERSION.aar and build/android/maven. The same input gives the same bytes.

The layout of an archive is that of Android's "Anatomy of an AAR file"; the one of its folder
prefab, by which C and C++ find the library, that of Google's prefab (schema 2).
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/android"
ABIS = ("armeabi-v7a", "arm64-v8a", "x86_64")
API_LEVEL = 21
GROUP = "org.wqlite"
ARTIFACT = "wqlite"
MODULE = "wq_delegate"
LIBRARY = f"lib{MODULE}.so"

_EPOCH = (1980, 1, 1, 0, 0, 0)
_CHECKSUMS = ("md5", "sha1", "sha256", "sha512")

_MANIFEST = f"""<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="{GROUP}">
  <uses-sdk android:minSdkVersion="{API_LEVEL}" />
</manifest>
"""

_POM = """<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd">
  <modelVersion>4.0.0</modelVersion>
  <groupId>{group}</groupId>
  <artifactId>{artifact}</artifactId>
  <version>{version}</version>
  <packaging>aar</packaging>
  <name>wqlite</name>
  <description>Fast INT8 1-D convolutions for TensorFlow Lite, as a delegate</description>
  <licenses>
    <license>
      <name>Apache-2.0</name>
      <url>https://www.apache.org/licenses/LICENSE-2.0.txt</url>
    </license>
  </licenses>
</project>
"""

# The time is none: a folder that is made again has the same bytes.
_METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <groupId>{group}</groupId>
  <artifactId>{artifact}</artifactId>
  <versioning>
    <latest>{version}</latest>
    <release>{version}</release>
    <versions>
      <version>{version}</version>
    </versions>
    <lastUpdated>19800101000000</lastUpdated>
  </versioning>
</metadata>
"""


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def prefab_files(version: str) -> dict[str, bytes]:
    """The folder prefab: the C header, and the library for each ABI."""
    module = f"prefab/modules/{MODULE}"
    files = {
        "prefab/prefab.json": _json(
            {"schema_version": 2, "name": ARTIFACT, "version": version, "dependencies": []}
        ),
        f"{module}/module.json": _json({"export_libraries": [], "library_name": None}),
    }
    include = ROOT / "delegate/include"
    for header in include.rglob("*.h"):
        files[f"{module}/include/{header.relative_to(include)}"] = header.read_bytes()
    for abi in ABIS:
        folder = f"{module}/libs/android.{abi}"
        # Its interface is C: it goes together with any C++ library.
        about = {"abi": abi, "api": API_LEVEL, "ndk": 21, "stl": "none", "static": False}
        files[f"{folder}/abi.json"] = _json(about)
        files[f"{folder}/{LIBRARY}"] = (BUILD / abi / LIBRARY).read_bytes()
    return files


def aar_files(version: str) -> dict[str, bytes]:
    """Everything in the archive."""
    libraries = {f"jni/{abi}/{LIBRARY}": (BUILD / abi / LIBRARY).read_bytes() for abi in ABIS}
    return {
        "AndroidManifest.xml": _MANIFEST.encode(),
        "classes.jar": (BUILD / "java/classes.jar").read_bytes(),
        "R.txt": b"",  # it has no resources
        "proguard.txt": (ROOT / "delegate/android/proguard.txt").read_bytes(),
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        "NOTICE": (ROOT / "NOTICE").read_bytes(),
        "THIRD_PARTY_LICENSES": (ROOT / "THIRD_PARTY_LICENSES").read_bytes(),
        **libraries,
        **prefab_files(version),
    }


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip archive, without times and in alphabetical order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, files[name])
    return packed.getvalue()


def maven_files(version: str, aar: bytes) -> dict[str, bytes]:
    """A Maven repository with this one version, as Gradle and Maven read it."""
    names = {"group": GROUP, "artifact": ARTIFACT, "version": version}
    folder = f"{GROUP.replace('.', '/')}/{ARTIFACT}"
    file = f"{folder}/{version}/{ARTIFACT}-{version}"
    files = {
        f"{folder}/maven-metadata.xml": _METADATA.format(**names).encode(),
        f"{file}.aar": aar,
        f"{file}.pom": _POM.format(**names).encode(),
        f"{file}-sources.jar": (BUILD / "java/sources.jar").read_bytes(),
        f"{file}-javadoc.jar": (BUILD / "java/javadoc.jar").read_bytes(),
    }
    checksums = {
        f"{name}.{kind}": hashlib.new(kind, data).hexdigest().encode()
        for name, data in files.items()
        for kind in _CHECKSUMS
    }
    return files | checksums


def write(version: str, folder: Path) -> None:
    """Writes wqlite-VERSION.aar and the folder maven, in place of one from before.

    Raises:
        OSError: a file that goes into the archive is missing, or one cannot be written.
    """
    aar = archive(aar_files(version))
    (folder / f"{ARTIFACT}-{version}.aar").write_bytes(aar)
    shutil.rmtree(folder / "maven", ignore_errors=True)
    for name, data in maven_files(version, aar).items():
        path = folder / "maven" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def main(version: str) -> None:
    """See the module."""
    try:
        write(version, BUILD)
    except OSError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
