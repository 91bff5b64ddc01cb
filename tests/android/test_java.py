"""The Java part of the Android archive, by this machine's Java in Android's TensorFlow Lite."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.support import matrix, random_unary
from tests.support.conv_model import ConvLayer, ModelBuilder, Quantisation, schema
from tests.support.corpus import Entry
from tests.support.environment import ROOT, require
from tests.support.random_layers import random_case
from tests.support.random_rsq import random_rsq_case
from wqlite import delegate

JAVA = ROOT / "build/android/java"
# Both libraries as they are on a phone, and what they need of Android (tools/rig/android).
ANDROID = ROOT / "build/android/x86_64"
TFLITE = ANDROID / "libtensorflowlite_jni.so"
LIBRARY = ANDROID / "libwq_delegate.so"
CLASSES = [JAVA / "classes.jar", JAVA / "lib/tensorflow-lite-api.jar"]
RUNTIME = JAVA / "tensorflow-lite.jar"
TESTS = JAVA / "tests.jar"
JUNIT = JAVA / "lib/junit-platform-console-standalone.jar"

CHANNELS = (6, 8, 5)
NAMES = ("\u00e9\U0001f600".encode(), b"conv\xff")
# A heap that does not grow, so that what grows is native memory.
HEAP = ("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC")
# What is freed is overwritten at once, so that whoever reads it crashes.
TUNABLES = "glibc.malloc.tcache_count=0:glibc.malloc.perturb=165"

BAD_OPTIONS = (
    ("num_treads", "2"),
    ("num_threads", "65"),
    ("algorithm", "fastest"),
    ("tile", "F(9,9)"),
    ("core", "fast"),
    ("rounding", "up"),
    ("rounding_one_step", "even"),
    ("verify", "true"),
    ("override", "0=fast"),
    ("log_level", "loud"),
    ("memory_budget_mb", "-1"),
    ("strict", "maybe"),
)


def java(
    *arguments: str | Path,
    class_path: Iterable[Path] = (*CLASSES, RUNTIME, TESTS, JUNIT),
    libraries: Path = ANDROID,
    flags: Iterable[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Runs a class of the tests."""
    for path in (TESTS, JUNIT, TFLITE, LIBRARY):
        require(path, f"{path}; run tools/setup.sh --tests")
    return subprocess.run(
        [
            "java",
            "-XX:+ErrorFileToStderr",  # of a crash
            "-XX:TieredStopAtLevel=1",  # it costs more to compile what runs for seconds well
            *flags,
            f"-Djava.library.path={libraries}",
            "-cp",
            ":".join(map(str, class_path)),
            *arguments,
        ],
        env=os.environ | {"LD_LIBRARY_PATH": str(ANDROID), "GLIBC_TUNABLES": TUNABLES},
        capture_output=True,
        text=True,
    )


def conv_layer(rng: np.random.Generator, inner: int, outer: int) -> ConvLayer:
    return ConvLayer(
        filter=rng.integers(-127, 128, [outer, 5, inner], np.int8),
        bias=rng.integers(-1000, 1000, [outer], np.int32),
        filter_scale=rng.uniform(0.001, 0.01, outer).astype(np.float32),
        output=Quantisation(0.05, 3),
    )


def chain() -> bytes:
    """A padding, which XNNPACK takes, and convolutions with tables, which the delegate takes.

    One has a name that Java spells otherwise than UTF-8, the other one that is not UTF-8.
    """
    rng = np.random.default_rng(0)
    builder = ModelBuilder()
    source = builder.input([1, 1, 16, CHANNELS[0]], Quantisation(0.05, -2))
    tensor = builder.tensor("pad", [1, 1, 18, CHANNELS[0]], source.quantisation)
    padding = builder.constant("padding", np.array([[0, 0], [0, 0], [1, 1], [0, 0]], np.int32))
    builder.operator("PAD", [source.index, padding], [tensor], "PadOptions", schema.PadOptionsT())
    for (inner, outer), name in zip(itertools.pairwise(CHANNELS), NAMES, strict=True):
        tensor = builder.conv(tensor, conv_layer(rng, inner, outer))
        builder.graph.tensors[tensor.index].name = name
        tensor = builder.leaky_relu(tensor)
    return builder.build(tensor)


