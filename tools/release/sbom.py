#!/usr/bin/env python3
"""Writes the bill of materials of a release: CycloneDX, JSON.

    tools/release/sbom.py FOLDER VERSION    # FOLDER/wqlite-VERSION.cdx.json

It lists each file of FOLDER with its SHA-256, and for each what others wrote and is compiled into
it, as NOTICE says, in the versions that are installed here.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

SUFFIX = ".cdx.json"
RELEASED = (".aar", ".apk", ".deb", ".gz", ".whl", ".zip")
"""Of the names of files that a release hands out."""

TFLITE = "2.16.1"
"""What the sample app brings along."""

LIBSTDCXX = {
    "libstdc++-12-dev": r"_x86_64\.whl$",
    "libstdc++-12-dev-armhf-cross": r"_armv7l\.whl$|_armhf\.deb$",
    "libstdc++-12-dev-arm64-cross": r"_aarch64\.whl$|_arm64\.deb$",
}
"""Debian's packages of the C++ library for Linux, and the files that contain it."""


class ReleaseError(Exception):
    """What is wrong with the files of a release, in one sentence."""


@dataclass(frozen=True)
class Part:
    """What others wrote and our files contain.

    pattern: of the names of the files that contain it.
    """

    name: str
    version: str
    license: str
    purl: PackageURL
    pattern: str


def parts() -> list[Part]:
    """All that others wrote, with the versions at hand."""
    zig = _zig_version()
    nanobind = importlib.metadata.version("nanobind")
    android = r"\.(aar|apk)$|-maven\.zip$"
    llvm = "Apache-2.0 WITH LLVM-exception"
    # nanobind and ziglang are Python packages that bring C++ sources along.
    from_nanobind = PackageURL("pypi", name="nanobind", version=nanobind)
    from_zig = PackageURL("pypi", name="ziglang", version=zig)
    return [
        *(_libstdcxx(package, pattern) for package, pattern in LIBSTDCXX.items()),
        Part("libc++", zig, llvm, from_zig, android),
        Part("compiler_rt", zig, "MIT", from_zig, android),
        _compiler_rt_of_clang(llvm, android),
        Part("nanobind", nanobind, "BSD-3-Clause", from_nanobind, r"\.whl$"),
        Part("tsl::robin_map", nanobind, "MIT", from_nanobind, r"\.whl$"),
        Part(
            "tensorflow-lite",
            TFLITE,
            "Apache-2.0",
            PackageURL("maven", "org.tensorflow", "tensorflow-lite", TFLITE),
            r"\.apk$",
        ),
    ]


def _libstdcxx(package: str, pattern: str) -> Part:
    version = _debian_version(package)
    return Part(
        "libstdc++",
        version,
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        _debian(package, version),
        pattern,
    )


def _compiler_rt_of_clang(license: str, pattern: str) -> Part:
    package = "libclang-rt-19-dev"
    version = _debian_version(package)
    return Part("compiler-rt", version, license, _debian(package, version), pattern)


def bill(files: Sequence[Path], version: str, contained: Sequence[Part]) -> str:
    """The bill of materials as JSON.

    Raises:
        ReleaseError: it does not follow the CycloneDX schema.
    """
    licenses = LicenseFactory()
    bom = Bom()
    product = Component(
        name="wqlite",
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref="wqlite",
        licenses=[licenses.make_from_string("Apache-2.0")],
    )
    bom.metadata.component = product
    components: Mapping[Part, Component] = {
        part: Component(
            name=part.name,
            version=part.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{part.purl}#{part.name}",
            purl=part.purl,
            licenses=[licenses.make_from_string(part.license)],
        )
        for part in contained
    }
    for component in components.values():
        bom.components.add(component)
    for path in files:
        file = Component(
            name=path.name,
            version=version,
            type=ComponentType.FILE,
            bom_ref=path.name,
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=_sha256(path))],
        )
        bom.components.add(file)
        bom.register_dependency(product, [file])
        inside = [components[part] for part in contained if re.search(part.pattern, path.name)]
        bom.register_dependency(file, inside)
    output = JsonV1Dot6(bom)
    text = output.output_as_string(indent=2)
    error = JsonStrictValidator(output.schema_version).validate_str(text)
    if error is not None:
        raise ReleaseError(f"the bill of materials is not CycloneDX: {error}")
    return text


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _debian(package: str, version: str) -> PackageURL:
    return PackageURL("deb", namespace="debian", name=package, version=version)


def _debian_version(package: str) -> str:
    query = ["dpkg-query", "--show", "--showformat=${Version}", package]
    result = subprocess.run(query, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ReleaseError(f"the Debian package {package} is not installed; run tools/setup.sh")
    return result.stdout


def _zig_version() -> str:
    """Of the package that tools/android/setup.sh pins."""
    setup = Path(__file__).resolve().parents[1] / "android/setup.sh"
    match = re.search(r"^zig=([0-9.]+)", setup.read_text(), re.MULTILINE)
    if match is None:
        raise ReleaseError(f"{setup} does not say which ziglang it installs")
    return match[1]


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    if len(arguments) != 2:
        print("usage: tools/release/sbom.py FOLDER VERSION", file=sys.stderr)
        return 2
    folder, version = Path(arguments[0]), arguments[1]
    try:
        files = sorted(
            path for path in folder.iterdir() if path.is_file() and path.suffix in RELEASED
        )
        if not files:
            raise ReleaseError(f"{folder} holds no file of a release; run tools/release.sh")
        text = bill(files, version, parts())
        Path(folder, f"wqlite-{version}{SUFFIX}").write_text(text + "\n")
    except (OSError, ReleaseError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
