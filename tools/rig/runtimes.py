"""The TensorFlow Lites in which inferences are counted, and counts of a model in one of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.rig import count, litert, xnnpack
from tools.rig.android import count as android
from tools.rig.columns import TFLITE, XNNPACK, Kernels, Options
from tools.rig.results import Results


@dataclass(frozen=True)
class Runtime:
    """A TensorFlow Lite for one instruction set.

    Attributes:
        title: what it is.
        cores: whose cycles are modelled, the first one's first.
        files: what its counts depend on, besides the model.
        delegate: what those of the delegate depend on besides.
        xnnpack: what those of XNNPACK depend on besides.
        built_in_asks: whether its built-in kernels ask which core they run on; otherwise they are
            counted once for all cores.
        count: counts an inference of a model with these kernels on this core.
    """

    title: str
    cores: tuple[str, ...]
    files: tuple[str, ...]
    delegate: str
    xnnpack: str
    built_in_asks: bool
    count: Callable[[Path, Kernels, str], count.Counts]


def _count_wheel(model: Path, kernels: Kernels, core: str) -> count.Counts:
    if kernels == XNNPACK:
        return xnnpack.count_layers(model, core)
    used, options = (False, None) if kernels == TFLITE else (True, kernels)
    return count.count_inference(model, delegate=used, options=options, core=core)


AARCH32 = ("cortex-a9", "cortex-a57", "cortex-a53", "cortex-a55", "cortex-a76")
AARCH64 = ("cortex-a76", "cortex-a55", "cortex-x2")
_ANDROID = android.FOLDER.format(abi="armeabi-v7a")
WHEEL = "wheel"
RUNTIMES: Mapping[str, Runtime] = {
    WHEEL: Runtime(
        title="TensorFlow Lite 2.14 (Python wheel for armv7l), XNNPACK of Debian 12",
        cores=AARCH32,
        files=(count.PLUGIN, count.TFLITE),
        delegate=count.DELEGATE,
        xnnpack=xnnpack.LIBRARY,
        built_in_asks=False,
        count=_count_wheel,
    ),
    "android": Runtime(
        title="Android's TensorFlow Lite 2.16.1 (armeabi-v7a)",
        cores=AARCH32,
        files=(count.PLUGIN, *(f"{_ANDROID}/{name}" for name in android.FILES)),
        delegate=f"{_ANDROID}/{android.DELEGATE}",
        xnnpack=f"{_ANDROID}/{android.FILES[-1]}",
        built_in_asks=False,
        count=android.count_inference,
    ),
    "litert": Runtime(
        title="LiteRT 2.1.6 (Python wheel for AArch64)",
        cores=AARCH64,
        files=(count.PLUGIN, litert.INTERPRETER),
        delegate=litert.DELEGATE,
        xnnpack=litert.INTERPRETER,
        built_in_asks=True,
        count=litert.count_inference,
    ),
}


def count_columns(
    model: Path,
    delegates: Mapping[str, Options],
    *,
    runtime: Runtime = RUNTIMES[WHEEL],
    core: str = "",
    with_xnnpack: bool = False,
    kept: Path | None = None,
) -> dict[str, count.Counts]:
    """Counts a model with TFLite, with XNNPACK if wanted, and with each set of options.

    Where the rig has no XNNPACK, its column is missing, and a line on stderr says why.

    Args:
        model: a `.tflite` file.
        delegates: the delegate's options by column.
        runtime: in which the model runs.
        core: what the rig pretends to be (core.sh); empty: a core of no name.
        with_xnnpack: whether to add the column XNNPACK.
        kept: a folder where counts are kept, and taken from unless model or libraries changed.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    columns: dict[str, Kernels] = {TFLITE: TFLITE}
    if with_xnnpack:
        columns[XNNPACK] = XNNPACK
    counted = {}
    for name, kernels in {**columns, **delegates}.items():
        asks = runtime.built_in_asks or kernels != TFLITE
        try:
            counted[name] = _kept(model, name, kernels, runtime, core if asks else "", kept)
        except xnnpack.MissingError as error:
            print(f"no column of XNNPACK: {error}", file=sys.stderr)
    return counted


def _kept(
    model: Path, column: str, kernels: Kernels, runtime: Runtime, core: str, folder: Path | None
) -> count.Counts:
    """What the folder holds of a column, or else what is counted now."""
    name = " ".join([column, *filter(None, [core]), *_texts(kernels)]).replace("/", "_")
    if sys.stderr.isatty():
        print(f"counting {model.name}, {name} ...", file=sys.stderr)
    files = [*runtime.files]
    if kernels == XNNPACK:
        files.append(runtime.xnnpack)
    elif kernels != TFLITE:
        files.append(runtime.delegate)
    used = [model, *(count.find_checkout() / path for path in files)]
    if folder is None or not all(file.is_file() for file in used):
        return runtime.count(model, kernels, core)  # which says what is missing
    results = Results(folder / f"{model.stem}, {name}.json", used)
    if name not in results:
        results.update({name: count.write_counts(runtime.count(model, kernels, core))})
    return count.read_counts(results[name])


def _texts(kernels: Kernels) -> list[str]:
    return [] if isinstance(kernels, str) else [f"{k}={v}" for k, v in kernels.items()]
