"""Counts all that docs/performance_android.md says, in Android's TensorFlow Lite, and writes it.

    python -m tools.experiments.performance_android [--models build/performance] [--docs docs]

Counts the instructions of an inference of Wav2letter (made as performance.py does) and of the
trained models that ship with wqlite, with the built-in kernels of Android's library and with the
delegate, both linked for armeabi-v7a. Takes some minutes. Needs tools/setup.sh --tests.

The built-in kernels of Android's library are others than those of the Python wheel, which
[performance.md](performance.md) compares with: faster ones. XNNPACK, which Java applications get by
default, is not counted here. Of the one in this library it was measured once, for Wav2letter with
Keras's default initial weights: 428
(Cortex-A55) and 372 (Cortex-A76) million instructions on cores with dot products, where it is the
best peer and takes 232 and 200 million modelled cycles against 498 and 303 of the delegate at its
default budget; 1249 to 1472 million instructions on cores without.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.experiments import page, performance
from tools.experiments.performance_page import DEFAULT, UNLIMITED
from tools.experiments.steps import StepError
from tools.rig import count, markdown
from tools.rig.android.count import count_inference
from tools.rig.count import Counts
from wqlite.converter import ConversionError
from wqlite.converter.files import write_whole
from wqlite.models import checkpoints

BUILT_IN = "built-in kernels"
RUNS: Mapping[str, Mapping[str, str] | None] = {
    BUILT_IN: None,
    DEFAULT: {},
    UNLIMITED: count.UNLIMITED,
}


def models(folder: Path) -> dict[str, Path]:
    """Title -> model.

    Raises:
        StepError: building or converting one fails.
    """
    name, (title, _) = next(iter(performance.MODELS.items()))
    trained = {
        f"{Path(name).stem}, trained": checkpoints.path(name)
        for name in checkpoints.names()
        if name.endswith(".tflite")
    }
    return {title: performance.make_model(name, folder), **trained}


def totals_table(counted: Mapping[str, Mapping[str, Counts]]) -> str:
    """Million instructions of each model, and how many times as many the built-in kernels take."""
    rows = []
    for title, runs in counted.items():
        base = runs[BUILT_IN].instructions
        ours = [run.instructions for name, run in runs.items() if name != BUILT_IN]
        cells = [f"{base / 1e6:.1f}", *(f"{n / 1e6:.1f} ({base / n:.2f})" for n in ours)]
        rows.append([title, *cells])
    return markdown.table(["M instructions (ratio)", *RUNS], rows)


def classes_table(runs: Mapping[str, Counts]) -> str:
    """Million instructions of one model by class."""
    classes = [run.classes for run in runs.values()]
    rows = [[name, *(f"{each[name] / 1e6:.2f}" for each in classes)] for name in classes[0]]
    return markdown.table(["M instructions", *runs], rows)


def report(counted: Mapping[str, Mapping[str, Counts]], day: datetime.date) -> str:
    """The page."""
    title, runs = next(iter(counted.items()))
    parts = [
        "# Performance on Android, armeabi-v7a",
        f"{page.made_by('performance_android', day)} Everything is one inference (a whole Invoke, "
        "one thread) by the library in TensorFlow Lite's Android archive 2.16.1, with its built-in "
        "kernels and with the delegate of wqlite's archive, under qemu-arm: executed "
        "instructions, which say nothing of caches or of how a core issues them.",
        totals_table(counted),
        f"## {title} by class",
        classes_table(runs),
        "## Against what",
        page.last_paragraph(__doc__),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=Path, default=Path("build/performance"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where to write the page")
    flags = parser.parse_args()
    try:
        count.find_checkout()
        flags.models.mkdir(parents=True, exist_ok=True)
        flags.docs.mkdir(parents=True, exist_ok=True)
        counted = {
            title: {name: count_inference(model, options) for name, options in RUNS.items()}
            for title, model in models(flags.models).items()
        }
        text = report(counted, datetime.date.today())
        write_whole(flags.docs / "performance_android.md", text.encode())
    except (ConversionError, StepError, count.RigError, OSError) as error:
        print(f"performance_android: {error}", file=sys.stderr)
        return 1
    print(totals_table(counted))
    return 0


if __name__ == "__main__":
    sys.exit(main())
