"""Functions are put into the phase that their names speak of."""

from __future__ import annotations

import pytest

from tests.support.environment import ROOT, require
from tools.rig.count import DELEGATE
from tools.rig.phases import PHASES, by_phase, phase_of
from tools.rig.symbols import demangled, functions_of

LIBRARY = ROOT / DELEGATE

OURS = "libwq_delegate.so: "
ANONYMOUS = "wqlite::(anonymous namespace)::"
# The parts of an operator's Run, as the linker knows them.
PARTS = {
    f"direct.cc: {ANONYMOUS}DirectConv1D::PackRowBlocks": "packing and staging",
    f"direct.cc: {ANONYMOUS}DirectConv1D::MultiplyGroup": "products",
    f"winograd_s16.cc: {ANONYMOUS}WinogradConv1D::StageRows": "packing and staging",
    f"winograd_s16.cc: {ANONYMOUS}WinogradConv1D::TransformInput": "input transform",
    f"winograd_s16.cc: {ANONYMOUS}WinogradConv1D::MultiplyGroup": "products",
    f"winograd_s8.cc: {ANONYMOUS}WinogradS8Conv1D::StageRows": "packing and staging",
    f"winograd_s8.cc: {ANONYMOUS}WinogradS8Conv1D::TransformInputs": "input transform",
    f"winograd_s8.cc: {ANONYMOUS}WinogradS8Conv1D::MultiplyGroup": "products",
}


@pytest.mark.parametrize(
    ("function", "phase"),
    [
        (OURS + "gemm_s16_neon32.cc: wqlite::(anonymous namespace)::Point5Near", "products"),
        (OURS + "gemm_s8_neon32.cc: wqlite::(anonymous namespace)::Run", "products"),
        (OURS + "gemm_s8_pack.cc: wqlite::PackGemmS8Weights", "packing and staging"),
        (OURS + "wqlite::TileTransform<wqlite::Base<4, 4> >::Input", "input transform"),
        (OURS + "wqlite::TileTransform<wqlite::Base<4, 4> >::Weights", "weight transform"),
        (OURS + "wqlite::TransformWeights", "weight transform"),
        (OURS + "wqlite::TransformWeightVector", "weight transform"),
        (OURS + "weights_s8.cc: wqlite::(anonymous namespace)::ForEachVector", "weight transform"),
        (
            OURS + "weight_stats_s8_neon32.cc: wqlite::(anonymous namespace)::Run",
            "measuring weights",
        ),
        (OURS + "wqlite::WeightStats::Measure", "measuring weights"),
        (OURS + "wqlite::TileChoice::CostWithin", "proofs and plans"),
        (OURS + "wqlite::ProveExactS8", "proofs and plans"),
        (OURS + "wqlite::TileTransform<wqlite::Base<4, 4> >::Output", "output transform"),
        (OURS + "wqlite::WinogradStages::StoreSequence", "output transform"),
        (OURS + "wqlite::WinogradStages::StageRows", "packing and staging"),
        (OURS + "requantize_neon32.cc: wqlite::(anonymous namespace)::Run", "requantisation"),
        (OURS + "wqlite::OutputStage::Store", "requantisation"),
        *((OURS + part, phase) for part, phase in PARTS.items()),
        (OURS + "wqlite::Graph::Run", "other of wqlite"),
        (OURS + "__divsi3", "other of wqlite"),
        ("libc.so.6: memset", "copying (C library)"),
        (
            "_pywrap_tensorflow_interpreter_wrapper.so: gemmlowp::PackSideBlockImpl<gemmlowp::X>",
            "TFLite",
        ),
        ("python3.11: _PyEval_EvalFrameDefault", "other"),
    ],
)
def test_phase_of_a_function(function: str, phase: str) -> None:
    assert phase_of(function) == phase


def test_the_armv7_library_has_the_parts_of_each_operator() -> None:
    require(LIBRARY, "the ARMv7 rig; run tools/rig/setup.sh")
    functions = functions_of(str(LIBRARY))
    names = [name.split("<")[0] for name in demangled([f.name for f in functions])]
    assert set(PARTS) <= set(names)


def test_sums_keep_every_instruction_and_the_order() -> None:
    sums = by_phase({"libc.so.6": 3, "libc.so.6: memset": 4, "python3.11": 5})
    assert list(sums) == list(PHASES)
    assert sums["copying (C library)"] == 7
    assert sum(sums.values()) == 12
