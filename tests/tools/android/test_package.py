"""The Android archive and the Maven folder, as tools/android/package.py packs them."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.environment import ROOT, require
from tools.android import package
from tools.android.check_library import problems

VERSION = "12.3.4"
LIBRARIES = [f"jni/{abi}/{package.LIBRARY}" for abi in package.ABIS]
PREFAB = "prefab/modules/wq_delegate"


def folder(path: Path) -> Path:
    """`path`, with the archive and the Maven folder in it."""
    for built in ("java/classes.jar", *(f"{abi}/{package.LIBRARY}" for abi in package.ABIS)):
        require(package.BUILD / built, f"{package.BUILD / built}; run tools/android/build_aar.sh")
    path.mkdir()
    package.write(VERSION, path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder(tmp_path_factory.mktemp("package") / "made")


@pytest.fixture
def aar(made: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(made / f"wqlite-{VERSION}.aar")


def test_it_holds_what_an_archive_for_android_must(aar: zipfile.ZipFile) -> None:
    assert aar.testzip() is None
    assert {name for name in aar.namelist() if not name.startswith("prefab/")} == {
        "AndroidManifest.xml",
        "LICENSE",
        "NOTICE",
        "THIRD_PARTY_LICENSES",
        "R.txt",
        "classes.jar",
        "proguard.txt",
        *LIBRARIES,
    }


def test_manifest(aar: zipfile.ZipFile) -> None:
    root = ElementTree.fromstring(aar.read("AndroidManifest.xml"))
    assert root.get("package") == "org.wqlite"
    uses = root.find("uses-sdk")
    android = "{http://schemas.android.com/apk/res/android}"
    assert uses is not None and uses.get(f"{android}minSdkVersion") == "21"


def test_classes(aar: zipfile.ZipFile) -> None:
    classes = zipfile.ZipFile(io.BytesIO(aar.read("classes.jar")))
    names = [name for name in classes.namelist() if name.endswith(".class")]
    assert {"org/wqlite/WqDelegate.class", "org/wqlite/WqDelegateFactory.class"} <= set(names)
    assert all(name.startswith("org/wqlite/") for name in names)
    java_8 = 52
    assert {int.from_bytes(classes.read(name)[6:8], "big") for name in names} == {java_8}


def test_rules_for_proguard_name_classes_that_are_there(aar: zipfile.ZipFile) -> None:
    classes = zipfile.ZipFile(io.BytesIO(aar.read("classes.jar"))).namelist()
    kept = re.findall(r"^-keep class (\S+)", aar.read("proguard.txt").decode(), re.M)
    assert kept
    assert {name.replace(".", "/") + ".class" for name in kept} <= set(classes)


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_load_on_every_android(name: str, aar: zipfile.ZipFile, tmp_path: Path) -> None:
    assert problems(Path(aar.extract(name, tmp_path))) == []


def test_prefab_package(aar: zipfile.ZipFile) -> None:
    about = json.loads(aar.read("prefab/prefab.json"))
    assert about["schema_version"] == 2
    assert (about["name"], about["version"]) == ("wqlite", VERSION)
    assert json.loads(aar.read(f"{PREFAB}/module.json"))["export_libraries"] == []
    header = aar.read(f"{PREFAB}/include/wqlite/delegate.h")
    assert header == (ROOT / "delegate/include/wqlite/delegate.h").read_bytes()
    for abi, library in zip(package.ABIS, LIBRARIES, strict=True):
        libs = f"{PREFAB}/libs/android.{abi}"
        assert json.loads(aar.read(f"{libs}/abi.json"))["abi"] == abi
        assert aar.read(f"{libs}/{package.LIBRARY}") == aar.read(library)


@pytest.mark.parametrize(
    ("abi", "target"),
    [
        ("armeabi-v7a", "armv7a-linux-androideabi21"),
        ("arm64-v8a", "aarch64-linux-android21"),
        ("x86_64", "x86_64-linux-android21"),
    ],
)
def test_c_code_links_with_the_prefab_package(
    abi: str, target: str, aar: zipfile.ZipFile, tmp_path: Path
) -> None:
    require(shutil.which("clang-19"), "clang-19; run tools/android/setup.sh")
    aar.extractall(tmp_path)
    source = tmp_path / "use.c"
    source.write_text(
        "#include <wqlite/delegate.h>\n"
        "void* use(void) {\n"
        "  WqDelegateOptions options = WqDelegateOptionsDefault();\n"
        "  return WqDelegateCreate(&options);\n"
        "}\n"
    )
    command = ["clang-19", f"--target={target}", "-ffreestanding", "-fPIC", "-Werror", "-shared"]
    command += ["-nostdlib", "-nostdlibinc", "-fuse-ld=lld", "-Wl,--no-undefined"]
    command += ["-Wl,--allow-shlib-undefined", f"-I{tmp_path / PREFAB / 'include'}", str(source)]
    command += [str(tmp_path / PREFAB / f"libs/android.{abi}" / package.LIBRARY)]
    subprocess.run([*command, "-o", str(tmp_path / "use.so")], check=True)


def test_the_same_bytes_whenever_it_is_made(made: Path, tmp_path: Path) -> None:
    again = folder(tmp_path / "again")
    files = [path.relative_to(made) for path in made.rglob("*") if path.is_file()]
    assert len(files) == len([path for path in again.rglob("*") if path.is_file()])
    assert all((made / file).read_bytes() == (again / file).read_bytes() for file in files)


def test_every_file_of_the_maven_folder_has_its_checksums(made: Path) -> None:
    files = {path for path in (made / "maven").rglob("*") if path.is_file()}
    kinds = {f".{kind}" for kind in ("md5", "sha1", "sha256", "sha512")}
    plain = {path for path in files if path.suffix not in kinds}
    assert {path.name for path in plain} == {
        "maven-metadata.xml",
        *(f"wqlite-{VERSION}{end}" for end in (".aar", ".pom", "-sources.jar", "-javadoc.jar")),
    }
    for path in plain:
        for kind in kinds:
            expected = hashlib.new(kind[1:], path.read_bytes()).hexdigest()
            assert Path(f"{path}{kind}").read_text() == expected
    assert len(files) == len(plain) * (1 + len(kinds))


def local_repository(path: Path) -> Path:
    """Maven's own folder of what it has fetched, with nothing of ours and open to be written."""
    fetched = Path.home() / ".m2/repository"
    (path / "org").mkdir(parents=True)
    for source in (*fetched.glob("*"), *fetched.glob("org/*")):
        link = path / source.relative_to(fetched)
        if source.name != "wqlite" and not link.exists():
            link.symlink_to(source)
    return path


def test_maven_takes_it_from_the_folder(made: Path, tmp_path: Path) -> None:
    require(shutil.which("mvn"), "Maven; run tools/setup.sh --tests")
    repository = local_repository(tmp_path / "repository")
    command = ["mvn", "--offline", "--quiet", "--batch-mode", f"-Dmaven.repo.local={repository}"]
    command += ["-Daether.offline.protocols=file", "--strict-checksums"]
    command += ["org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get"]
    command += [f"-Dartifact=org.wqlite:wqlite:{VERSION}:aar"]
    command += [f"-DremoteRepositories={(made / 'maven').as_uri()}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    taken = repository / "org/wqlite/wqlite" / VERSION / f"wqlite-{VERSION}.aar"
    assert taken.read_bytes() == (made / f"wqlite-{VERSION}.aar").read_bytes()
