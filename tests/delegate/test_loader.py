"""wqlite.delegate: finding the library and a runtime, and saying clearly what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT
from tests.support.random_layers import random_case
from tests.support.runtimes import RUNTIMES, infer, make_interpreter, module_of
from wqlite import delegate
from wqlite.delegate import loader


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


# The library.


def test_variable_overrides_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "other.so"
    copy.write_bytes(delegate.library_path().read_bytes())
    monkeypatch.setenv(delegate.LIBRARY_VARIABLE, str(copy))
    assert delegate.library_path() == copy
    delegate.load()


def test_missing_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    missing = tmp_path / "nothing.so"
    monkeypatch.setenv(delegate.LIBRARY_VARIABLE, str(missing))
    for call in (delegate.load, delegate.library_path, delegate.describe_options):
        with pytest.raises(delegate.DelegateError) as error:
            call()
        message = f"there is no delegate library {missing}; correct {delegate.LIBRARY_VARIABLE}"
        assert str(error.value) == message


def test_package_without_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(delegate.LIBRARY_VARIABLE, raising=False)
    monkeypatch.setattr(loader, "__file__", str(tmp_path / "loader.py"))
    with pytest.raises(delegate.DelegateError, match="install wqlite with pip, or set WQLITE_"):
        delegate.library_path()


@pytest.mark.parametrize("content", [b"", b"not a library"])
def test_foreign_library(content: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.so"
    foreign.write_bytes(content)
    monkeypatch.setenv(delegate.LIBRARY_VARIABLE, str(foreign))
    with pytest.raises(delegate.DelegateError, match="is not a delegate for this machine"):
        delegate.load()


# The runtime.


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_chosen_runtime(runtime: str) -> None:
    case = random_case(0)
    interpreter = delegate.interpreter(case.model, runtime=runtime)
    assert type(interpreter).__module__ == module_of(runtime).__name__
    wanted = infer(make_interpreter(runtime, case.model), case.input)
    assert (infer(interpreter, case.input) == wanted).all()


def test_unknown_runtime() -> None:
    with pytest.raises(delegate.DelegateError) as error:
        delegate.load(runtime="pytorch")
    message = "unknown runtime 'pytorch'; permitted: tflite_runtime, ai_edge_litert, tensorflow"
    assert str(error.value) == message


def test_no_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_RUNTIMES", {"absent_runtime": "absent_runtime.interpreter"})
    with pytest.raises(delegate.DelegateError, match="no TFLite runtime can be imported; install"):
        delegate.load()
    with pytest.raises(delegate.DelegateError, match="absent_runtime: No module named"):
        delegate.load(runtime="absent_runtime")


def test_no_numpy() -> None:
    result = run(
        "-c",
        "import sys\n"
        "sys.modules['numpy'] = None\n"
        "from wqlite import delegate\n"
        "delegate.load(runtime='tflite_runtime')\n",
    )
    assert result.stderr.endswith("(tflite_runtime: install numpy (Debian: python3-numpy))\n")


@pytest.mark.skipif(len(RUNTIMES) < 2, reason="needs both runtimes")
def test_order_of_imports_that_would_crash() -> None:
    """tflite_runtime after TensorFlow ends the process: the one that is there is taken instead."""
    result = run(
        "-c",
        "import tensorflow\n"
        "from wqlite import delegate\n"
        "print(type(delegate.load()).__module__)\n"
        "try:\n"
        "    delegate.load(runtime='tflite_runtime')\n"
        "except delegate.DelegateError as error:\n"
        "    print(error)\n",
    )
    assert result.returncode == 0, result.stderr
    module, message = result.stdout.splitlines()
    assert module == "tensorflow.lite.python.interpreter"
    assert "tflite_runtime crashes when imported after tensorflow" in message


# The model.


@pytest.mark.parametrize("form", ["bytes", "str", "path"])
def test_model_by_path_or_content(form: str, tmp_path: Path) -> None:
    case = random_case(1)
    path = tmp_path / "model.tflite"
    path.write_bytes(case.model)
    model = {"bytes": case.model, "str": str(path), "path": path}[form]
    infer(delegate.interpreter(model, num_threads=2), case.input)  # type: ignore[arg-type]


def test_without_the_delegate(capfd: pytest.CaptureFixture[str]) -> None:
    case = random_case(1)
    infer(delegate.interpreter(case.model, delegate=False), case.input)
    delegate.interpreter(case.model, log_level="info")
    assert capfd.readouterr().err.count("took 1 of 1") == 1
    with pytest.raises(delegate.DelegateError, match="no use for the options \\['strict'\\]"):
        delegate.interpreter(case.model, delegate=False, strict=True)


def test_models_that_cannot_be_read(tmp_path: Path) -> None:
    whole = random_case(1).model
    text = tmp_path / "text.tflite"
    text.write_text("not a model")
    short = tmp_path / "short.tflite"
    short.write_bytes(whole[: len(whole) // 2])
    empty = tmp_path / "empty.tflite"
    empty.touch()
    for path, kind, message in (
        (tmp_path / "none.tflite", FileNotFoundError, "there is no model {}"),
        (tmp_path, ValueError, "cannot read the model {}: Is a directory"),
        (text, ValueError, "{} is not a TFLite model; convert one with wq_convert"),
        (empty, ValueError, "{} is not a TFLite model; convert one with wq_convert"),
        (
            short,
            ValueError,
            "{} is damaged: parts of it lie beyond its end; copy or convert it again",
        ),
    ):
        with pytest.raises(kind) as error:
            delegate.interpreter(path)
        assert str(error.value) == message.format(path)


# The package.


def test_unknown_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'conv3d'"):
        _ = delegate.conv3d  # type: ignore[attr-defined]
    assert {"conv1d", "plan_conv1d", "isa", "load"} <= set(dir(delegate))


def test_command_prints_the_path() -> None:
    result = run("-m", "wqlite.delegate")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{delegate.library_path()}\n"


def test_command_prints_the_options() -> None:
    result = run("-m", "wqlite.delegate", "--options")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{delegate.describe_options()}\n"


def test_command_without_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(delegate.LIBRARY_VARIABLE, "/nowhere/lib.so")
    result = run("-m", "wqlite.delegate")
    assert result.returncode == 1
    assert result.stderr == (
        f"error: there is no delegate library /nowhere/lib.so; correct "
        f"{delegate.LIBRARY_VARIABLE}\n"
    )
