"""A plot of what register accesses cost, as SVG: one line a case, on a logarithmic scale."""

import math
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from host_tools.bench.rows import Row
from host_tools.files import write_whole

DOCUMENT = Path("docs", "registers.md")
PLOT = DOCUMENT.with_suffix(".svg")
PREFIX = "registers/"
_KINDS = {
    "hot": ("@hot, lowered", "#b5502b"),
    "ordinary": ("ordinary code, lowered", "#2b6cb5"),
    "unlowered": ("unlowered", "#6b6b6b"),
}
_LEFT, _RIGHT, _TOP, _STEP, _WIDTH = 170, 40, 70, 26, 820
_DECADES = range(5)


def draw(rows: Sequence[Row], path: Path = PLOT) -> bool:
    """Writes the plot; False where there is no such folder here or nothing to plot."""
    cases = [row for row in rows if row.name.startswith(PREFIX) and row.unit == "instructions"]
    if not path.parent.is_dir() or not cases:
        return False
    write_whole(path, _svg(cases))
    return True


def _svg(cases: Sequence[Row]) -> str:
    height = _TOP + _STEP * len(cases) + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif" '
        'font-size="13" fill="#222">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        *_legend(),
        *_grid(height),
    ]
    for number, row in enumerate(cases):
        parts += _case(row, _TOP + _STEP * number + _STEP // 2)
    parts.append(
        _text((_LEFT + _WIDTH - _RIGHT) / 2, height - 8, "instructions an access, emulated STM32F405", "middle")
    )
    return "\n".join([*parts, "</svg>", ""])


def _legend() -> list[str]:
    parts = []
    x = _LEFT
    for label, colour in _KINDS.values():
        parts += [_dot(x, 24, colour), _text(x + 12, 28, label)]
        x += 185
    return [
        *parts,
        _ring(_LEFT, 46),
        _text(_LEFT + 12, 50, "the same effect by hand: viper, mem32, a uctypes bit field"),
    ]


def _grid(height: int) -> list[str]:
    parts = []
    for decade in _DECADES:
        x = _x(10**decade)
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{height - 44}" stroke="#ddd"/>')
        parts.append(_text(x, height - 28, f"{10**decade:,}".replace(",", " "), "middle"))
    return parts


def _case(row: Row, y: float) -> list[str]:
    name, _, kind = row.name.removeprefix(PREFIX).rpartition("/")
    parts = [
        f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#f0f0f0"/>',
        _text(_LEFT - 14, y + 4, name, "end"),
        _dot(_x(row.value), y, _KINDS[kind][1]),
        _text(_x(row.value) + 13, y + 4, f"{row.value:g}" + (f"  ({row.ratio:.2f}x)" if row.ratio else "")),
    ]
    return parts if row.baseline is None else [*parts, _ring(_x(row.baseline), y)]


def _x(value: float) -> float:
    return _LEFT + (_WIDTH - _RIGHT - _LEFT - 90) * math.log10(max(value, 1)) / _DECADES[-1]


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{colour}"/>'


def _ring(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y}" r="8" fill="none" stroke="#222" stroke-width="1.5"/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
