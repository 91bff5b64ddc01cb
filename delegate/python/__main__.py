"""Prints the path of the delegate's library, for programs that load it by path."""

from __future__ import annotations

import argparse
import sys

from .loader import DelegateError, describe_options, library_path


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m wqlite.delegate", description=__doc__)
    parser.add_argument("--options", action="store_true", help="print the delegate's options")
    arguments = parser.parse_args()
    try:
        print(describe_options() if arguments.options else library_path())
    except DelegateError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
