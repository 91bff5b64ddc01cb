"""An ARMv7 processor without NEON: a sentence, never an illegal instruction."""

from __future__ import annotations

import os
import subprocess

from tests.support.environment import ROOT, require

CREATE = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
create = library.tflite_plugin_create_delegate
create.restype = ctypes.c_void_p
destroy = library.tflite_plugin_destroy_delegate
destroy.argtypes = [ctypes.c_void_p]
message = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: print("create:", text.decode()))
handle = create(None, None, 0, message)
print("delegate:", handle is not None)
destroy(handle)
library.WqDelegateCreate.restype = ctypes.c_void_p
library.WqDelegateLastError.restype = ctypes.c_char_p
library.WqDelegateDelete.argtypes = [ctypes.c_void_p]
handle = library.WqDelegateCreate(None)
print("C:", handle is not None, library.WqDelegateLastError().decode())
library.WqDelegateDelete(handle)
"""

# A tool that hands no function for errors over gets a delegate that says it when it is applied.
PREPARE = """
class Context(ctypes.Structure):
    _fields_ = [("before", ctypes.c_void_p * 5), ("report", ctypes.c_void_p)]

class Delegate(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("prepare", ctypes.c_void_p)]

Report = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
report = Report(lambda context, form, text: print("prepare:", text.decode()))
context = Context(report=ctypes.cast(report, ctypes.c_void_p))
handle = create(None, None, 0, None)
prepare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(
    Delegate.from_address(handle).prepare
)
print("status:", prepare(ctypes.addressof(context), handle))
destroy(handle)
"""

SENTENCE = "this processor has no NEON, which wqlite is built for; run the model without it"


def run(script: str, cpu: str) -> subprocess.CompletedProcess[str]:
    library = ROOT / "build/armv7/libwq_delegate.so"
    require(library, f"{library}; run tools/rig/setup.sh")
    return subprocess.run(
        [ROOT / "tools/rig/python", "-c", script, library],
        env={**os.environ, "QEMU_CPU": cpu},
        capture_output=True,
        text=True,
    )


def test_the_entry_points_say_so() -> None:
    done = run(CREATE + PREPARE, "cortex-a9,neon=off")
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines() == [
        f"create: {SENTENCE}",
        "delegate: False",
        f"C: False {SENTENCE}",
        f"prepare: {SENTENCE}",
        "status: 1",
    ]


def test_with_neon_nothing_is_said() -> None:
    done = run(CREATE, "cortex-a9")
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines() == ["delegate: True", "C: True "]


def test_the_compiled_module_is_not_loaded() -> None:
    done = run("from wqlite.delegate import conv1d", "cortex-a9,neon=off")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"ImportError: {SENTENCE}"
    assert run("from wqlite.delegate import conv1d", "cortex-a9").returncode == 0
