"""What each function works at: the phases that the counts are summed by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

# The first pattern that is found in a function's name (see Counts.functions) decides. The phases of
# an operator's Run have names of their own (WQ_PHASE in delegate/base/phase.h); what is inlined
# into a function counts where that function belongs.
PHASES: Mapping[str, str] = {
    "TFLite": r"^_pywrap_tensorflow",
    "XNNPACK": r"^libXNNPACK",
    "products": r"gemm_s(8|16)_(neon|portable)\w*\.cc: (?!.*Pack)|Conv1D::MultiplyGroup",
    "input transform": r"TileTransform<.*>::Input|Conv1D::TransformInput",
    "weight transform": r"TileTransform<.*>::Weights|weights(_s8)?\.cc: |"
    r"wqlite::\w*TransformWeight",
    "measuring weights": r"[wW]eight_?[sS]tats|MeasureWeights",
    "proofs and plans": r"wqlite::(Prove|InputRows|PlanModel|ShareBudget|MemoryBudget)|"
    r"wqlite::\w*Cost|(Layer|Tile)Choice|__u(div|mod)",
    "output transform": r"TileTransform<.*>::Output|Stages::Store",
    "requantisation": r"[Rr]equanti[sz]e|OutputStage|output_stage",
    "packing and staging": r"Pack|Stage",
    "other of wqlite": r"^libwq_delegate|wqlite::",
    "copying (C library)": r"^libc\.so|mem(cpy|set|move)",
    "other": r"",
}


def phase_of(function: str) -> str:
    """The phase that a function belongs to."""
    return next(phase for phase, pattern in PHASES.items() if re.search(pattern, function))


def by_phase(functions: Mapping[str, int]) -> dict[str, int]:
    """Sums counts by function up by phase, in the order of PHASES."""
    sums: Counter[str] = Counter()
    for function, count in functions.items():
        sums[phase_of(function)] += count
    return {phase: sums[phase] for phase in PHASES}
