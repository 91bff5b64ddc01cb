"""delegate/tflite/abi.h against the headers that TFLite ships in its Android archives."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.environment import ROOT, require

ABI = ROOT / "delegate" / "tflite" / "abi.h"
# The oldest that is supported, and the last one in which the library itself is.
ARCHIVES = {
    "2.14": ROOT / "build/aar/tensorflow-lite-2.14.0.aar",
    "2.16.1": ROOT / "build/android/tensorflow-lite-2.16.1.aar",
}

# Their header (builtin_op_data.h) is not in the archives. A wrong offset in them cannot hide:
# test_random_layers.py reads strides, dilations, paddings and activations from real runtimes,
# test_unary.py alphas and axes, and test_winograd_s8.py the clamps of other operators.
NOT_IN_ARCHIVE = {
    "TfLiteArithmeticParams",
    "TfLiteConvParams",
    "TfLiteDepthwiseConvParams",
    "TfLiteFullyConnectedParams",
    "TfLiteFusedActivation",
    "TfLiteLeakyReluParams",
    "TfLitePadding",
    "TfLitePoolParams",
    "TfLiteSqueezeParams",
}
# Ours ends before TFLite's does, which is never created or copied by us.
SHORTER = {"TfLiteContext"}

TARGETS = {
    "native": (["g++"], []),
    "armv7": (["arm-linux-gnueabihf-g++", "-static"], ["qemu-arm"]),
}


def declarations(kind: str) -> dict[str, list[str]]:
    """Name of each struct or union in abi.h -> its fields."""
    text = re.sub(r"//.*", "", ABI.read_text())
    found = {}
    for name, body in re.findall(rf"^{kind} (\w+) \{{(.*?)^\}};", text, re.M | re.S):
        matches = (re.search(r"\(\*(\w+)\)|(\w+)(?:\[\])?\s*$", field) for field in body.split(";"))
        found[name] = [match[1] or match[2] for match in matches if match]
    return found


def members_of_enums() -> dict[str, list[str]]:
    text = re.sub(r"//.*", "", ABI.read_text())
    return {
        name: re.findall(r"(\w+)\s*(?:=\s*-?\d+\s*)?(?:,|$)", body.strip())
        for name, body in re.findall(r"^enum (\w+) : int \{(.*?)\};", text, re.M | re.S)
    }


def program() -> str:
    """C++ that prints every size, offset and value, whichever header declares them."""
    lines = []
    for kind in ("struct", "union"):
        for name, fields in declarations(kind).items():
            if name in NOT_IN_ARCHIVE:
                continue
            if name not in SHORTER:
                lines.append(f'print("sizeof {name}", sizeof({name}));')
                lines.append(f'print("alignof {name}", alignof({name}));')
            for field in fields:
                lines.append(f'print("{name}.{field}", offsetof({name}, {field}));')
                if field != "data" or name.endswith(("Tensor", "Union")):  # flexible arrays
                    size = f"sizeof(static_cast<{name}*>(nullptr)->{field})"
                    lines.append(f'print("sizeof {name}.{field}", {size});')
    for name, values in members_of_enums().items():
        if name in NOT_IN_ARCHIVE:
            continue
        lines.append(f'print("sizeof {name}", sizeof({name}));')
        lines += [f'print("{value}", static_cast<long long>({value}));' for value in values]
    lines.append('print("kTfLiteOptionalTensor", kTfLiteOptionalTensor);')
    body = "\n  ".join(lines)
    return f"""#include <cstddef>
#include <cstdio>
void print(const char* name, long long value) {{ std::printf("%s = %lld\\n", name, value); }}
int main() {{
  {body}
}}
"""


def run(target: str, folder: Path, name: str, arguments: list[str]) -> list[str]:
    compiler, runner = TARGETS[target]
    source, binary = folder / "print.cc", folder / name
    source.write_text(program())
    subprocess.run(
        [*compiler, "-std=c++17", "-w", *arguments, str(source), "-o", str(binary)], check=True
    )
    result = subprocess.run([*runner, str(binary)], check=True, capture_output=True, text=True)
    return result.stdout.splitlines()


@pytest.mark.parametrize("version", ARCHIVES)
@pytest.mark.parametrize("target", TARGETS)
def test_layout_equals_that_of_the_real_headers(target: str, version: str, tmp_path: Path) -> None:
    require(ARCHIVES[version], f"{ARCHIVES[version]}; run tools/setup.sh --tests")
    for tool in (TARGETS[target][0][0], *TARGETS[target][1]):
        require(shutil.which(tool), tool)
    with zipfile.ZipFile(ARCHIVES[version]) as archive:
        archive.extractall(tmp_path, [n for n in archive.namelist() if n.startswith("headers/")])
    real = [f"-I{tmp_path / 'headers'}"]
    for header in ("tensorflow/lite/core/c/common.h", "tensorflow/lite/builtin_ops.h"):
        real += ["-include", header]

    ours = run(target, tmp_path, "ours", ["-include", str(ABI)])

    assert ours == run(target, tmp_path, "real", real)
    assert len(ours) > 100


def test_every_declaration_is_compared() -> None:
    """The parser above sees what abi.h declares, so that nothing drops out of the comparison."""
    structs = declarations("struct")
    assert structs["TfLiteAffineQuantization"] == ["scale", "zero_point", "quantized_dimension"]
    assert structs["TfLiteRegistration"][0] == "init"
    assert structs["TfLiteRegistration"][-1] == "inplace_operator"
    assert structs["TfLiteContext"][-1] == "recommended_num_threads"
    assert "kTfLiteMmapRo" in members_of_enums()["TfLiteAllocationType"]
    text = ABI.read_text()
    assert len(structs) == len(re.findall(r"^struct \w+ \{", text, re.M))
    assert len(members_of_enums()) == len(re.findall(r"^enum ", text, re.M))
