"""What the commands of wqlite have in common: flags by absl, refusals in one sentence, progress.

Example:
```python
COMMAND = CommandLine("wq_example", USAGE, __name__, required=("output",))

def run() -> NoReturn:
    flags.DEFINE_string("output", None, "The file to write.")
    COMMAND.run(_main, refusals=(ExampleError,))
```
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from absl import app, flags

from wqlite.converter.quiet import captured_output

EXIT_REFUSED = 1
EXIT_WRONG_FLAGS = 2
EXIT_INTERRUPTED = 130
HELP = {"--help", "-help", "-h", "-?", "--helpshort", "-helpshort"}
ERASE_LINE = "\r\x1b[K"

Progress = Callable[[str], None]
"""Told what is being done now."""


@dataclass(frozen=True)
class CommandLine:
    """One command.

    Attributes:
        program: its name.
        usage: what `--help` says before the flags.
        module: the module that defines its flags.
        required: flags that must be given.
    """

    program: str
    usage: str
    module: str
    required: tuple[str, ...] = ()

    def run(self, main: Callable[[], None], refusals: tuple[type[Exception], ...]) -> NoReturn:
        """Parses the flags, calls `main`, and exits.

        The exit code is 0, 1 after one of the `refusals` (errors whose message is for the user), 2
        for wrong flags and 130 after an interruption.
        """

        def guarded(argv: Sequence[str]) -> None:
            del argv  # Checked to be empty.
            try:
                main()
            except refusals as error:
                self.fail(str(error), EXIT_REFUSED)
            except KeyboardInterrupt:
                self.fail("interrupted.", EXIT_INTERRUPTED)

        app.run(guarded, flags_parser=self._parse)
        sys.exit(0)

    def fail(self, message: str, code: int) -> NoReturn:
        """Ends the program with a message."""
        print(f"{self.program}: {message}", file=sys.stderr)
        sys.exit(code)

    def fail_flags(self, message: str) -> NoReturn:
        """Ends the program since the flags are wrong; `message` is without its full stop."""
        self.fail(f"{message} (see {self.program} --help).", EXIT_WRONG_FLAGS)

    @contextlib.contextmanager
    def progress(self, *categories: type[Warning]) -> Iterator[Progress]:
        """Shows steps on a line of their own, which vanishes in the end; only on a terminal.

        Warnings meanwhile are shown in the way of refusals, those of the categories or, without
        any, all.
        """
        erase = ERASE_LINE if sys.stderr.isatty() else ""
        shown = categories or (Warning,)

        def show(step: str) -> None:
            if erase:
                print(f"{erase}{self.program}: {step}", end="", file=sys.stderr, flush=True)

        def warn(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
            if issubclass(category, shown):
                print(f"{erase}{self.program}: warning: {message}", file=sys.stderr, flush=True)

        with warnings.catch_warnings():
            warnings.showwarning = warn
            try:
                yield show
            finally:
                print(erase, end="", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def quiet_progress(self, *categories: type[Warning]) -> Iterator[Progress]:
        """The same, while what TensorFlow writes to the terminal by itself is kept off it."""
        with (
            captured_output() as terminal,
            contextlib.redirect_stderr(terminal),
            self.progress(*categories) as progress,
        ):
            yield progress

    def _parse(self, argv: Sequence[str]) -> list[str]:
        if HELP & set(argv[1:]):
            print(self.usage + flags.FLAGS.module_help(sys.modules[self.module]))
            sys.exit(0)
        try:
            positional = flags.FLAGS(argv)[1:]
        except flags.Error as error:
            self.fail_flags(str(error).splitlines()[0].rstrip("."))
        if positional:
            self.fail_flags(f"Unexpected argument '{positional[0]}'")
        for name in self.required:
            if not flags.FLAGS[name].value:
                self.fail_flags(f"The flag --{name} is missing")
        return [argv[0]]
