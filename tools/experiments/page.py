"""What the pages of docs/ that a script writes have in common: texts and drawings."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence


def made_by(script: str, day: datetime.date) -> str:
    """How a page begins: `script` is the module of tools.experiments that writes it."""
    return f"Made on {day} by `python -m tools.experiments.{script}`; do not edit."


def last_paragraph(docstring: str | None) -> str:
    """What a command's docstring says behind its first line and usage, as one line."""
    paragraphs = (docstring or "").strip().split("\n\n")
    return re.sub(r"\s+", " ", paragraphs[-1])


def without_title(docstring: str | None) -> str:
    """A docstring's text behind its first line."""
    return (docstring or "").strip().partition("\n\n")[2]


def svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """A drawing on white, from its elements; `title` is for those who cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"<title>{title}</title>{''.join(parts)}</svg>\n"
    )