def float_model() -> bytes:
    """A convolution in float."""
    rng = np.random.default_rng(1)
    builder = ModelBuilder()
    source = builder.tensor("input", [1, 1, 16, 4], Quantisation(0), "FLOAT32")
    builder.graph.inputs.append(source.index)
    output = builder.tensor("output", [1, 1, 16, 8], Quantisation(0), "FLOAT32")
    inputs = [
        source.index,
        builder.constant("filter", rng.normal(size=[8, 1, 3, 4]).astype(np.float32)),
        builder.constant("bias", rng.normal(size=[8]).astype(np.float32)),
    ]
    options = schema.Conv2DOptionsT()
    options.padding = schema.Padding.SAME
    options.strideW = options.strideH = 1
    builder.operator("CONV_2D", inputs, [output], "Conv2DOptions", options)
    return builder.build(output)


def refusal(name: str, value: str) -> str:
    """The sentence by which the library refuses an option, in Python."""
    with pytest.raises(delegate.DelegateError) as error:
        delegate.load(**{name: value})
    return str(error.value)


def test_java(tmp_path: Path) -> None:
    """tests/android/java."""
    (tmp_path / "chain.tflite").write_bytes(chain())
    (tmp_path / "float.tflite").write_bytes(float_model())
    rows = ["\t".join([name, value, refusal(name, value)]) for name, value in BAD_OPTIONS]
    (tmp_path / "refusals").write_text("\n".join(rows))
    done = java(
        f"-Dwqlite.tests={tmp_path}",
        "org.junit.platform.console.ConsoleLauncher",
        "execute",
        "--disable-banner",
        "--disable-ansi-colors",
        "--fail-if-no-tests",
        "--details=summary",
        "--scan-class-path",
        TESTS,
        flags=(*HEAP, "-Xcheck:jni"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # XNNPACK took what the delegate left where it was on.
    assert "1 out of 2 node(s) with delegate (TfLiteXNNPackDelegate)" in done.stderr
    # Where the warnings of -Xcheck:jni come from; TensorFlow Lite earns some.
    assert "at org.wqlite.NativeDelegate." not in done.stdout, done.stdout


def test_closing_frees_native_memory() -> None:
    """A delegate takes some hundred bytes."""
    times = 30_000
    done = java("org.wqlite.CreateAndClose", str(times), flags=(*HEAP, "-Xint"))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100 * times


@dataclass(frozen=True)
class Lack:
    """An application in which the delegate cannot run, and what the exception says."""

    sentence: str
    libraries: tuple[Path, ...] = (TFLITE, LIBRARY)
    class_path: tuple[Path, ...] = (*CLASSES, RUNTIME, TESTS)


NO_LIBRARY = "libwq_delegate.so cannot be loaded on this device"
OTHER_LIBRARY = "libwq_delegate.so is not the one of this archive"
NO_TFLITE = "the application has no TensorFlow Lite of its own; add org.tensorflow:tensorflow-lite:"
LACKS = {
    "library": Lack(NO_LIBRARY, libraries=(TFLITE,)),
    "library for this ABI": Lack(
        NO_LIBRARY, libraries=(TFLITE, ROOT / "build/android/armeabi-v7a/libwq_delegate.so")
    ),
    "Java part of the library": Lack(
        OTHER_LIBRARY, libraries=(TFLITE, ROOT / "build/host/delegate/libwq_delegate.so")
    ),
    "library of TensorFlow Lite": Lack(NO_TFLITE, libraries=(LIBRARY,)),
    "TensorFlow Lite but for its interfaces": Lack(NO_TFLITE, class_path=(*CLASSES, TESTS)),
}


@pytest.mark.parametrize("lack", LACKS.values(), ids=LACKS.keys())
def test_what_is_missing_is_said_in_one_sentence(lack: Lack, tmp_path: Path) -> None:
    for library in lack.libraries:
        require(library, f"{library}; run tools/setup.sh --tests")
        (tmp_path / library.name).symlink_to(library)
    done = java("org.wqlite.TryDelegate", class_path=lack.class_path, libraries=tmp_path)
    assert done.returncode == 0, done.stderr
    supported, refused = done.stdout.splitlines()
    assert supported == "supported: false"
    assert refused.startswith(f"org.wqlite.WqUnavailableException: wqlite: {lack.sentence}")


def test_old_tensorflow_lite_is_refused(tmp_path: Path) -> None:
    """One that only says that it is old."""
    source = tmp_path / "TensorFlowLite.java"
    source.write_text(
        "package org.tensorflow.lite; public final class TensorFlowLite {"
        ' public static String runtimeVersion() { return "2.13.0"; } }'
    )
    subprocess.run(["javac", "-d", tmp_path, source], check=True)
    done = java("org.wqlite.TryDelegate", class_path=[tmp_path, *CLASSES, TESTS])
    assert done.returncode == 0, done.stderr
    supported, refused = done.stdout.splitlines()
    assert supported == "supported: false"
    assert "TensorFlow Lite 2.13.0 is too old; depend on" in refused


def test_r8_keeps_what_the_library_looks_up() -> None:
    glue = (ROOT / "delegate/android/jni/native_delegate.cc").read_text()
    found = re.findall(r'FindClass\("(org/wqlite/\w+)"\)', glue)
    rules = (ROOT / "delegate/android/proguard.txt").read_text()
    kept = re.findall(r"^-keep class ([\w.]+) \{\n  native <methods>;\n\}", rules, re.MULTILINE)
    assert kept == [name.replace("/", ".") for name in found] != []


def test_examples_of_the_guide_compile(tmp_path: Path) -> None:
    examples = re.findall(r"```java\n(.*?)```", (ROOT / "docs/android.md").read_text(), re.DOTALL)
    assert len(examples) >= 2
    sources = []
    for example in examples:
        name = re.search(r"^(?:public )?final class (\w+)", example, re.MULTILINE)
        assert name
        sources.append(tmp_path / f"{name[1]}.java")
        sources[-1].write_text(example)
    class_path = ":".join(map(str, (*CLASSES, RUNTIME)))
    subprocess.run(
        ["javac", "-Xlint:all", "-Werror", "-cp", class_path, "-d", tmp_path, *sources], check=True
    )


def test_same_bytes_as_in_c(tmp_path: Path) -> None:
    """As the C interface of the same library gives, which are those of the built-in kernels."""
    cases = [*map(random_case, range(80)), *map(random_rsq_case, range(10))]
    entries = [Entry(str(case), case.model, case.input) for case in cases]
    for code in random_unary.OPERATORS:
        case = random_unary.random_case(code, 0)
        entries.append(Entry(case.description, case.model, case.input))
    (android,) = (one for one in matrix.RUNTIMES if one.name == "Android 2.16.1, x86-64")
    options = {"auto": {}, "two_pipe": {"core": "two_pipe"}}
    results = matrix.run(android, entries, options, tmp_path)
    for name, values in options.items():
        settings = [f"{key}={value}" for key, value in values.items()]
        done = java("org.wqlite.RunModels", tmp_path, f"{name}_java", *settings)
        assert done.stdout.split() == [str(len(entries))], done.stdout + done.stderr
        for i, entry in enumerate(entries):
            got = results.output(f"{name}_java", i)
            assert got == results.output(name, i), entry.description
            assert got == results.output(matrix.BUILT_IN, i), entry.description
