"""Measures all that docs/performance.md says, under the rig, and writes it.

    python -m tools.experiments.performance [--no-caches] [--models build/performance]
                                            [--docs docs]

Makes the models (untrained, weights from a seed) unless they lie in the folder from before; counts
instructions and models cycles for each in the runtimes and on the cores of TABLES, with the
built-in kernels, XNNPACK and the delegate; and measures memory and preparation. Models the data
caches for the first model, which takes a sixth of the time; --no-caches leaves that out. Counts are
kept, and counted again only when a model or a library has changed. Takes about 25 minutes on two
cores. Needs tools/setup.sh --tests and tools/rig/setup.sh armv7 aarch64.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.experiments.performance_page import (
    DEFAULT,
    UNLIMITED,
    Detailed,
    Figures,
    KernelCost,
    bar_chart,
    report,
    targets_table,
)
from tools.experiments.steps import StepError, convert, execute
from tools.rig import columns, compare, count, dcache, log, memory, prepare
from tools.rig.columns import TFLITE
from tools.rig.results import Results
from tools.rig.runtimes import AARCH32, RUNTIMES, WHEEL
from wqlite.converter import ConversionError
from wqlite.converter.files import write_whole
from wqlite.models import checkpoints


@dataclass(frozen=True)
class Model:
    """How a model is made.

    Attributes:
        title: what it is.
        build: an expression that makes the Keras model.
        rsq: the tile of winograd_s8 that it is quantised for (docs/rsq.md), or none.
    """

    title: str
    build: str
    rsq: str = ""


WAV2LETTER = "wav2letter(activation='relu')"
MODELS: Mapping[str, Model] = {
    "wav2letter": Model("Wav2letter", WAV2LETTER),
    "wav2letter_rsq": Model("Wav2letter, RSQ", WAV2LETTER, "F(2,3)"),
    "wav2letter_rsq_nested": Model("Wav2letter, RSQ F(2,3)xF(2,2)", WAV2LETTER, "F(2,3)xF(2,2)"),
    "wav2letter_uniform": Model("Wav2letter, uniform weights", f"with_uniform({WAV2LETTER})"),
    "wav2letter_37": Model("Wav2letter, 37 frames", "wav2letter(activation='relu', time_steps=37)"),
    "wav2letter_leaky": Model("Wav2letter, LeakyReLU", "wav2letter(activation='leaky_relu')"),
    "tiny_wav2letter": Model("Tiny Wav2letter", "tiny_wav2letter(activation='relu')"),
    "tiny_wav2letter_rsq": Model(
        "Tiny Wav2letter, RSQ", "tiny_wav2letter(activation='relu')", "F(2,3)"
    ),
}
# By runtime: models, and the cores that each is counted on.
TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "android": {"wav2letter": AARCH32, "wav2letter_rsq": ("cortex-a55", "cortex-a76")},
    "litert": {"wav2letter": ("cortex-a76",), "wav2letter_rsq": ("cortex-a76",)},
    WHEEL: {
        "wav2letter": ("cortex-a9",),
        "wav2letter_37": ("cortex-a9", "cortex-a57"),
        "wav2letter_uniform": ("cortex-a57",),
    },
}
# Those of the wheel that are broken down.
DETAILED = ("wav2letter", "wav2letter_37")
DELEGATES: Mapping[str, columns.Options] = {DEFAULT: {}, UNLIMITED: count.UNLIMITED}
RSQ_DELEGATES: Mapping[str, columns.Options] = {
    "winograd_s16": {"algorithm": "winograd_s16"},
    "winograd_s8": {"algorithm": "winograd_s8"},
    "auto": {},
}
RSQ_CORES = ("cortex-a76",)
# Random features calibrate as well as speech here: no count depends on the values. By default Keras
# draws weights from a uniform distribution; ours are normal, as those of trained models about are.
BUILD = """
import sys
import keras
import numpy as np
from wqlite.models.wav2letter import tiny_wav2letter, wav2letter

def with_uniform(model):
    for number, layer in enumerate(model.layers):
        if hasattr(layer, "kernel"):
            draw = keras.initializers.GlorotUniform(seed=number)
            layer.kernel.assign(draw(layer.kernel.shape))
    return model

model = {build}
shape = (8, *model.input_shape[1:])
features = np.random.default_rng(0).normal(size=shape).astype(np.float32)
if {rsq!r}:
    from wqlite.converter import rsq
    model = rsq.quantize_model(model, rsq.RsqConfig(tile={rsq!r}))
    rsq.calibrate(model, [features])
