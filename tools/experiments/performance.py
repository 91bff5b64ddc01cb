"""Measures all that docs/performance.md says, under the ARMv7 rig, and writes it.

    python -m tools.experiments.performance [--no-caches] [--models build/performance]
                                            [--docs docs]

Makes the models (untrained, weights from a seed) unless they lie in the folder from before;
counts instructions, models cycles and measures memory for each, with TFLite's built-in kernels and
with the delegate, and instructions with XNNPACK. Models the data caches for the first model, which
takes a sixth of the time; --no-caches leaves that out. Counts are kept, and counted again only when
a model or a library has changed. Takes about a quarter of an hour on two cores. Needs
tools/setup.sh and tools/rig/setup.sh.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools.experiments.performance_page import (
    CORES,
    DEFAULT,
    UNLIMITED,
    Measured,
    bar_chart,
    report,
    targets_table,
)
from tools.experiments.steps import StepError, convert, execute
from tools.rig import columns, compare, count, dcache, log, memory, prepare
from tools.rig.columns import TFLITE
from tools.rig.results import Results
from wqlite.converter import ConversionError
from wqlite.converter.files import write_whole
from wqlite.models import checkpoints

DELEGATES: Mapping[str, columns.Options] = {
    DEFAULT: {},
    UNLIMITED: count.UNLIMITED,
}
# The file's name: title, and how to build the Keras model.
MODELS: Mapping[str, tuple[str, str]] = {
    "wav2letter": ("Wav2letter", "wav2letter(activation='relu')"),
    "wav2letter_leaky": ("Wav2letter, LeakyReLU", "wav2letter(activation='leaky_relu')"),
    "tiny_wav2letter": ("Tiny Wav2letter", "tiny_wav2letter(activation='relu')"),
    "wav2letter_37": ("Wav2letter, 37 frames", "wav2letter(activation='relu', time_steps=37)"),
}
# The same with weights and activations in the ranges that winograd_s8 wants (docs/rsq.md).
RSQ_MODELS: Mapping[str, tuple[str, str]] = {
    "wav2letter_rsq": ("Wav2letter, RSQ", "wav2letter(activation='relu')"),
    "tiny_wav2letter_rsq": ("Tiny Wav2letter, RSQ", "tiny_wav2letter(activation='relu')"),
}
RSQ_DELEGATES: Mapping[str, columns.Options] = {
    "winograd_s16": {"algorithm": "winograd_s16"},
    "winograd_s8": {"algorithm": "winograd_s8"},
    "auto": {},
}
# Random features calibrate as well as speech here: no count depends on the values.
BUILD = """
import sys
import numpy as np
from wqlite.models import wav2letter
model = wav2letter.{build}
shape = (8, *model.input_shape[1:])
features = np.random.default_rng(0).normal(size=shape).astype(np.float32)
if {with_rsq}:
    from wqlite.converter import rsq
    model = rsq.quantize_model(model, rsq.RsqConfig())
    rsq.calibrate(model, [features])
model.save(sys.argv[1])
np.savez(sys.argv[2], features=features)
"""


def make_model(name: str, folder: Path) -> Path:
    """Builds and converts a model of MODELS or RSQ_MODELS, unless it is there.

    Raises:
        StepError: building or converting fails.
    """
    model = folder / f"{name}.tflite"
    if model.exists():
        return model
    with tempfile.TemporaryDirectory() as temporary:
        keras_file, data = Path(temporary) / "model.keras", Path(temporary) / "data.npz"
        build = {**MODELS, **RSQ_MODELS}[name][1]
        script = BUILD.format(build=build, with_rsq=name in RSQ_MODELS)
        execute([sys.executable, "-c", script, keras_file, data], f"building {name}")
        convert(keras_file, data, model)
    return model


def measure(name: str, model: Path) -> Measured:
    """Measures a model; what was counted before and has not changed is taken from beside it.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    title, kept = MODELS[name][0], model.parent / "counts"
    compared = compare.measure(model, title, DELEGATES, CORES, with_xnnpack=True, kept=kept)
    return Measured(
        compared.title,
        compared.counts,
        compared.cycles,
        peaks=measure_peaks(model, kept),
        layers=planned_layers(model),
        preparing=prepare.count_preparation(model).phases,
        preparing_here=prepare.time_preparation(model.resolve()),
    )


