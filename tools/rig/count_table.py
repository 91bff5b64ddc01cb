"""The command of count.py: prints the counts of models side by side."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.rig import count, flags
from tools.rig.columns import WQLITE
from tools.rig.count import Counts
from tools.rig.runtimes import count_columns


def table(columns: Mapping[str, Counts], top: int) -> str:
    """Formats counts side by side, in million instructions, with the `top` functions of each."""
    width = max(12, *(len(name) + 2 for name in columns))
    lines = ["".join([f"{'million instructions':40}", *(f"{name:>{width}}" for name in columns)])]

    def row(name: str, values: Sequence[int]) -> None:
        lines.append("".join([f"{name:40}", *(f"{value / 1e6:{width}.2f}" for value in values)]))

    totals = [counts.instructions for counts in columns.values()]
    row("all", totals)
    ratios = (f"{totals[0] / total:{width}.2f}" for total in totals)
    lines.append("".join([f"{'ratio':40}", *ratios]))
    for title, sums in (
        ("by class", [counts.classes for counts in columns.values()]),
        ("by phase", [counts.phases for counts in columns.values()]),
    ):
        lines.append(title)
        for name in sums[0]:
            row(f"  {name}", [column[name] for column in sums])
    layers = [[part.instructions for part in counts.parts] for counts in columns.values()]
    if layers[0] and len({len(column) for column in layers}) == 1:
        lines.append("by layer")
        for number, values in enumerate(zip(*layers, strict=True), start=1):
            row(f"  {number}", values)
    for name, counts in columns.items():
        lines += ["", f"{name}, by function"]
        largest = sorted(counts.functions.items(), key=lambda item: -item[1])[:top]
        lines += [f"{value / 1e6:12.2f}  {shortened(function)}" for function, value in largest]
    return "\n".join(lines)


def shortened(name: str, width: int = 100) -> str:
    """Cuts the names of C++ templates to something that fits a line."""
    return name if len(name) <= width else name[: width - 3] + "..."


def as_document(counts: Counts) -> dict[str, Any]:
    """Counts for a JSON file."""
    return {
        "instructions": counts.instructions,
        "classes": counts.classes,
        "phases": counts.phases,
        "layers": [part.instructions for part in counts.parts],
        "functions": counts.functions,
    }


def main(arguments: Sequence[str]) -> None:
    """Counts models and prints a table for each."""
    parser = flags.models_and_options(count.__doc__)
    flags.add_runtime(parser)
    parser.add_argument(
        "--compare", action="store_true", help="also XNNPACK, and wqlite with unlimited memory"
    )
    parser.add_argument("--top", type=int, default=10, help="how many functions (default: 10)")
    parser.add_argument("--json", type=Path, help="also write the counts to this file")
    values, delegates = flags.parse(parser, arguments)
    if values.compare and not values.options:
        delegates["unlimited"] = {**delegates[WQLITE], **count.UNLIMITED}
    document = {}
    for model, core in itertools.product(values.models, values.core):
        columns = count_columns(
            model, delegates, runtime=values.runtime, core=core, with_xnnpack=values.compare
        )
        print(f"{model.name}, {core}\n{table(columns, values.top)}\n")
        document[f"{model}, {core}"] = {name: as_document(c) for name, c in columns.items()}
    if values.json:
        values.json.write_text(json.dumps(document, indent=1) + "\n")
