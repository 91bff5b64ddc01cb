"""What each function works at: the phases that the counts are summed by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

# The first pattern that is found in a function's name (see Counts.functions) decides.
# Where the compiler made one function of two, both count where the surviving name belongs:
# the requantisation that is inlined into a product kernel's caller, for one.
PHASES: Mapping[str, str] = {
    "TFLite": r"^_pywrap_tensorflow",
    "XNNPACK": r"^libXNNPACK",
    "products": r"gemm_s(8|16)_(neon32|portable)\.cc: (?!.*Pack)",
    "input transform": r"TileTransform<.*>::Input|Conv1D::(TransformInput|ForAll)|Winograd.*\)#2\}",
    "weight transform": r"TileTransform<.*>::Weights|weights\.cc: |wqlite::\w*TransformWeights",
    "output transform": r"TileTransform<.*>::Output|Conv1D::RunGroup|S8Conv1D::Run|Stages::Store|"
    r"Winograd.*\)#3\}",
    "requantisation": r"[Rr]equanti[sz]e|OutputStage|output_stage",
    "packing and staging": r"Pack|Stage|Winograd.*\)#1\}|Direct.*\)#1\}",
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
