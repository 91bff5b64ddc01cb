"""Times a model on this machine: TFLite's built-in kernels against wqlite's, and XNNPACK.

    python -m tools.rig.benchmark MODEL.tflite [--threads N]... [--xnnpack] [--repeat N]
                                  [--runtime NAME] [--option KEY=VALUE]... [--json FILE]

Inferences take turns (A, B, A, B, ...), so that all contenders see the same load of the machine,
and medians are compared: trust the ratios, not the milliseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wqlite import delegate
from wqlite.converter import ConversionError
from wqlite.converter.files import write_whole

BUILTIN = "TFLite built-in"
WARM_UP = 2
# What delegate.interpreter takes besides the delegate's options.
OWN_FLAGS = {
    "num_threads": "use --threads",
    "runtime": "use --runtime",
    "default_delegates": "use --xnnpack",
    "delegate": "TFLite alone is always measured",
}


@dataclass(frozen=True)
class Timing:
    """One contender.

    Attributes:
        name: which kernels, with how many threads.
        milliseconds: median of an inference.
        fastest: the shortest inference, in milliseconds.
        ratio: how many times faster than TFLite's built-in kernels on as many threads.
        differing: output bytes that differ from theirs.
    """

    name: str
    milliseconds: float
    fastest: float
    ratio: float
    differing: int


def contenders(
    model: Path, threads: int, *, xnnpack: bool, runtime: str | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Interpreters by name, TFLite's built-in kernels first."""
    common: dict[str, Any] = {"num_threads": threads, "runtime": runtime}
    found = {
        BUILTIN: delegate.interpreter(model, delegate=False, **common),
        "wqlite": delegate.interpreter(model, **common, **options),
    }
    if xnnpack:
        found["XNNPACK"] = delegate.interpreter(
            model, delegate=False, default_delegates=True, **common
        )
    return found


def random_input(interpreter: Any, seed: int = 0) -> None:
    """Fills every input of the interpreter with random values of its type."""
    random = np.random.default_rng(seed)
    for details in interpreter.get_input_details():
        kind = np.dtype(details["dtype"])
        shape = tuple(details["shape"])
        if np.issubdtype(kind, np.integer):
            limits = np.iinfo(kind)
            values = random.integers(limits.min, limits.max, shape, kind, endpoint=True)
        else:
            values = random.standard_normal(shape).astype(kind)
        interpreter.set_tensor(details["index"], values)


def outputs(interpreter: Any) -> npt.NDArray[np.uint8]:
    """All bytes of all outputs."""
    return np.concatenate(
        [
            np.frombuffer(interpreter.get_tensor(details["index"]).tobytes(), np.uint8)
            for details in interpreter.get_output_details()
        ]
    )


def measure(interpreters: Mapping[str, Any], repeat: int, suffix: str = "") -> list[Timing]:
    """Times interpreters that take turns, the first of which is what the others are compared with.

    Args:
        interpreters: by name; each is given the same random input.
        repeat: timed inferences of each.
        suffix: is appended to the names.
    """
    milliseconds: dict[str, list[float]] = {name: [] for name in interpreters}
    for interpreter in interpreters.values():
        random_input(interpreter)
    for turn in range(WARM_UP + repeat):
        for name, interpreter in interpreters.items():
            start = time.perf_counter()
            interpreter.invoke()
            if turn >= WARM_UP:
                milliseconds[name].append(1e3 * (time.perf_counter() - start))
    medians = {name: statistics.median(times) for name, times in milliseconds.items()}
    reference = next(iter(interpreters))
    expected = outputs(interpreters[reference])
    return [
        Timing(
            name=name + suffix,
            milliseconds=medians[name],
            fastest=min(milliseconds[name]),
            ratio=medians[reference] / medians[name],
            differing=int(np.count_nonzero(outputs(interpreter) != expected)),
        )
        for name, interpreter in interpreters.items()
    ]


def table(timings: Iterable[Timing]) -> str:
    """The timings as text, one a line."""
    lines = [f"{'kernels':28} {'median ms':>10} {'fastest':>9} {'ratio':>7} {'other bytes':>12}"]
    lines += [
        f"{t.name:28} {t.milliseconds:10.2f} {t.fastest:9.2f} {t.ratio:6.2f}x {t.differing:12d}"
        for t in timings
    ]
    return "\n".join(lines)


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def key_value(text: str) -> tuple[str, str]:
    """KEY=VALUE, for argparse."""
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError(f"'{text}' is not KEY=VALUE")
    if key in OWN_FLAGS:
        raise argparse.ArgumentTypeError(f"'{key}' is not for --option; {OWN_FLAGS[key]}")
    return key, value


def new_file(text: str) -> Path:
    """A file in a folder that exists, for argparse: told before anything is measured."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"'{text}' is not a file in a folder that exists")
    return path


def parse_arguments() -> argparse.Namespace:
    """The command line described at the top."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.rig.benchmark", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("model", type=Path)
    parser.add_argument(
        "--threads", type=positive, action="append", help="may be repeated (default: 1)"
    )
    parser.add_argument("--xnnpack", action="store_true", help="also the runtime's default kernels")
    parser.add_argument("--repeat", type=positive, default=20, help="timed inferences of each")
    parser.add_argument(
        "--runtime", help="tflite_runtime, ai_edge_litert or tensorflow (default: what there is)"
    )
    parser.add_argument(
        "--option",
        type=key_value,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an option of the delegate; may be repeated",
    )
    parser.add_argument(
        "--json", type=new_file, metavar="FILE", help="write the results there, too"
    )
    return parser.parse_args()


def main() -> None:
    """Runs the command described at the top."""
    flags = parse_arguments()
    timings = []
    try:
        for threads in flags.threads or [1]:
            interpreters = contenders(
                flags.model,
                threads,
                xnnpack=flags.xnnpack,
                runtime=flags.runtime,
                options=dict(flags.option),
            )
            suffix = f", {threads} thread{'s' if threads > 1 else ''}"
            timings += measure(interpreters, flags.repeat, suffix)
        if flags.json:
            results = [asdict(timing) for timing in timings]
            document = {"model": flags.model.name, "timings": results}
            write_whole(flags.json, f"{json.dumps(document, indent=2)}\n".encode())
    except (ConversionError, delegate.DelegateError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    print(table(timings))


if __name__ == "__main__":
    main()
