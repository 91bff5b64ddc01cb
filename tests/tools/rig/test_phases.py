"""Functions are put into the phase that their names speak of."""

from __future__ import annotations

import pytest

from tools.rig.phases import PHASES, by_phase, phase_of

OURS = "libwq_delegate.so: "
LAMBDA = "std::_Function_handler<void (int, int, int), wqlite::{}Conv1D::Run() const::{{lambda{}}}>"


@pytest.mark.parametrize(
    ("function", "phase"),
    [
        (OURS + "gemm_s16_neon32.cc: wqlite::(anonymous namespace)::Point5Near", "products"),
        (OURS + "gemm_s8_neon32.cc: wqlite::(anonymous namespace)::Run", "products"),
        (OURS + "gemm_s8_pack.cc: wqlite::PackGemmS8Weights", "packing and staging"),
        (OURS + "wqlite::TileTransform<wqlite::Base<4, 4> >::Input", "input transform"),
        (OURS + "wqlite::TileTransform<wqlite::Base<4, 4> >::Weights", "weight transform"),
        (OURS + "wqlite::TransformWeights", "weight transform"),
        (OURS + "wqlite::TileTransform<wqlite::Base<4, 4> >::Output", "output transform"),
        (OURS + "wqlite::WinogradStages::StoreSequence", "output transform"),
        (OURS + "wqlite::WinogradStages::StageSequence", "packing and staging"),
        (OURS + "requantize_neon32.cc: wqlite::(anonymous namespace)::Run", "requantisation"),
        (OURS + "wqlite::OutputStage::Store", "requantisation"),
        (OURS + LAMBDA.format("Winograd", "(int, int, int)#1"), "packing and staging"),
        (OURS + LAMBDA.format("Winograd", "(int, int, int)#2"), "input transform"),
        (OURS + LAMBDA.format("Winograd", "(int, int, int)#3"), "output transform"),
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


def test_sums_keep_every_instruction_and_the_order() -> None:
    sums = by_phase({"libc.so.6": 3, "libc.so.6: memset": 4, "python3.11": 5})
    assert list(sums) == list(PHASES)
    assert sums["copying (C library)"] == 7
    assert sum(sums.values()) == 12
