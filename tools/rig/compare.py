"""Prints instructions and modelled cycles of models as one Markdown table.

    python -m tools.rig.compare MODEL.tflite... [--runtime NAME] [--core NAME]... [--xnnpack]
                                [--option KEY=VALUE]... [--options "KEY=VALUE;..."]...

One column is TFLite's built-in kernels, one the delegate for each --options (without any: with the
options of --option alone), and with --xnnpack one is XNNPACK; in the runtime "wheel", which has
none, Debian's, for the 1-D convolutions only. In brackets: how many times as many TFLite takes.
Instructions are executed ones (count.py), cycles are modelled (cycles.py), both on each core.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.rig import count, cycles, flags, markdown, runtimes
from tools.rig.columns import Options
from tools.rig.cores import models_of


@dataclass(frozen=True)
class Compared:
    """A model, measured by column; the first column is what the others are compared with.

    Attributes:
        title: of the model.
        counts: executed instructions of an inference by core and column.
        cycles: modelled cycles of an inference by model of a core (cores.py) and column.
    """

    title: str
    counts: Mapping[str, Mapping[str, count.Counts]]
    cycles: Mapping[str, Mapping[str, cycles.Cycles]]


def measure(
    model: Path,
    title: str,
    delegates: Mapping[str, Options],
    cores: Iterable[str],
    *,
    runtime: runtimes.Runtime = runtimes.RUNTIMES[runtimes.WHEEL],
    with_xnnpack: bool = False,
    kept: Path | None = None,
) -> Compared:
    """Counts and models one inference by core and column (runtimes.count_columns).

    Raises:
        count.RigError: the rig or LLVM is not set up, or the model does not run.
    """
    counts = {
        core: runtimes.count_columns(
            model, delegates, runtime=runtime, core=core, with_xnnpack=with_xnnpack, kept=kept
        )
        for core in cores
    }
    return Compared(title, counts, cycles.of_columns(counts))


def table(models: Iterable[Compared]) -> str:
    """A row for the instructions and one for each core's cycles of each model, in millions."""
    rows = []
    names: dict[str, None] = {}  # in order
    for compared in models:
        for core, counts in compared.counts.items():
            names |= dict.fromkeys(counts)
            totals: dict[str, Mapping[str, float]] = {
                f"{core}: M instructions": {k: c.instructions for k, c in counts.items()}
            }
            for model in models_of(core):
                cycles_of_model = compared.cycles[model]
                totals[f"{model}: M cycles"] = {k: c.total for k, c in cycles_of_model.items()}
            rows += [(f"{compared.title}, {unit}", values) for unit, values in totals.items()]
    return markdown.table(
        ["(ratio to TFLite)", *names],
        [[title, *(_cell(values, name) for name in names)] for title, values in rows],
    )


def _cell(values: Mapping[str, float], name: str) -> str:
    if name not in values:
        return ""
    base = next(iter(values.values()))
    ratio = "" if name == next(iter(values)) else f" ({base / values[name]:.2f})"
    return f"{values[name] / 1e6:.1f}{ratio}"


def main(arguments: Sequence[str]) -> None:
    """Measures models and prints the table."""
    parser = flags.models_and_options(__doc__)
    flags.add_runtime(parser)
    parser.add_argument("--xnnpack", action="store_true", help="a column of XNNPACK too")
    values, delegates = flags.parse(parser, arguments)
    models = [
        measure(
            model,
            model.stem,
            delegates,
            values.core,
            runtime=values.runtime,
            with_xnnpack=values.xnnpack,
        )
        for model in values.models
    ]
    print(table(models))


if __name__ == "__main__":
    flags.run(main)
