"""What the pages of docs/ that a script writes have in common: tables, texts, files in one go."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; all columns but the first are aligned right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def last_paragraph(docstring: str | None) -> str:
    """What a command's docstring says behind its first line and usage, as one line."""
    paragraphs = (docstring or "").strip().split("\n\n")
    return re.sub(r"\s+", " ", paragraphs[-1])


def svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """A drawing on white, from its elements; `title` is for those who cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"<title>{title}</title>{''.join(parts)}</svg>\n"
    )


def write(path: Path, text: str) -> None:
    """Replaces a file in one go."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
