"""The flags that the instruments share, and how an instrument ends."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from tools.rig.columns import WQLITE, Options
from tools.rig.count import RigError
from tools.rig.runtimes import RUNTIMES, WHEEL


def run(main: Callable[[Sequence[str]], None]) -> NoReturn:
    """Calls `main` with this program's arguments; a RigError ends it with a sentence and code 1."""
    try:
        main(sys.argv[1:])
    except RigError as error:
        sys.exit(f"error: {error}")
    sys.exit()


def models(description: str | None) -> argparse.ArgumentParser:
    """The flags of an instrument that takes models.

    Args:
        description: the instrument's docstring, whose first line says what it does.
    """
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="model", help="a .tflite file")
    return parser


def models_and_options(description: str | None) -> argparse.ArgumentParser:
    """The flags of an instrument: models, and options of the delegate.

    Args:
        description: the instrument's docstring, whose first line says what it does.
    """
    parser = models(description)
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a delegate option, for all columns",
    )
    parser.add_argument(
        "--options",
        action="append",
        default=[],
        metavar="KEY=VALUE;...",
        help="a column of its own with these delegate options; may be given several times",
    )
    return parser


def add_runtime(parser: argparse.ArgumentParser) -> None:
    """The flags --runtime and --core: in what the models run, and on which cores."""
    parser.add_argument(
        "--runtime", choices=list(RUNTIMES), default=WHEEL, help=f"(default: {WHEEL})"
    )
    parser.add_argument(
        "--core",
        action="append",
        default=[],
        help="emulate this core; may be given several times (default: the runtime's first two)",
    )


def parse(
    parser: argparse.ArgumentParser, arguments: Sequence[str]
) -> tuple[argparse.Namespace, dict[str, Options]]:
    """Parses the flags of models_and_options; returns them and the delegate's options by column.

    An option without a value ends the program with a sentence and exit code 2.
    """
    flags = parser.parse_args(arguments)
    if "core" in flags:
        flags.runtime = RUNTIMES[flags.runtime]
        flags.core = flags.core or list(flags.runtime.cores[:2])
        others = ", ".join(core for core in flags.core if core not in flags.runtime.cores)
        if others:
            parser.error(f"--core {others} is none of {', '.join(flags.runtime.cores)}")
    common = _parsed(parser, "--option", flags.option)
    texts = {text: _parsed(parser, "--options", text.split(";")) for text in flags.options}
    columns: dict[str, Options] = {WQLITE: common} if not texts else {}
    columns |= {text or WQLITE: {**common, **options} for text, options in texts.items()}
    return flags, columns


def _parsed(parser: argparse.ArgumentParser, flag: str, options: Sequence[str]) -> dict[str, str]:
    given = [option.strip() for option in options if option.strip()]
    for option in given:
        if "=" not in option:
            parser.error(f"{flag} {option} is not of the form KEY=VALUE")
    return dict(option.split("=", 1) for option in given)
