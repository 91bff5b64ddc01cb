"""The runtimes in which the delegate must not change an answer, and running models in them.

A runtime is a program of its own (tests/matrix/run_models.py in some Python, or
tools/rig/android/run_models.c), which gets a folder of models and inputs and leaves outputs and
logs there. Expected outputs are the runtime's own: they differ between runtimes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import corpus
from tests.support.environment import ROOT, require
from tests.support.rounding_oracle import Rules
from wqlite import delegate

Options = Mapping[str, str]

BUILT_IN = "built_in"
"""The name of the run without the delegate."""


@dataclass(frozen=True)
class Runtime:
    """A TFLite that is installed in some way.

    command: starts it; the arguments of run_models follow.
    needs: what must be there for it, beside what every test needs.
    environment: variables of its own.
    library: the delegate for it; None: the installed one.
    lacks: operators that it does not have.
    rules: how its CONV_2D kernels round, where that does not depend on this machine's processor.
    layers: how many random layers it gets.
    arm: the delegate leaves layers with weights of -128, on which TFLite's ARM kernels overflow.
    """

    name: str
    version: str
    command: Sequence[str | Path]
    needs: Sequence[Path] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    library: Path | None = None
    lacks: Sequence[str] = ()
    rules: Rules | None = None
    layers: int = 300
    arm: bool = False


def _python(
    module: str,
    resolver: str = "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    program: str | Path = sys.executable,
) -> list[str | Path]:
    return [program, ROOT / "tests/matrix/run_models.py", f"{module}.interpreter", resolver]


def _aarch64(module: str, version: str, core: str, layers: int = 20) -> Runtime:
    """In the AArch64 rig, on an emulated core (tools/rig/core.sh)."""
    rig = ROOT / "build/aarch64"
    if module == "tflite_runtime":
        packages, many_steps = rig / "site", "double_away"
    else:
        packages, many_steps = ROOT / f"build/runtimes/{module}-{version}-aarch64", "single"
    return Runtime(
        f"{module} {version}, AArch64, {core}",
        version,
        _python(module, program=ROOT / "tools/rig/python"),
        needs=[rig / "site", packages],
        environment={"WQ_RIG": "aarch64", "WQ_RIG_CORE": core, "PYTHONPATH": str(packages)},
        library=rig / "libwq_delegate.so",
        rules=Rules(many_steps, "double_up"),
        layers=layers,
        arm=True,
    )


def _android(name: str, abi: str, *, arm: bool = True) -> Runtime:
    """Android's library and ours, both linked for Android (tools/rig/android/setup.sh)."""
    folder = ROOT / "build/android" / abi
    emulator: list[str | Path] = [ROOT / "tools/rig/android/run", abi] if arm else []
    return Runtime(
        f"Android 2.16.1, {name}",
        "2.16.1",
        [*emulator, folder / "run_models"],
        needs=[folder / "run_models"],
        library=folder / "libwq_delegate.so",
        rules=Rules("single", "double_up"),
        arm=arm,
    )


