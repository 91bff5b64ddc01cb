"""Results of long measurements, in a file, so that an interrupted run goes on where it stopped."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wqlite.converter.files import write_whole


class Results:
    """JSON values by name, in a file; those that were measured with other tools are dropped."""

    def __init__(self, path: Path, tools: Iterable[Path]) -> None:
        """Reads what is there.

        Args:
            path: of the file; its folder is made.
            tools: the files that the results depend on (libraries, programs).
        """
        digest = hashlib.sha256()
        for tool in tools:
            digest.update(tool.read_bytes())
        self._path, self._tools = path, digest.hexdigest()
        self._values: dict[str, Any] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        # A damaged file is as good as none.
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            document = json.loads(path.read_text())
            if document["tools"] == self._tools:
                self._values = dict(document["values"])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def update(self, values: dict[str, Any]) -> None:
        """Adds values and writes the file in one go."""
        self._values |= values
        document = {"tools": self._tools, "values": self._values}
        write_whole(self._path, json.dumps(document).encode())
