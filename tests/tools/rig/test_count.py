"""The instruction counter counts what a program of known length executes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT, require
from tools.rig.count import (
    Block,
    Counts,
    RigError,
    count_command,
    count_inference,
    count_program,
    names_of,
    read_counts,
    write_counts,
)
from tools.rig.count_table import table

RIG = ROOT / "build/armv7"

# work() runs 1000 times: 2 NEON multiplications, 3 other NEON, 2 loads, 1 store, and 4 scalar
# instructions, among them one of scalar floating point.
PROGRAM = """
        .syntax unified
        .arch armv7-a
        .fpu neon
        {state}
        .text
        .type work, %function
work:   ldr r1, [sp]
        vld1.8 {{d0}}, [sp]
        vmull.s8 q1, d0, d0
        vmlal.s16 q2, d2, d3
        vpadal.s8 q3, q1
        vadd.i32 q2, q2, q3
        veor q3, q3, q3
        vadd.f32 s28, s29, s30
        add r2, r2, #1
        subs r0, r0, #1
        str r1, [sp, #-8]
        bne work
        bx lr
        .size work, . - work

        .global _start
        .type _start, %function
_start: mov r0, #1000
        bl work
        mov r0, #0
        mov r7, #1
        svc #0
        .size _start, . - _start
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    require(RIG / "libicount.so", "the ARMv7 rig; run tools/rig/setup.sh")
    folder = tmp_path_factory.mktemp("with, comma")
    source = folder / "program.s"
    source.write_text(PROGRAM.format(state=request.param))
    compiler = ["arm-linux-gnueabihf-gcc", "-nostdlib", "-static", "-o", str(folder / "program")]
    subprocess.run([*compiler, str(source)], check=True)
    return folder / "program"


@pytest.mark.parametrize("program", [".arm", ".thumb"], indirect=True)
def test_known_program_is_counted_exactly(program: Path) -> None:
    counts = count_program(program)
    assert counts.classes == {
        "neon_multiply": 2000,
        "neon_other": 3000,
        "load": 2000,
        "store": 1000,
        "scalar": 4000 + 1 + 5,  # the return, and _start
    }
    assert counts.instructions == 12006
    assert counts.functions == {"program: work": 12001, "program: _start": 5}


@pytest.mark.parametrize("program", [".arm", ".thumb"], indirect=True)
def test_marks_split_a_run(program: Path) -> None:
    """A part begins whenever the marked block does: here with each round of the loop."""
    whole = count_program(program)
    loop = next(block for block, runs in whole.blocks.items() if runs >= 999)
    marked = count_command(
        [ROOT / "tools/rig/run", program], [f"mark={loop.offset}:{program.resolve()}"]
    )
    assert len(marked.parts) in (999, 1000)  # the first round may belong to another block
    assert {part.instructions for part in marked.parts[:-1]} == {12}
    assert {part.classes["neon_multiply"] for part in marked.parts} == {2}
    assert set(marked.parts[5].blocks) <= set(whole.blocks)


def test_difference_of_runs() -> None:
    prepare, run = Block("x", 0, 8, (0, 0, 2, 0, 0)), Block("x", 8, 12, (1, 0, 0, 1, 1))
    parts = [Counts({run: number}) for number in range(1, 7)]
    once = Counts({prepare: 5, run: 10}, parts[:2])
    thrice = Counts({prepare: 5, run: 30}, parts)
    one = thrice.per_run(once, 2)
    assert one.blocks == {run: 10}
    assert one.instructions == 30
    assert one.parts == parts[2:4]
    assert one.classes == {
        "neon_multiply": 10,
        "neon_other": 0,
        "load": 0,
        "store": 10,
        "scalar": 10,
    }


def test_sum_of_parts() -> None:
    prepare, run = Block("x", 0, 8, (0, 0, 2, 0, 0)), Block("x", 8, 12, (1, 0, 0, 1, 1))
    parts = [Counts({run: 3}), Counts({run: 4, prepare: 1})]
    assert Counts.sum(parts) == Counts({run: 7, prepare: 1}, parts)


def test_counts_can_be_written_and_read() -> None:
    ran, generated, rare = (
        Block(path, offset, 8, (0, 0, 2, 0, 0)) for path, offset in (("x", 0), ("", 0), ("x", 8))
    )
    # The part of one run may have what the difference of runs has not.
    counts = Counts({ran: 3, generated: 1}, [Counts({ran: 2, rare: 1}), Counts({generated: 1})])
    assert read_counts(json.loads(json.dumps(write_counts(counts)))) == counts


def test_table_has_a_column_for_each_and_a_row_for_each_layer() -> None:
    block = Block("", 0, 4, (0, 0, 0, 0, 1))
    parts = [Counts({block: 3_000_000}), Counts({block: 1_000_000})]
    columns = {"TFLite": Counts.sum(parts), "XNNPACK": Counts.sum(parts[::-1])}
    rows = [line.split() for line in table(columns, top=1).splitlines()]
    assert ["million", "instructions", "TFLite", "XNNPACK"] in rows
    assert ["all", "4.00", "4.00"] in rows
    assert ["1", "3.00", "1.00"] in rows
    assert ["2", "1.00", "3.00"] in rows
    without = table({**columns, "wqlite": Counts({block: 5})}, top=1)
    assert "by layer" not in without  # it does not run the same layers


def test_code_of_no_file_and_of_no_symbol(tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(b"no ELF")
    document = {
        "files": [str(tmp_path / "data.bin")],
        "columns": [],
        "blocks": [[-1, 0, 8, 3, 0, 0, 0, 0, 2], [0, 64, 4, 5, 1, 0, 0, 0, 0]],
        "parts": [[[1, 2]], [[0, 1], [1, 3]]],
    }
    counts = read_counts(document)
    assert counts.functions == {"generated code": 6, "data.bin": 5}
    assert names_of(list(counts.blocks)) == ["generated code", "data.bin"]
    assert [part.instructions for part in counts.parts] == [2, 5]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("out=", "unknown argument 'out='"),
        ("colour=red", "unknown argument 'colour=red'"),
        ("mark=12", "unknown argument 'mark=12'"),
        ("mark=x:/a", "unknown argument 'mark=x:/a'"),
        ("", "out=FILE is missing"),
        ("out=/no/such/folder/x", "cannot write /no/such/folder/x"),
    ],
)
@pytest.mark.parametrize("program", [".arm"], indirect=True)
def test_plugin_refuses_bad_arguments(program: Path, arguments: str, says: str) -> None:
    plugin = ",".join(filter(None, [str(RIG / "libicount.so"), arguments]))
    command = ["qemu-arm", "-plugin", plugin, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert says in done.stderr


def test_missing_model_is_refused() -> None:
    with pytest.raises(RigError, match=r"there is no model file no\.tflite"):
        count_inference("no.tflite", delegate=False)


def test_program_that_fails_is_reported(tmp_path: Path) -> None:
    require(RIG / "libicount.so", "the ARMv7 rig; run tools/rig/setup.sh")
    (tmp_path / "broken.tflite").write_bytes(b"not a model")
    with pytest.raises(RigError, match="python failed under the rig"):
        count_inference(tmp_path / "broken.tflite", delegate=False)


def test_command_line_refuses_bad_options() -> None:
    for arguments, says in (
        (["x.tflite", "--option", "tile"], "--option tile is not of the form KEY=VALUE"),
        (["x.tflite", "--options", "a=1;tile"], "--options tile is not of the form KEY=VALUE"),
        (["x.tflite"], "error: there is no model file x.tflite"),
    ):
        command = [sys.executable, "-m", "tools.rig.count", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert says in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("program", [".arm"], indirect=True)
def test_plugin_writes_valid_json(program: Path, tmp_path: Path) -> None:
    out = tmp_path / "counts.json"
    plugin = f"{RIG / 'libicount.so'},out={out}"
    subprocess.run(["qemu-arm", "-plugin", plugin, str(program)], check=True)
    document = json.loads(out.read_text())
    assert str(program) in document["files"]
    assert len(document["columns"]) == len(document["blocks"][0])
