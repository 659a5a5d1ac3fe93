"""Rows for people: a table in the terminal, and the one in docs/benchmarks.md."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from host_tools.bench.rows import Row, round_to_digits
from host_tools.files import write_whole

DOCUMENT = Path("docs", "benchmarks.md")
CHAPTERS = {
    Path("docs", "registers.md"): ("registers/",),
    Path("docs", "concurrency.md"): (
        "critical/",
        "ceiling/",
        "shared/",
        "handler/",
        "signal/",
        "asyncio/",
        "channel/",
        "trace/",
        "interrupts/",
        "preemption/",
    ),
    Path("docs", "pins.md"): ("pin/",),
    Path("docs", "uart.md"): ("uart/",),
}
"""Pages that show some of the rows themselves: those whose names start with one of these."""

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
WIDTH_WITHOUT_TERMINAL = 160
_HEADINGS = ("name", "board", "value", "min … p95 (runs)", "baseline", "ratio", "asked", "")


def show(rows: Sequence[Row]) -> None:
    """Prints the table."""
    table = Table(*_HEADINGS)
    for row in rows:
        table.add_row(*_cells(row), style="red" if row.missed else None)
    screen = Console()
    Console(width=screen.width if screen.is_terminal else WIDTH_WITHOUT_TERMINAL).print(table)


def document(rows: Sequence[Row], machine: str, path: Path = DOCUMENT) -> bool:
    """Puts the table between the marks in the document; False when there is no such document here."""
    if not path.exists():
        return False
    head, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        return False
    write_whole(path, f"{head}{BEGIN}\n{machine}\n\n{_markdown(rows)}\n{END}{tail}")
    return True


def this_machine(emulator: str) -> str:
    """One line on what was measured on; take it before the measuring starts, for the load."""
    models = [line.split(":")[1] for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    model = models[0].strip() if models else platform.machine()
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {len(os.sched_getaffinity(0))} cores of {model}, QEMU {emulator}, "
        f"Python {platform.python_version()}; load of the machine at the start {os.getloadavg()[0]:.1f}."
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _cells(row: Row) -> list[str]:
    spread = row.spread
    baseline = "" if row.baseline is None else _figure(row.baseline) + (f" {row.against}" if row.against else "")
    return [
        row.name,
        row.board,
        f"{_figure(row.value)} {row.unit}",
        f"{_figure(spread.min)} … {_figure(spread.p95)} ({spread.runs})" if spread else "",
        baseline,
        "" if row.ratio is None else f"{row.ratio:.2f}",
        _asked(row),
        "" if not _asked(row) else "missed" if row.missed else "ok",
    ]


def _asked(row: Row) -> str:
    if row.at_most is not None:
        return f"<= {_figure(row.at_most)}"
    return f">= {_figure(row.at_least)}" if row.at_least is not None else ""


def _figure(value: float) -> str:
    return f"{round_to_digits(value):g}"


def _markdown(rows: Sequence[Row]) -> str:
    lines = [list(_HEADINGS), ["---"] * len(_HEADINGS), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
