"""Draws ratios as an SVG: panels of cells, blue above one, red below."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.experiments import page

CELL_WIDTH, CELL_HEIGHT, LEFT, TOP, GAP = 88, 34, 56, 44, 24
PANELS_PER_ROW = 2
# A ratio of so much, or one over it, has the full colour.
FULL = 5.0
BLUE, RED, EMPTY = (31, 111, 235), (215, 58, 73), "#f0f0f0"


@dataclass(frozen=True)
class Cell:
    """A ratio, and what stands below it."""

    ratio: float
    label: str


# By row and column; a place without a cell stays grey.
Panel = Mapping[tuple[int, int], Cell]


def heat_map(
    title: str,
    panels: Mapping[str, Panel],
    rows: tuple[str, Sequence[int]],
    columns: tuple[str, Sequence[int]],
) -> str:
    """The drawing; `panels` by title, `rows` and `columns` with what they are called."""
    across = LEFT + CELL_WIDTH * len(columns[1]) + GAP
    down = TOP + CELL_HEIGHT * len(rows[1]) + GAP
    parts = [f'<text x="12" y="24" font-size="15" font-weight="bold">{title}</text>']
    for number, (name, panel) in enumerate(panels.items()):
        x, y = number % PANELS_PER_ROW * across, 36 + number // PANELS_PER_ROW * down
        drawn = _panel(name, panel, rows, columns)
        parts.append(f'<g transform="translate({x},{y})">{drawn}</g>')
    lines = math.ceil(len(panels) / PANELS_PER_ROW)
    return page.svg(PANELS_PER_ROW * across, 36 + lines * down, title, parts)


def _panel(
    name: str,
    panel: Panel,
    rows: tuple[str, Sequence[int]],
    columns: tuple[str, Sequence[int]],
) -> str:
    parts = [
        f'<text x="{LEFT}" y="16" font-weight="bold">{name}</text>',
        f'<text x="{LEFT - 8}" y="{TOP - 8}" text-anchor="end" fill="#666">{rows[0]}</text>',
    ]
    for j, column in enumerate(columns[1]):
        x = LEFT + (j + 0.5) * CELL_WIDTH
        text = f"{columns[0]} {column}" if j == 0 else f"{column}"
        parts.append(f'<text x="{x}" y="{TOP - 8}" text-anchor="middle" fill="#666">{text}</text>')
    for i, row in enumerate(rows[1]):
        y = TOP + i * CELL_HEIGHT
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 21}" text-anchor="end" fill="#666">{row}</text>'
        )
        for j, column in enumerate(columns[1]):
            parts.append(_cell(LEFT + j * CELL_WIDTH, y, panel.get((row, column))))
    return "".join(parts)


def _cell(x: float, y: float, cell: Cell | None) -> str:
    colour = colour_of(cell.ratio) if cell else EMPTY
    box = (
        f'<rect x="{x}" y="{y}" width="{CELL_WIDTH - 2}" height="{CELL_HEIGHT - 2}" '
        f'fill="{colour}" stroke="#ddd"/>'
    )
    if cell is None:
        return box
    middle = x + CELL_WIDTH / 2 - 1
    return (
        f'{box}<text x="{middle}" y="{y + 15}" text-anchor="middle">{cell.ratio:.2f}</text>'
        f'<text x="{middle}" y="{y + 27}" text-anchor="middle" font-size="9">{cell.label}</text>'
    )


def colour_of(ratio: float) -> str:
    """White at 1, on a logarithmic scale to blue (above) or red (below); never too dark to read."""
    strength = min(abs(math.log(ratio)) / math.log(FULL), 1) * 0.7
    end = BLUE if ratio >= 1 else RED
    return "#" + "".join(f"{round(255 + (value - 255) * strength):02x}" for value in end)