model.save(sys.argv[1])
np.savez(sys.argv[2], features=features)
"""
COSTS = "build/armv7/cmake/tests/costs"


def make_model(name: str, folder: Path) -> Path:
    """Builds and converts a model of MODELS, unless it is there.

    Raises:
        StepError: building or converting fails.
    """
    model = folder / f"{name}.tflite"
    if model.exists():
        return model
    with tempfile.TemporaryDirectory() as temporary:
        keras_file, data = Path(temporary) / "model.keras", Path(temporary) / "data.npz"
        script = BUILD.format(build=MODELS[name].build, rsq=MODELS[name].rsq)
        execute([sys.executable, "-c", script, keras_file, data], f"building {name}")
        convert(keras_file, data, model)
    return model


def measure_table(runtime: str, folder: Path) -> dict[str, compare.Compared]:
    """Measures the models of a runtime; what was counted before and has not changed is kept.

    Raises:
        count.RigError: the rig is not set up, or a model does not run.
        StepError: building or converting a model fails.
    """
    return {
        name: compare.measure(
            make_model(name, folder),
            MODELS[name].title,
            DELEGATES,
            cores,
            runtime=RUNTIMES[runtime],
            with_xnnpack=True,
            kept=folder / "counts" / runtime,
        )
        for name, cores in TABLES[runtime].items()
    }


def measure_details(model: Path) -> Detailed:
    """Measures what a model takes besides cycles, with the wheel.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    return Detailed(
        peaks=measure_peaks(model, model.parent / "counts" / WHEEL),
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
    """Measures RSQ models and the trained ones that ship with wqlite, with each algorithm.

    Raises:
        count.RigError: the rig is not set up, or a model does not run.
        StepError: building or converting fails.
    """
    models = {m.title: make_model(name, folder) for name, m in MODELS.items() if m.rsq}
    shipped = (name for name in checkpoints.names() if name.endswith("_rsq.tflite"))
    models |= {f"{Path(name).stem}, trained": checkpoints.path(name) for name in shipped}
    kept = folder / "counts" / WHEEL
    return [
        compare.measure(model, title, RSQ_DELEGATES, RSQ_CORES, kept=kept)
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
        kept = Results(folder / "counts" / WHEEL / f"caches, {name}.json", tools[name])
        if name not in kept:
            measured = dcache.inference_traffic(model, delegate=name != TFLITE)
            kept.update({name: dataclasses.asdict(measured)})
        traffic[name] = dcache.Traffic(**kept[name])
    return traffic


def planned_layers(model: Path) -> list[tuple[str, str]]:
    """(layer, kernel and tile) of each convolution, from the delegate's log."""
    command = count.invocation(model, 1, True, {"log_level": "info"})
    text = count.run_command(command, {"WQ_RIG_CORE": AARCH32[0]}).stderr
    return [(found.layer, f"{found.kernel} {found.tile}") for found in log.layers(text)]


def kernel_costs() -> list[KernelCost]:
    """What the delegate believes that its ARMv7 kernels cost.

    Raises:
        count.RigError: the rig is not set up.
    """
    checkout = count.find_checkout()
    command = [str(checkout / "tools/rig/run"), str(checkout / COSTS)]
    text = count.run_command(command, {"WQ_RIG_CORE": AARCH32[-1]}).stdout
    costs = []
    for line in text.splitlines():
        values = json.loads(line)
        kernel, unit = values.pop("kernel"), values.pop("unit")
        values.pop("isa")
        costs.append(KernelCost(kernel, unit, values))
    return costs


def measure(folder: Path, *, caches: bool) -> Figures:
    """Measures everything that the page has.

    Raises:
        count.RigError: the rig is not set up, or a model does not run.
        StepError: building or converting fails.
    """
    return Figures(
        tables={runtime: measure_table(runtime, folder) for runtime in TABLES},
        details={name: measure_details(make_model(name, folder)) for name in DETAILED},
        rsq=measure_rsq(folder),
        traffic=measure_traffic(folder) if caches else {},
        costs=kernel_costs(),
    )


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--no-caches", action="store_true", help="leave the data caches out")
    parser.add_argument("--models", type=Path, default=Path("build/performance"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where to write the page")
    flags = parser.parse_args()
    try:
        count.find_checkout()
        flags.models.mkdir(parents=True, exist_ok=True)
        flags.docs.mkdir(parents=True, exist_ok=True)
        figures = measure(flags.models, caches=not flags.no_caches)
        write_whole(flags.docs / "performance.svg", bar_chart(figures).encode())
        text = report(figures, datetime.date.today())
        write_whole(flags.docs / "performance.md", text.encode())
    except (ConversionError, StepError, count.RigError, OSError) as error:
        print(f"performance: {error}", file=sys.stderr)
        return 1
    print(targets_table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