def _runtimes() -> list[Runtime]:
    old, litert_1, litert_2 = (
        ROOT / "build/runtimes" / name
        for name in ("tflite_runtime-2.12.0", "ai_edge_litert-1.4.0", "ai_edge_litert-2.3.0")
    )
    armv7 = ROOT / "build/armv7"
    qemu_x86_64 = Path("/usr/bin/qemu-x86_64")
    return [
        Runtime("tflite_runtime 2.14", "2.14.0", _python("tflite_runtime")),
        Runtime(
            "tflite_runtime 2.14, reference kernels",
            "2.14.0",
            _python("tflite_runtime", "BUILTIN_REF"),
            lacks=["ELU"],
            rules=Rules("double_away", "double_away"),
        ),
        Runtime(
            "tflite_runtime 2.14, ruy without AVX",
            "2.14.0",
            _python("tflite_runtime"),
            environment={"RUY_PATHS": "1"},
            rules=Rules("single", "single"),
        ),
        Runtime(
            "tflite_runtime 2.14, processor without AVX",
            "2.14.0",
            [qemu_x86_64, "-cpu", "Nehalem", *_python("tflite_runtime")],
            needs=[qemu_x86_64],
            rules=Rules("single", "single"),
            layers=100,  # emulated, and not what phones run
        ),
        Runtime(
            "tflite_runtime 2.12",
            "2.12.0",
            _python("tflite_runtime", program=old / "python"),
            needs=[old],
            environment={"PYTHONHOME": str(old), "PYTHONPATH": str(old / "site")},
        ),
        Runtime("TensorFlow 2.21", "2.21.0", _python("tensorflow.lite.python")),
        Runtime(
            "ai_edge_litert 1.4",
            "1.4.0",
            _python("ai_edge_litert"),
            needs=[litert_1],
            environment={"PYTHONPATH": str(litert_1)},
        ),
        Runtime(
            "ai_edge_litert 2.3",
            "2.3.0",
            _python("ai_edge_litert"),
            needs=[litert_2],
            environment={"PYTHONPATH": str(litert_2)},
        ),
        Runtime(
            "tflite_runtime 2.14, ARMv7",
            "2.14.0",
            _python("tflite_runtime", program=ROOT / "tools/rig/python"),
            needs=[armv7 / "site"],
            library=armv7 / "libwq_delegate.so",
            rules=Rules("double_away", "double_up"),
            layers=100,
            arm=True,
        ),
        # Cores with matrix products, with dot products, with neither.
        _aarch64("tflite_runtime", "2.14.0", "cortex-x2", layers=60),
        _aarch64("tflite_runtime", "2.14.0", "cortex-a76"),
        _aarch64("tflite_runtime", "2.14.0", "cortex-a53"),
        _aarch64("ai_edge_litert", "1.4.0", "cortex-a76"),
        _aarch64("ai_edge_litert", "2.1.6", "cortex-a76"),
        _android("x86-64", "x86_64", arm=False),
        _android("ARMv7", "armeabi-v7a"),
        _android("arm64", "arm64-v8a"),
    ]


RUNTIMES = _runtimes()
ANDROID = [runtime for runtime in RUNTIMES if runtime.name.startswith("Android")]


@dataclass(frozen=True)
class Results:
    """What `run` left in its folder."""

    folder: Path

    def output(self, name: str, index: int) -> bytes:
        """All outputs of a model, one after the other."""
        return (self.folder / name / f"{index}.out").read_bytes()

    def log(self, name: str, index: int) -> str:
        """What the runtime and the delegate said about a model."""
        return (self.folder / name / f"{index}.log").read_text()


def run(
    runtime: Runtime, entries: Sequence[corpus.Entry], options: Mapping[str, Options], folder: Path
) -> Results:
    """Runs models with the runtime's built-in kernels, and with the delegate in several ways.

    Args:
        runtime: skips the test where it is missing; on CI that is a failure.
        entries: models and inputs.
        options: name -> options of the delegate.
        folder: for the files; empty.
    """
    library = runtime.library or delegate.library_path()
    for path in (*runtime.needs, library):
        require(path, f"{path}, for {runtime.name}; run tools/setup.sh --tests")
    for i, entry in enumerate(entries):
        (folder / f"{i}.tflite").write_bytes(entry.model)
        (folder / f"{i}.in").write_bytes(entry.input.tobytes())
    runs = [BUILT_IN]
    for name, values in options.items():
        settings = [f"{key}={value}" for key, value in values.items()]
        runs.append(";".join([name, str(library), *settings]))
    for name in (BUILT_IN, *options):
        (folder / name).mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [*runtime.command, folder, "1", *runs],
        env=environment | dict(runtime.environment),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{runtime.name}: {done.stdout}{done.stderr}"
    version = done.stdout.split()[-1]
    assert version == runtime.version, f"{runtime.name} is version {version}"
    return Results(folder)