def measure_peaks(model: Path, folder: Path) -> dict[str, int]:
    """memory.peaks_kib, unless the folder has them from before."""
    checkout = count.find_checkout()
    used = [model, *(checkout / library for library in (count.TFLITE, count.DELEGATE))]
    kept = Results(folder / f"{model.stem}, peaks.json", used)
    for name, options in memory.SETTINGS.items():
        if name not in kept:
            kept.update({name: memory.peak_kib(model, options)})
    return {name: kept[name] for name in memory.SETTINGS}


def measure_rsq(folder: Path) -> list[compare.Compared]:
    """Measures RSQ_MODELS and the trained models that ship with wqlite, with each algorithm.

    Raises:
        count.RigError: the rig is not set up, or a model does not run.
        StepError: building or converting fails.
    """
    models = {title: make_model(name, folder) for name, (title, _) in RSQ_MODELS.items()}
    shipped = (name for name in checkpoints.names() if name.endswith("_rsq.tflite"))
    models |= {f"{Path(name).stem}, trained": checkpoints.path(name) for name in shipped}
    kept = folder / "counts"
    return [
        compare.measure(model, title, RSQ_DELEGATES, CORES, kept=kept)
        for title, model in models.items()
    ]


def measure_traffic(folder: Path) -> dict[str, dcache.Traffic]:
    """Models the data caches for the first of MODELS, unless the folder has it from before.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    model = make_model(next(iter(MODELS)), folder)
    checkout = count.find_checkout()
    used = [model, *(checkout / library for library in (dcache.PLUGIN, count.TFLITE))]
    tools = {TFLITE: used, DEFAULT: [*used, checkout / count.DELEGATE]}
    traffic = {}
    for name in tools:
        kept = Results(folder / "counts" / f"caches, {name}.json", tools[name])
        if name not in kept:
            measured = dcache.inference_traffic(model, delegate=name != TFLITE)
            kept.update({name: dataclasses.asdict(measured)})
        traffic[name] = dcache.Traffic(**kept[name])
    return traffic


def planned_layers(model: Path) -> list[tuple[str, str]]:
    """(layer, kernel and tile) of each convolution, from the delegate's log."""
    command = count.invocation(model, 1, True, {"log_level": "info"})
    text = count.run_command(command, {}).stderr
    return [(found.layer, f"{found.kernel} {found.tile}") for found in log.layers(text)]


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--no-caches", action="store_true", help="leave the data caches out")
    parser.add_argument("--models", type=Path, default=Path("build/performance"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where to write the page")
    flags = parser.parse_args()
    models = {}
    try:
        count.find_checkout()
        flags.models.mkdir(parents=True, exist_ok=True)
        flags.docs.mkdir(parents=True, exist_ok=True)
        for name, (title, _) in MODELS.items():
            if sys.stderr.isatty():
                print(f"measuring {title} ...", file=sys.stderr)
            models[name] = measure(name, make_model(name, flags.models))
        rsq = measure_rsq(flags.models)
        traffic = {} if flags.no_caches else measure_traffic(flags.models)
        write_whole(flags.docs / "performance.svg", bar_chart(models).encode())
        text = report(models, rsq, traffic, datetime.date.today())
        write_whole(flags.docs / "performance.md", text.encode())
    except (ConversionError, StepError, count.RigError, OSError) as error:
        print(f"performance: {error}", file=sys.stderr)
        return 1
    print(targets_table(models))
    return 0


if __name__ == "__main__":
    sys.exit(main())
