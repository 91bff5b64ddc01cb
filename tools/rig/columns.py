"""What the instruments put side by side: TFLite, XNNPACK, and the delegate with sets of options."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.rig import count, xnnpack
from tools.rig.results import Results

TFLITE, XNNPACK, WQLITE = "TFLite", "XNNPACK", "wqlite"

Options = Mapping[str, str]


def count_columns(
    model: Path,
    delegates: Mapping[str, Options],
    *,
    core: str = "",
    with_xnnpack: bool = False,
    kept: Path | None = None,
) -> dict[str, count.Counts]:
    """Counts a model with TFLite, with XNNPACK if wanted, and with each set of options.

    Where the rig has no XNNPACK, its column is missing, and a line on stderr says why.

    Args:
        model: a `.tflite` file.
        delegates: the delegate's options by column.
        core: what the rig pretends to be (core.sh); TFLite's kernels of 2.14 do not ask.
        with_xnnpack: whether to add the column XNNPACK.
        kept: a folder where counts are kept, and taken from unless model or libraries changed.

    Raises:
        count.RigError: the rig is not set up, or the model does not run.
    """
    counted = {TFLITE: _counted(model, TFLITE, None, "", kept)}
    if with_xnnpack:
        try:
            counted[XNNPACK] = _kept(
                model,
                f"{XNNPACK} {core}".strip(),
                [xnnpack.LIBRARY],
                kept,
                lambda: xnnpack.count_layers(model, core),
            )
        except xnnpack.MissingError as error:
            print(f"no column of XNNPACK: {error}", file=sys.stderr)
    for name, options in delegates.items():
        counted[name] = _counted(model, name, options, core, kept)
    return counted


def _counted(
    model: Path, name: str, options: Options | None, core: str, kept: Path | None
) -> count.Counts:
    used = [count.TFLITE] if options is None else [count.TFLITE, count.DELEGATE]
    texts = [f"{key}={value}" for key, value in (options or {}).items()]
    return _kept(
        model,
        " ".join([name, *filter(None, [core]), *texts]),
        used,
        kept,
        lambda: count.count_inference(
            model, delegate=options is not None, options=options, core=core
        ),
    )


def _kept(
    model: Path,
    name: str,
    libraries: Sequence[str],
    folder: Path | None,
    counted: Callable[[], count.Counts],
) -> count.Counts:
    """What the folder holds under the name, or else what is counted now."""
    if sys.stderr.isatty():
        print(f"counting {model.name}, {name} ...", file=sys.stderr)
    used = [model, *(count.find_checkout() / path for path in (count.PLUGIN, *libraries))]
    if folder is None or not all(file.is_file() for file in used):
        return counted()  # which says what is missing
    results = Results(folder / f"{model.stem}, {name.replace('/', '_')}.json", used)
    if name not in results:
        results.update({name: count.write_counts(counted())})
    return count.read_counts(results[name])
