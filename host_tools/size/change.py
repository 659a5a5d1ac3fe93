"""What grew and what shrank between two images."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from host_tools.size.report import Piece, Report

_NAMED = 5


@dataclass(frozen=True)
class Change:
    """How many bytes more a module, or a function of it, takes than before. kind: as a piece's."""

    kind: str
    module: str
    name: str
    flash: int
    ram: int


def by_module(before: Report, after: Report) -> list[Change]:
    """The modules that changed, the largest change first."""
    return _changes(before, after, lambda piece: (piece.kind, piece.module, ""))


def by_function(before: Report, after: Report) -> list[Change]:
    """The functions and objects that changed, the largest change first."""
    return _changes(before, after, lambda piece: (piece.kind, piece.module, piece.name))


def growth(before: Report, after: Report, kind: str) -> str:
    """What took the most bytes more of `kind`, `flash` or `ram`, in a few words; empty if nothing did."""
    grown = [change for change in by_function(before, after) if getattr(change, kind) > 0]
    grown.sort(key=lambda change: -getattr(change, kind))
    named = [f"{change.module} {change.name} +{getattr(change, kind)}" for change in grown[:_NAMED]]
    more = f" and {len(grown) - _NAMED} others" if len(grown) > _NAMED else ""
    return ", ".join(named) + more


def _changes(before: Report, after: Report, key: Callable[[Piece], tuple[str, str, str]]) -> list[Change]:
    old, new = _sums(before.pieces, key), _sums(after.pieces, key)
    found = []
    for each in {**old, **new}:
        flash, ram = (new.get(each, (0, 0))[index] - old.get(each, (0, 0))[index] for index in (0, 1))
        if flash or ram:
            found.append(Change(*each, flash, ram))
    return sorted(found, key=lambda change: (-abs(change.flash) - abs(change.ram), change.module, change.name))


def _sums(
    pieces: Iterable[Piece], key: Callable[[Piece], tuple[str, str, str]]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    for piece in pieces:
        flash, ram = sums.get(key(piece), (0, 0))
        sums[key(piece)] = flash + piece.flash, ram + piece.ram
    return sums
