"""Sizes as tables for people."""

from collections.abc import Iterable

from rich.table import Table

from host_tools.size.change import Change
from host_tools.size.report import Piece, Report


def modules(report: Report, most: int) -> Table:
    """The modules that take the most, and the rest in one row."""
    sums: dict[tuple[str, str], list[int]] = {}
    for piece in report.pieces:
        total = sums.setdefault((piece.kind, piece.module), [0, 0])
        total[0] += piece.flash
        total[1] += piece.ram
    rows = [(kind, module, "", "", flash, ram) for (kind, module), (flash, ram) in sums.items()]
    return _table(report, rows, most, "module")


def functions(report: Report, pieces: Iterable[Piece], most: int) -> Table:
    """The functions and objects that take the most, and the rest in one row."""
    rows = [(each.kind, each.module, each.name, each.what, each.flash, each.ram) for each in pieces]
    return _table(report, rows, most, "function")


def changes(found: list[Change], most: int) -> Table:
    """What grew and what shrank."""
    table = Table("kind", "module", "function", box=None)
    for heading in ("flash", "ram"):
        table.add_column(heading, justify="right")
    for change in found[:most]:
        table.add_row(change.kind, change.module, change.name, f"{change.flash:+}", f"{change.ram:+}")
    if len(found) > most:
        rest = found[most:]
        flash, ram = sum(each.flash for each in rest), sum(each.ram for each in rest)
        table.add_row("", f"{len(rest)} others", "", f"{flash:+}", f"{ram:+}")
    return table


def _table(report: Report, rows: list[tuple[str, str, str, str, int, int]], most: int, kind: str) -> Table:
    rows = sorted(rows, key=lambda row: (-row[4] - row[5], row[1], row[2]))
    table = Table("kind", "module", box=None)
    if kind == "function":
        table.add_column("function")
        table.add_column("what")
    for heading in ("flash", "share", "ram"):
        table.add_column(heading, justify="right")
    for row in rows[:most]:
        table.add_row(*_words(row, kind), str(row[4]), _share(row[4], report.flash), str(row[5]))
    if len(rows) > most:
        flash, ram = sum(row[4] for row in rows[most:]), sum(row[5] for row in rows[most:])
        words = ("", f"{len(rows) - most} others", "", "")
        table.add_row(*_words(words, kind), str(flash), _share(flash, report.flash), str(ram))
    return table


def _words(row: tuple[object, ...], kind: str) -> list[str]:
    return [str(word) for word in (row[:4] if kind == "function" else row[:2])]


def _share(flash: int, whole: int) -> str:
    return f"{flash / whole:.1%}" if whole else ""
